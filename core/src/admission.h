/* SPDX-License-Identifier: MIT */
#ifndef CFI_ADMISSION_H
#define CFI_ADMISSION_H

/* Tasks are counted in, and out again: see admission.c. */
#include "executor_impl.h"
#include "task_impl.h"

#define CFI_ON_EACH_SUBMIT static inline __attribute__((always_inline))

/*
 * Counts `count` tasks in, unless the executor takes none (CF_SHUTDOWN,
 * CF_BROKEN). Each is counted out by its future's end; `*epoch` is for that.
 * enter_bounded() also keeps the limit: waits for room or says CF_FULL; in a
 * task or callback that would have to wait, and where the caller is to run what
 * does not fit, it counts in all the same and sets `*must_run`: to be run by
 * the caller, or queued where it cannot. knock() is what both do first, with no
 * eye to the limit; where_full() the rest of the second.
 */
enum cf_status cfi_executor_turn_away(struct cf_executor *executor,
                                      size_t count, uint32_t epoch);
enum cf_status cfi_executor_enter_where_full(struct cf_executor *executor,
                                             uint32_t *epoch, bool *must_run);

/* Is this thread inside one of the executor's tasks, as a worker with a tally of
 * its own? */
static inline bool cfi_worker_is_inside(const struct cfi_worker *worker,
                                        const struct cf_executor *executor)
{
    return worker != NULL && worker->executor == executor &&
           worker->tally != NULL &&
           /* relaxed: our own */
           atomic_load_explicit(&worker->running, memory_order_relaxed) != NULL;
}

CFI_ON_EACH_SUBMIT enum cf_status
cfi_executor_knock(struct cf_executor *executor, size_t count, uint32_t *epoch)
{
    const struct cfi_worker *worker = cfi_worker_current();
    enum cf_status status = cfi_executor_check_ours(executor);

    if (status != CF_OK)
        return status;
    *epoch = atomic_load(&executor->epoch);
    if (cfi_worker_is_inside(worker, executor)) /* see tally.c */
        cfi_tally_count(&worker->tally->entered[*epoch], count);
    else
        cfi_outside_enter(&executor->outside[cfi_thread_slot()], count, *epoch);
    return atomic_load(&executor->closed) == 0 &&
                   !cfi_executor_is_broken(executor)
               ? CF_OK
               : cfi_executor_turn_away(executor, count, *epoch);
}

static inline enum cf_status cfi_executor_enter(struct cf_executor *executor,
                                                size_t count, uint32_t *epoch)
{
    enum cf_status status = cfi_executor_knock(executor, count, epoch);
    if (status == CF_OK && executor->limit != 0)
        atomic_fetch_add(&executor->occupied, count);
    return status;
}

CFI_ON_EACH_SUBMIT enum cf_status
cfi_executor_enter_bounded(struct cf_executor *executor, uint32_t *epoch,
                           bool *must_run)
{
    if (executor->limit != 0)
        return cfi_executor_enter_where_full(executor, epoch, must_run);
    *must_run = false;
    return cfi_executor_knock(executor, 1, epoch);
}

/* What a submit would be refused with now; a moment later it may be another. */
enum cf_status cfi_executor_check_open(const struct cf_executor *executor);

/* For a task that was let in elsewhere: neither whether the executor is closed
 * is looked at, nor a limit. CF_SHUTDOWN where a shutdown cancels. */
enum cf_status cfi_executor_let_in(struct cf_executor *executor,
                                   uint32_t *epoch);

/* enter_bounded() for a worker in another process: waits for nothing. */
enum cf_status cfi_executor_enter_for_worker(struct cf_executor *executor,
                                             uint32_t *epoch, bool *must_run);

/* Counts tasks out: they are over; were not let in, or found no room; were,
 * and their submit failed all the same. */
void cfi_executor_leave(struct cf_executor *executor, size_t count,
                        uint32_t epoch);
void cfi_executor_refuse(struct cf_executor *executor, size_t count,
                         uint32_t epoch);
void cfi_executor_withdraw(struct cf_executor *executor, size_t count,
                           uint32_t epoch);

/* Takes cfi_executor_outcome_known() back: it was not the outcome after all. */
void cfi_executor_outcome_unknown(struct cf_executor *executor,
                                  enum cfi_ending ending);
enum cfi_ending cfi_ending_of(enum cf_status status);

/* A sleep for which somebody may stand in; a poll is none. False: not in time, or
 * interrupted. */
bool cfi_admission_sleep(struct cfi_eventcount *event, uint32_t key,
                         int64_t deadline_ns);

/* Is this one of its worker processes, and the executor its host's? */
static inline bool
cfi_executor_is_in_its_worker(const struct cf_executor *executor)
{
    return executor->backend->borrow != NULL;
}

/* Does nobody stand in there for a worker that waits, or does not come back? */
static inline bool
cfi_executor_is_without_spares(const struct cf_executor *executor)
{
    return executor->backend->write_off == NULL &&
           !cfi_executor_is_in_its_worker(executor);
}

/* The two halves of a future's end. */
void cfi_executor_outcome_known(struct cf_executor *executor,
                                enum cfi_ending ending);
void cfi_executor_task_ended(struct cf_executor *executor, uint32_t epoch);

/* The first half, for a worker of the executor. */
static inline void cfi_worker_knows_outcome(const struct cfi_worker *worker,
                                            struct cf_executor *executor,
                                            enum cf_status status)
{
    if (status == CF_OK && worker->tally != NULL && executor->limit == 0)
        cfi_tally_count(&worker->tally->ended[CFI_SUCCEEDED], 1);
    else
        cfi_executor_outcome_known(executor, cfi_ending_of(status));
}

/*
 * The second half for a worker that will come back to it before it does
 * anything that may last: it is counted out, and who waits for the last is not
 * told yet. Another task claimed: begins_task(); all else: catch_up(). say()
 * is both's slow part, for a set of epochs.
 */
void cfi_worker_say(struct cfi_worker *worker, uint32_t epochs);

static inline void cfi_worker_ended_task(struct cfi_worker *worker,
                                         uint32_t epoch)
{
    /* not ordered before what the worker reads next; say() makes that good */
    cfi_tally_count(&worker->tally->left[epoch], 1);
    worker->unsaid |= 1u << epoch;
}

static inline void cfi_worker_begins_task(struct cfi_worker *worker,
                                          uint32_t epoch)
{
    uint32_t others = worker->unsaid & ~(1u << epoch);

    worker->unsaid = 0; /* of its own epoch: that task is in */
    if (others != 0)
        cfi_worker_say(worker, others);
}

static inline void cfi_worker_catch_up(struct cfi_worker *worker)
{
    if (worker->unsaid != 0)
        cfi_worker_say(worker, worker->unsaid);
}

#endif
