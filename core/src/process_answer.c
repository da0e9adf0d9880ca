/* SPDX-License-Identifier: MIT */
#include "process_answer.h"

#include <string.h>

#include "worker_buffers.h"

void cfi_answers_init(struct cfi_answers *answers,
                      const struct cfi_region *region,
                      struct cfi_worker_buffers *buffers)
{
    answers->rings = region->rings;
    answers->buffers = buffers;
    cfi_arena_init(&answers->results, region->results, region->arena_bytes);
}

void cfi_answers_reclaim(struct cfi_answers *answers)
{
    /* acquire: the host has copied what is reused now; pairs with the release
     * in cfi_lane_drain() */
    uint64_t drained =
        atomic_load_explicit(&answers->rings->drained, memory_order_acquire);

    cfi_arena_release(&answers->results, drained);
    /* relaxed: the request that is run now was sent after it, and acquired */
    uint32_t trimmed =
        atomic_load_explicit(&answers->rings->trimmed, memory_order_relaxed);
    if (trimmed != answers->trimmed)
        cfi_arena_note_trimmed(&answers->results);
    answers->trimmed = trimmed;
}

/* Puts a payload of `bytes` bytes where the host will find it. */
static bool place(struct cfi_answers *answers, uint64_t position,
                  struct cfi_report *report, const void *payload, size_t bytes)
{
    struct cfi_result *result = cfi_rings_result(answers->rings, position);
    size_t at;

    report->bytes = bytes;
    report->at = CFI_IN_SLOT;
    if (bytes <= CFI_SLOT_BYTES) {
        if (payload != result->bytes && bytes > 0)
            memcpy(result->bytes, payload, bytes);
        return true;
    }
    if (!cfi_arena_take(&answers->results, position, bytes, &at))
        return false;
    memcpy(answers->results.base + at, payload, bytes);
    report->at = at;
    return true;
}

static void place_error(struct cfi_answers *answers, uint64_t position,
                        struct cfi_report *report,
                        const struct cfi_error *error)
{
    if (error == NULL)
        return;
    size_t message_bytes = strlen(error->message) + 1;
    size_t bytes = message_bytes + strlen(error->file) + 1;

    report->code = error->code;
    report->line = error->line;
    /* both texts lie in one block, in this order */
    if (place(answers, position, report, error->texts, bytes))
        report->message_bytes = (uint32_t)message_bytes;
    else
        report->bytes = 0;
}

void *cfi_answers_offer_space(struct cfi_answers *answers, uint64_t position,
                              size_t *bytes)
{
    size_t at = cfi_arena_offer(&answers->results, bytes);

    if (*bytes > CFI_SLOT_BYTES)
        return answers->results.base + at;
    *bytes = CFI_SLOT_BYTES;
    return cfi_rings_result(answers->rings, position)->bytes;
}

/* A result that turns out not to travel. */
static void place_failure(struct cfi_answers *answers, uint64_t position,
                          struct cfi_report *report,
                          struct cfi_outcome *outcome)
{
    report->status = CF_EXCEPTION;
    report->bytes = 0;
    place_error(answers, position, report, outcome->error);
}

static void place_buffer(struct cfi_answers *answers, uint64_t position,
                         struct cfi_report *report, struct cfi_outcome *outcome)
{
    report->at = CFI_IN_SLOT;
    report->buffer = cfi_worker_buffers_report(answers->buffers,
                                               cfi_outcome_buffer(outcome));
    if (report->buffer != CFI_BUFFER_NONE)
        return;
    cfi_outcome_fail(outcome, CF_EXCEPTION, CF_SYSTEM,
                     "the result's buffer cannot be handed over: its "
                     "descriptor was closed, or too many are on their way");
    place_failure(answers, position, report, outcome);
}

static void place_result(struct cfi_answers *answers, uint64_t position,
                         struct cfi_report *report, struct cfi_outcome *outcome)
{
    size_t bytes = outcome->result_bytes;
    const unsigned char *payload = outcome->result;

    if (outcome->is_object) {
        place_buffer(answers, position, report, outcome);
    } else if (!outcome->is_heap && bytes > CFI_SLOT_BYTES) {
        report->bytes = bytes;
        report->at = (uint64_t)(payload - answers->results.base);
        cfi_arena_keep(&answers->results, position, report->at, bytes);
    } else if (!place(answers, position, report, payload, bytes)) {
        cfi_outcome_fail(outcome, CF_EXCEPTION, CF_NOMEM,
                         "no shared memory for a result of %zu bytes", bytes);
        place_failure(answers, position, report, outcome);
    }
}

void cfi_answers_place(struct cfi_answers *answers, uint64_t position,
                       struct cfi_report *report, struct cfi_outcome *outcome)
{
    report->status = outcome->status;
    if (outcome->status == CF_OK)
        place_result(answers, position, report, outcome);
    else
        place_error(answers, position, report, outcome->error);
}
