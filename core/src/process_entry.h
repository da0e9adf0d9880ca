/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_ENTRY_H
#define CFI_PROCESS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include <cf/status.h>

#include "board.h"
#include "region.h"
#include "zygote.h"

struct cf_executor;

/*
 * What an exec'ed process must be told, since it inherits no memory. Its
 * starter sends one message, the greeting, whose descriptors come in the order
 * of the roles below; a zygote answers with a reply.
 */
enum cfi_entry_role { CFI_ENTER_AS_ZYGOTE = 1, CFI_ENTER_AS_WORKER };

struct cfi_entry_greeting {
    uint64_t magic; /* CFI_ENTRY_MAGIC */
    uint32_t role;
    struct cfi_worker_order order; /* of a worker */
};

/* "cf_entry", and what tells another build of the library, which a program that
 * is started anew may find: what it shares with its host is of other sizes. */
#define CFI_ENTRY_MAGIC                                                        \
    ((uint64_t)0x63665f656e747279 ^ (uint64_t)sizeof(struct cfi_rings) << 16 ^ \
     sizeof(struct cfi_desk))

enum {
    CFI_ENTRY_SETTINGS,
    CFI_ENTRY_BELL,
    CFI_ENTRY_CATALOGUE,
    CFI_ENTRY_REGION,
    CFI_ENTRY_PARENT = CFI_ENTRY_REGION,
    CFI_ENTRY_POST,
    CFI_ENTRY_OF_ZYGOTE = CFI_ENTRY_POST, /* so many */
    CFI_ENTRY_DESCRIPTORS
};

struct cfi_entry_reply {
    uint32_t status; /* CF_OK; else `why` tells why it cannot serve */
    char why[200];
};

/* Puts what there is to know of an executor into memory for exec'ed processes
 * to read; `*descriptor` is the caller's to close. CF_OK, CF_NOMEM,
 * CF_SYSTEM, CF_UNSUPPORTED. */
CF_MUST_CHECK enum cf_status
cfi_settings_write(const struct cf_executor *executor, int *descriptor);

/* In the exec'ed process: makes an executor of it, enough to run workers of.
 * NULL: it cannot, and `why` tells why. */
struct cf_executor *cfi_settings_read(int descriptor, char *why,
                                      size_t why_bytes);

/* Serves as what the greeting from `socket` says, and leaves. */
noreturn void cfi_process_enter(int socket);

#endif
