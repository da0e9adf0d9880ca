/* SPDX-License-Identifier: MIT */
/* Errors that no task in a worker process has read, as these tell of them: kept
 * while the host's lock is held, handed to the executor's handler after it. */
#include <stdlib.h>
#include <string.h>

#include "process_host.h"

struct cfi_unread_note {
    struct cfi_unread_note *next;
    struct cf_error error;
    const char *name;
    char texts[]; /* of both */
};

/* False: that many texts do not lie there. */
static bool find_texts(struct cfi_unread_note *note, size_t bytes)
{
    const char **const places[CFI_UNREAD_TEXTS] = {
        &note->name, &note->error.message, &note->error.file,
        &note->error.backtrace};
    const char *text = note->texts, *end = note->texts + bytes;

    for (size_t i = 0; i < CFI_UNREAD_TEXTS; i++) {
        size_t length = strnlen(text, (size_t)(end - text));
        if (length == (size_t)(end - text))
            return false;
        *places[i] = text;
        text += length + 1;
    }
    return true;
}

static bool is_failure(uint32_t status)
{
    return status != CF_OK && status <= CF_STOPPED;
}

/* False: nonsense. */
static bool fill(struct cfi_unread_note *note, const unsigned char *from,
                 size_t text_bytes)
{
    struct cfi_unread unread;

    memcpy(&unread, from, sizeof unread);
    memcpy(note->texts, from + sizeof unread, text_bytes);
    note->error =
        (struct cf_error){.status = (enum cf_status)unread.status,
                          .code = unread.code,
                          .line = unread.line,
                          .signal = unread.signal,
                          .exit_code = unread.exit_code,
                          .is_out_of_memory = unread.is_out_of_memory != 0,
                          .rung = (enum cf_rung)unread.rung,
                          .pid = unread.pid,
                          .peak_bytes = unread.peak_bytes,
                          .fault_address = unread.fault_address};
    return is_failure(unread.status) && unread.rung <= CF_RUNG_ABANDONED &&
           find_texts(note, text_bytes);
}

bool cfi_host_note_unread(struct cfi_host *host, const unsigned char *from,
                          uint64_t bytes, struct cfi_endings *endings)
{
    struct cfi_unread_note **last = &endings->unread;

    if (bytes < sizeof(struct cfi_unread) || bytes > CFI_WINDOW_BYTES)
        return false;
    size_t text_bytes = bytes - sizeof(struct cfi_unread);
    struct cfi_unread_note *note = malloc(sizeof *note + text_bytes);
    if (note == NULL) {
        cfi_tally_end(host->executor, CFI_UNREAD); /* counted at least */
        return true;
    }
    note->next = NULL;
    if (!fill(note, from, text_bytes)) {
        free(note);
        return false;
    }
    while (*last != NULL)
        last = &(*last)->next;
    *last = note;
    return true;
}

void cfi_host_tell_unread(struct cfi_host *host, struct cfi_unread_note *first)
{
    struct cfi_unread_note *next;

    for (struct cfi_unread_note *note = first; note != NULL; note = next) {
        next = note->next;
        cfi_executor_unread_error(host->executor, note->name, &note->error);
        free(note);
    }
}
