/* SPDX-License-Identifier: MIT */
/* What an exec'ed process of ours does first: hears who it is to be, maps what
 * it shares, makes itself an executor of its settings, and becomes a zygote or
 * a worker. It never comes back to the program. */
#include "process_entry.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "descriptor.h"
#include "executor_impl.h"
#include "last_words.h"
#include "process_worker.h"
#include "zygote_process.h"

/* Everything a process of ours was given. */
struct entry {
    int socket;
    struct cfi_entry_greeting greeting;
    int descriptors[CFI_ENTRY_DESCRIPTORS];
    struct cfi_board board;
    struct cf_executor *executor;
};

static bool hear(struct entry *entry)
{
    size_t count = CFI_ENTRY_DESCRIPTORS;
    ssize_t received = cfi_message_receive_many(entry->socket, &entry->greeting,
                                                sizeof entry->greeting,
                                                entry->descriptors, &count, 0);

    return received == (ssize_t)sizeof entry->greeting &&
           entry->greeting.magic == CFI_ENTRY_MAGIC &&
           count == (entry->greeting.role == CFI_ENTER_AS_ZYGOTE
                         ? CFI_ENTRY_OF_ZYGOTE
                         : CFI_ENTRY_DESCRIPTORS);
}

static bool prepare(struct entry *entry, char *why, size_t why_bytes)
{
    entry->board = (struct cfi_board){
        .bell_fd = entry->descriptors[CFI_ENTRY_BELL],
        .catalogue_fd = entry->descriptors[CFI_ENTRY_CATALOGUE]};
    if (cfi_board_map(&entry->board) != CF_OK) {
        snprintf(why, why_bytes, "a worker process has no address space");
        return false;
    }
    entry->executor = cfi_settings_read(entry->descriptors[CFI_ENTRY_SETTINGS],
                                        why, why_bytes);
    return entry->executor != NULL;
}

static noreturn void be_zygote(struct entry *entry)
{
    struct cfi_entry_reply reply = {.status = CF_OK};

    cfi_last_words_prepare();
    if (!prepare(entry, reply.why, sizeof reply.why))
        reply.status = CF_UNSUPPORTED;
    if (!cfi_message_send(entry->socket, &reply, sizeof reply, -1, 0) ||
        reply.status != CF_OK)
        _exit(1);
    cfi_zygote_main(entry->socket, entry->descriptors[CFI_ENTRY_PARENT],
                    entry->executor, &entry->board,
                    entry->descriptors[CFI_ENTRY_SETTINGS]);
}

static noreturn void be_worker(struct entry *entry)
{
    char why[160];
    bool is_fine = prepare(entry, why, sizeof why);
    int region = entry->descriptors[CFI_ENTRY_REGION];
    int post = entry->descriptors[CFI_ENTRY_POST];

    cfi_descriptor_close(&entry->socket);
    cfi_descriptor_close(&entry->descriptors[CFI_ENTRY_SETTINGS]);
    cfi_last_words_prepare();
    if (!is_fine)
        cfi_process_worker_refuse(region, why);
    cfi_board_close_descriptors(&entry->board);
    cfi_process_worker_main(&entry->greeting.order, region, post,
                            entry->executor, &entry->board);
}

noreturn void cfi_process_enter(int socket)
{
    static struct entry entry;

    entry.socket = cfi_descriptor_adopt(socket);
    if (!hear(&entry))
        _exit(127);
    if (entry.greeting.role == CFI_ENTER_AS_ZYGOTE)
        be_zygote(&entry);
    be_worker(&entry);
}
