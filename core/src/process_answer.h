/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_ANSWER_H
#define CFI_PROCESS_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "outcome.h"
#include "region.h"

struct cfi_worker_buffers;

/* Where a worker process lays what its tasks bring, for its host to find:
 * small payloads in the slot of their position, large ones in the arena. */
struct cfi_answers {
    struct cfi_rings *rings;
    struct cfi_arena results;
    uint32_t trimmed; /* as last seen: see ring.h */
    struct cfi_worker_buffers *buffers;
};

/* `region` and `buffers` are the caller's and outlive it. */
void cfi_answers_init(struct cfi_answers *answers,
                      const struct cfi_region *region,
                      struct cfi_worker_buffers *buffers);

/* Takes back the room of all that the host has copied. */
void cfi_answers_reclaim(struct cfi_answers *answers);

/* Room that the task may fill in place: the arena's, where that is larger. */
void *cfi_answers_offer_space(struct cfi_answers *answers, uint64_t position,
                              size_t *bytes);

/* Lays down the result or the error, and says in the report what and where. A
 * result for which there is no room becomes a failure that says so. */
void cfi_answers_place(struct cfi_answers *answers, uint64_t position,
                       struct cfi_report *report, struct cfi_outcome *outcome);

#endif
