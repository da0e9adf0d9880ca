/* SPDX-License-Identifier: MIT */
/*
 * Counting without a line that all share. A worker writes its own tally with
 * plain stores, nobody else does; other threads add to one of eight by their
 * number. So a task costs no contended line; who wants a sum pays for it.
 *
 * Is everybody out? `left` of all tallies is added up first, `entered` of all
 * after it. Both only grow and left <= entered at any moment, so if the sums
 * are equal, then at the moment between them all that had entered had left
 * (Mattern's double count).
 *
 * A submit that counts itself in and then looks whether the executor is closed
 * must not be overlooked by who closes it and then adds up: an outside thread
 * counts by a sequentially consistent read-modify-write. A worker inside a
 * task need not, since that task itself is in: the worker counts its nested
 * submit in before it counts the task out, and who sees the latter (acquire)
 * sees the former (release).
 */
#include "tally.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "executor_impl.h"

_Thread_local uint32_t cfi_own_slot;

uint32_t cfi_thread_slot_first(void)
{
    uint32_t slot = (uint32_t)syscall(SYS_gettid) % CFI_OUTSIDE_TALLIES;

    cfi_own_slot = slot + 1;
    return slot;
}

/* Where this thread counts; `*is_own`: it alone. */
static inline struct cfi_tally *here(struct cf_executor *executor, bool *is_own)
{
    const struct cfi_worker *worker = cfi_worker_current();

    *is_own =
        worker != NULL && worker->executor == executor && worker->tally != NULL;
    return *is_own ? worker->tally : &executor->outside[cfi_thread_slot()];
}

static void add(_Atomic uint64_t *count, uint64_t more, bool is_own)
{
    if (!is_own)
        atomic_fetch_add(count, more);
    else /* release: pairs with the acquire in sum() */
        atomic_store_explicit(
            count, atomic_load_explicit(count, memory_order_relaxed) + more,
            memory_order_release);
}

void cfi_tally_add(struct cf_executor *executor, struct cfi_tally *tally)
{
    tally->next = atomic_load(&executor->tallies);
    while (
        !atomic_compare_exchange_weak(&executor->tallies, &tally->next, tally))
        ;
}

void cfi_tally_enter(struct cf_executor *executor, size_t count, uint32_t epoch)
{
    bool is_own;
    struct cfi_tally *tally = here(executor, &is_own);

    if (is_own && atomic_load_explicit(&cfi_worker_current()->running,
                                       memory_order_relaxed) == NULL) {
        is_own = false; /* in no task: see above */
        tally = &executor->outside[cfi_thread_slot()];
    }
    add(&tally->entered[epoch], count, is_own);
}

void cfi_tally_end(struct cf_executor *executor, enum cfi_ending ending)
{
    bool is_own;
    struct cfi_tally *tally = here(executor, &is_own);
    add(&tally->ended[ending], 1, is_own);
}

void cfi_tally_unend(struct cf_executor *executor, enum cfi_ending ending)
{
    bool is_own;
    struct cfi_tally *tally = here(executor, &is_own);
    add(&tally->ended[ending], (uint64_t)-1, is_own);
}

void cfi_tally_refuse(struct cf_executor *executor, size_t count)
{
    bool is_own;
    struct cfi_tally *tally = here(executor, &is_own);
    add(&tally->refused, count, is_own);
}

void cfi_tally_leave(struct cf_executor *executor, size_t count, uint32_t epoch)
{
    bool is_own;
    struct cfi_tally *tally = here(executor, &is_own);
    if (is_own) /* sequentially consistent: see admission.c */
        atomic_store(
            &tally->left[epoch],
            atomic_load_explicit(&tally->left[epoch], memory_order_relaxed) +
                count);
    else
        atomic_fetch_add(&tally->left[epoch], count);
}

void cfi_tally_leave_unseen(struct cfi_tally *tally, uint32_t epoch)
{
    add(&tally->left[epoch], 1, true);
}

/* --- sums --- */

/* Of one count, at `offset` in every tally. */
static uint64_t sum(const struct cf_executor *executor, size_t offset)
{
    const struct cfi_tally *tally = atomic_load(&executor->tallies);
    uint64_t all = 0;

    for (; tally != NULL; tally = tally->next)
        /* acquires what add() released; sequentially consistent, since of two
         * workers who count the last two tasks out one must see the other */
        all += atomic_load(
            (const _Atomic uint64_t *)((const char *)tally + offset));
    for (size_t i = 0; i < CFI_OUTSIDE_TALLIES; i++)
        all += atomic_load(
            (const _Atomic uint64_t *)((const char *)&executor->outside[i] +
                                       offset));
    return all;
}

static size_t epoch_offset(size_t offset, uint32_t epoch)
{
    return offset + epoch * sizeof(uint64_t);
}

bool cfi_tally_is_level(const struct cf_executor *executor, uint32_t epoch)
{
    uint64_t left =
        sum(executor, epoch_offset(offsetof(struct cfi_tally, left), epoch));
    return left ==
           sum(executor,
               epoch_offset(offsetof(struct cfi_tally, entered), epoch));
}

uint64_t cfi_tally_ended(const struct cf_executor *executor,
                         enum cfi_ending ending)
{
    return sum(executor, offsetof(struct cfi_tally, ended) +
                             (size_t)ending * sizeof(uint64_t));
}

uint64_t cfi_tally_accepted(const struct cf_executor *executor)
{
    uint64_t refused = sum(executor, offsetof(struct cfi_tally, refused));

    return sum(executor, epoch_offset(offsetof(struct cfi_tally, entered), 0)) +
           sum(executor, epoch_offset(offsetof(struct cfi_tally, entered), 1)) -
           refused;
}

/* Sequentially consistent, both: of two who count themselves in and then look
 * whether there are workers enough, one must see the other. */
static uint64_t ended_of(const struct cfi_tally *tally)
{
    uint64_t ended = 0;

#pragma GCC unroll 7
    for (int i = 0; i < CFI_WAYS_TO_END; i++)
        ended += atomic_load(&tally->ended[i]);
    return ended;
}

static uint64_t accepted_of(const struct cfi_tally *tally)
{
    return atomic_load(&tally->entered[0]) + atomic_load(&tally->entered[1]) -
           atomic_load(&tally->refused);
}

static uint64_t sum_of(const struct cf_executor *executor,
                       uint64_t (*count)(const struct cfi_tally *tally))
{
    uint64_t all = 0;

    for (const struct cfi_tally *tally = atomic_load(&executor->tallies);
         tally != NULL; tally = tally->next)
        all += count(tally);
    for (size_t i = 0; i < CFI_OUTSIDE_TALLIES; i++)
        all += count(&executor->outside[i]);
    return all;
}

/* Asked with every submit while fewer workers are there than there may be: so
 * tally by tally, not count by count. */
uint64_t cfi_tally_unfinished(const struct cf_executor *executor)
{
    /* ended first, or it might exceed what was accepted */
    uint64_t ended = sum_of(executor, ended_of);

    return sum_of(executor, accepted_of) - ended;
}
