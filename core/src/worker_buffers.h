/* SPDX-License-Identifier: MIT */
#ifndef CFI_WORKER_BUFFERS_H
#define CFI_WORKER_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer_impl.h"
#include "ring.h"

/* The buffers that a worker process has mapped, by the names that its host has
 * for them. For one thread. */
struct cfi_worker_buffers {
    int post;
    struct cfi_file file; /* what `post` stands for */
    uint32_t mail;        /* of the ring's, what was seen to */
    size_t count;
    size_t capacity;
    struct cfi_kept_buffer *kept;

    /* those of the task under way */
    struct cf_buffer *named[CF_MOST_BUFFERS];
    uint64_t ids[CF_MOST_BUFFERS];
    size_t named_count;
};

/* `post` becomes its own. */
void cfi_worker_buffers_init(struct cfi_worker_buffers *buffers, int post);

/* Is there anything to tidy? tidy() takes what was posted, and unmaps what
 * need not be kept; before each answer, and before a sleep. */
static inline bool cfi_worker_has_mail(const struct cfi_worker_buffers *buffers,
                                       const struct cfi_rings *rings)
{
    return atomic_load(&rings->mail) != buffers->mail;
}
void cfi_worker_buffers_tidy(struct cfi_worker_buffers *buffers,
                             const struct cfi_rings *rings);

/* Finds those that a request names, `ids` of them unaligned. False: one has
 * not come, and `*why` is a constant text. */
bool cfi_worker_buffers_find(struct cfi_worker_buffers *buffers,
                             const void *ids, size_t count, const char **why);

/* What a report says of a result's buffer; posts it where the host lacks it,
 * and waits for room. CFI_BUFFER_NONE: it cannot be handed over. */
uint64_t cfi_worker_buffers_report(struct cfi_worker_buffers *buffers,
                                   const struct cf_buffer *buffer);

#endif
