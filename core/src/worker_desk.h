/* SPDX-License-Identifier: MIT */
#ifndef CFI_WORKER_DESK_H
#define CFI_WORKER_DESK_H

#include <stdbool.h>

#include "bell.h"
#include "lock.h"
#include "region.h"

/* A worker process's side of the desk (desk.h). Each window is for one thread
 * at a time, from begin() to end(). */
struct cfi_worker_desk {
    struct cfi_region *region;
    struct cfi_bell *bell;
    struct cfi_lock locks[CFI_WINDOWS];
    struct cfi_ringer ringers[CFI_WINDOWS];
};

/* `region` and `bell` are the caller's and outlive it. */
void cfi_worker_desk_init(struct cfi_worker_desk *desk,
                          struct cfi_region *region, struct cfi_bell *bell);

/* Has memory put behind it, before the first question. CF_OK, CF_NOMEM,
 * CF_SYSTEM. */
CF_MUST_CHECK enum cf_status cfi_worker_desk_open(struct cfi_worker_desk *desk);

/* Waits for the window. Its bytes are the question's until ask(), which waits
 * for the answer; then they and the reply are the answer's until end(). */
struct cfi_window *cfi_worker_desk_begin(struct cfi_worker_desk *desk,
                                         size_t which);
const struct cfi_reply *cfi_worker_desk_ask(struct cfi_worker_desk *desk,
                                            size_t which,
                                            const struct cfi_question *asked);
void cfi_worker_desk_end(struct cfi_worker_desk *desk, size_t which);

/* All three, for a question without bytes: a copy of the reply. */
struct cfi_reply cfi_worker_desk_ask_now(struct cfi_worker_desk *desk,
                                         const struct cfi_question *asked);

#endif
