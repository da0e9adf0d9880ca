/* SPDX-License-Identifier: MIT */
/*
 * Counting without a line that all share. A worker writes its own tally with
 * plain stores, nobody else does; other threads have one of eight, by their
 * number. So a task costs no contended line; who wants a sum pays for it.
 *
 * Is everybody out? `left` of all tallies is added up first, `entered` of all
 * after it. Both only grow and left <= entered at any moment, so if the sums
 * are equal, then at the moment between them all that had entered had left
 * (Mattern's double count).
 *
 * A submit that counts itself in and then looks whether the executor is closed
 * must not be overlooked by who closes it and then adds up. An outside thread
 * counts with its slot's lock, which whoever closes takes as well, between his
 * store and his sums; or, where the lock has an owner, he has a barrier in all
 * threads instead (see_all()). A worker inside a task needs neither, since that
 * task itself is in: the worker counts its nested submit in before it counts
 * the task out, and who sees the latter (acquire) sees the former (release).
 */
#include "tally.h"

#include "barrier.h"
#include "executor_impl.h"

/* Where this thread counts; `*is_own`: it alone. */
static inline struct cfi_tally *here(struct cf_executor *executor, bool *is_own)
{
    const struct cfi_worker *worker = cfi_worker_current();

    *is_own =
        worker != NULL && worker->executor == executor && worker->tally != NULL;
    return *is_own ? worker->tally
                   : &executor->outside[cfi_thread_slot()].tally;
}

static inline void add(_Atomic uint64_t *count, uint64_t more, bool is_own)
{
    if (is_own)
        cfi_tally_count(count, more);
    else
        atomic_fetch_add(count, more);
}

void cfi_tally_add(struct cf_executor *executor, struct cfi_tally *tally)
{
    tally->next = atomic_load(&executor->tallies);
    while (
        !atomic_compare_exchange_weak(&executor->tallies, &tally->next, tally))
        ;
}

void cfi_tally_see_all(struct cf_executor *executor)
{
    bool is_due = false;

    for (size_t i = 0; i < CFI_THREAD_SLOTS; i++) {
        struct cfi_biased_lock *lock = &executor->outside[i].lock;
        if (cfi_biased_is_anothers(lock)) {
            is_due = true;
        } else {
            cfi_lock(&lock->lock);
            cfi_unlock(&lock->lock);
        }
    }
    /* or a worker's task was written off: it is in one that is not in */
    if (is_due || atomic_load(&executor->written_off) != 0)
        cfi_barrier_all();
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

/* --- sums --- */

/* Of one count, at `offset` in every tally. */
static uint64_t sum(const struct cf_executor *executor, size_t offset)
{
    const struct cfi_tally *tally = atomic_load(&executor->tallies);
    uint64_t all = 0;

    for (; tally != NULL; tally = tally->next)
        /* acquires what cfi_tally_count() released; sequentially consistent,
         * since of two workers who count the last two tasks out one must see
         * the other */
        all += atomic_load(
            (const _Atomic uint64_t *)((const char *)tally + offset));
    for (size_t i = 0; i < CFI_THREAD_SLOTS; i++)
        all += atomic_load(
            (const _Atomic uint64_t
                 *)((const char *)&executor->outside[i].tally + offset));
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
    uint64_t entered = 0;

    for (uint32_t epoch = 0; epoch < CFI_EPOCHS; epoch++)
        entered += sum(
            executor, epoch_offset(offsetof(struct cfi_tally, entered), epoch));
    return entered - refused;
}

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
    uint64_t entered = 0;

#pragma GCC unroll 4
    for (int i = 0; i < CFI_EPOCHS; i++)
        entered += atomic_load(&tally->entered[i]);
    return entered - atomic_load(&tally->refused);
}

static uint64_t sum_of(const struct cf_executor *executor,
                       uint64_t (*count)(const struct cfi_tally *tally))
{
    uint64_t all = 0;

    for (const struct cfi_tally *tally = atomic_load(&executor->tallies);
         tally != NULL; tally = tally->next)
        all += count(tally);
    for (size_t i = 0; i < CFI_THREAD_SLOTS; i++)
        all += count(&executor->outside[i].tally);
    return all;
}

/* Asked with every submit while fewer workers are there than there may be: so
 * tally by tally, not count by count. */
uint64_t cfi_tally_unfinished(struct cf_executor *executor)
{
    /* Of two who count themselves in and then look whether there are workers
     * enough, the later one here sees what the earlier one counted: acq_rel,
     * which pairs with itself. */
    atomic_fetch_add_explicit(&executor->looked, 1, memory_order_acq_rel);
    /* ended first, or it might exceed what was accepted */
    uint64_t ended = sum_of(executor, ended_of);

    return sum_of(executor, accepted_of) - ended;
}
