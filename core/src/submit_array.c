/* SPDX-License-Identifier: MIT */
/* How an array of tasks comes in. */
#include "submit.h"

#include "admission.h"
#include "executor_impl.h"
#include "future_tie.h"
#include "last_error.h"
#include "observe.h"

/* So many of an array are made and handed over at a time: workers run the first
 * while the rest is made, and meet lines that a cache has still. Of fewer, each
 * hand-over would cost a process's host more than they are worth. */
#define SLICE 1024

static void set_to_none(struct cf_future **futures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        futures[i] = NULL;
}

/* Where the slice that begins at `first` ends: it has whole chunks. */
static size_t slice_end(const struct cf_executor *executor, size_t first,
                        size_t count, size_t chunk)
{
    size_t size = chunk < SLICE ? SLICE / chunk * chunk : chunk;

    if (executor->backend->takes_whole_arrays || count - first < size)
        return count;
    return first + size;
}

/*
 * A shutdown that cancels what has not started may have looked for it before
 * this was handed over: then it is cancelled here. It sets `cancels` first, we
 * look after the hand-over, both sequentially consistent, so one of the two
 * sees to it. No more is handed over then.
 */
static enum cf_status heed_shutdown(struct cf_executor *executor, bool is_more)
{
    if (atomic_load(&executor->cancels) == 0)
        return CF_OK;
    executor->backend->cancel_pending(executor->state);
    return is_more ? cfi_fail(CF_SHUTDOWN, "the executor is shut down") : CF_OK;
}

/* Makes those from `made` to `end`, each to be run by itself if `is_alone`;
 * returns the first that there was no memory for, else `end`. */
static size_t make(struct cf_executor *executor, cf_function *function,
                   const unsigned char *items, size_t item_bytes, size_t made,
                   size_t end, const struct cf_call *call, uint32_t epoch,
                   bool is_alone, struct cf_future **futures)
{
    while (made < end && (futures[made] = cfi_submit_make(
                              executor, function, items + made * item_bytes,
                              item_bytes, call, epoch)) != NULL) {
        cfi_future_set_item(futures[made], made, is_alone);
        made++;
    }
    return made;
}

static void observe(struct cf_future *const *futures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cfi_observe_submitted(futures[i]);
}

/* What the tasks of an array are to each other, and to who submits them. */
enum kinship {
    SEPARATE,
    PARTS,        /* of one piece of work, for which he sleeps  */
    PARTS_HELPED, /* he takes part */
};

/* Gives the futures to the backend; returns how many it took. */
static size_t hand_over(struct cf_executor *executor,
                        struct cf_future **futures, size_t count, size_t chunk,
                        enum kinship kinship, enum cf_status *status)
{
    const struct cf_backend *backend = executor->backend;
    size_t taken = 0;

    if (kinship != SEPARATE && backend->submit_parts != NULL) {
        *status = backend->submit_parts(executor->state, futures, count,
                                        kinship == PARTS);
        return *status == CF_OK ? count : 0;
    }
    if (backend->submit_array != NULL) {
        *status = backend->submit_array(executor->state, futures, count, chunk);
        return *status == CF_OK ? count : 0;
    }
    while (taken < count) {
        size_t rest = count - taken;
        size_t size = rest < chunk ? rest : chunk;
        for (size_t i = taken; i + 1 < taken + size; i++)
            cfi_future_set_next(futures[i], futures[i + 1]);
        *status =
            backend->submit_of_array != NULL
                ? backend->submit_of_array(executor->state, futures[taken])
                : backend->submit(executor->state, futures[taken]);
        if (*status != CF_OK)
            break;
        taken += size;
    }
    return taken;
}

static enum cf_status submit_all(struct cf_executor *executor,
                                 cf_function *function, const void *items,
                                 size_t item_bytes, size_t count, size_t chunk,
                                 enum kinship kinship,
                                 const struct cf_call *call,
                                 struct cf_future **futures, size_t *submitted)
{
    size_t made = 0;
    uint32_t epoch;

    *submitted = 0;
    set_to_none(futures, count);
    if (count == 0) /* refused as one task would be */
        return cfi_executor_check_open(executor);
    enum cf_status status = cfi_executor_enter(executor, count, &epoch);
    if (status != CF_OK)
        return status;
    while (status == CF_OK && *submitted < count) {
        size_t end = slice_end(executor, *submitted, count, chunk);
        made = make(executor, function, items, item_bytes, made, end, call,
                    epoch, chunk == 1, futures);
        if (made < end) {
            status = CF_NOMEM;
            break;
        }
        size_t taken = hand_over(executor, futures + *submitted,
                                 end - *submitted, chunk, kinship, &status);
        if (executor->observer != NULL)
            observe(futures + *submitted, taken);
        *submitted += taken;
        if (status == CF_OK)
            status = heed_shutdown(executor, *submitted < count);
    }
    for (size_t i = *submitted; i < count; i++) {
        if (i < made)
            cfi_future_discard(futures[i]);
        futures[i] = NULL;
        cfi_executor_withdraw(executor, 1, epoch);
    }
    return status;
}

enum cf_status cfi_submit_array(struct cf_executor *executor,
                                cf_function *function, const void *items,
                                size_t item_bytes, size_t count, size_t chunk,
                                const struct cf_call *call,
                                struct cf_future **futures, size_t *submitted)
{
    return submit_all(executor, function, items, item_bytes, count, chunk,
                      SEPARATE, call, futures, submitted);
}

enum cf_status cfi_submit_parts(struct cf_executor *executor,
                                cf_function *function, const void *items,
                                size_t item_bytes, size_t count,
                                bool caller_sleeps, struct cf_future **futures,
                                size_t *submitted)
{
    return submit_all(executor, function, items, item_bytes, count, 1,
                      caller_sleeps ? PARTS : PARTS_HELPED, NULL, futures,
                      submitted);
}

enum cf_status cf_submit_many(struct cf_executor *executor,
                              cf_function *function, const void *items,
                              size_t item_bytes, size_t count,
                              struct cf_future **futures)
{
    enum cf_status status = CF_OK;
    size_t submitted = 0, bytes;

    if ((futures == NULL && count > 0) || count > SIZE_MAX / sizeof *futures)
        return cfi_fail(CF_INVALID, "no place for %zu futures", count);
    if (executor == NULL || function == NULL ||
        (items == NULL && item_bytes > 0 && count > 0) ||
        __builtin_mul_overflow(count, item_bytes, &bytes)) {
        set_to_none(futures, count);
        return cfi_fail(CF_INVALID, "executor, function or items missing, or "
                                    "items larger than memory");
    }
    if (executor->limit == 0 || count == 0)
        return cfi_submit_array(executor, function, items, item_bytes, count, 1,
                                NULL, futures, &submitted);
    set_to_none(futures, count);
    /* each waits for its room */
    for (size_t i = 0; i < count && status == CF_OK; i++)
        status = cfi_submit_item(executor, function,
                                 (const unsigned char *)items + i * item_bytes,
                                 item_bytes, NULL, i, &futures[i]);
    return status;
}
