/* SPDX-License-Identifier: MIT */
/*
 * Waiting until all that came are gone: joins, and the end of an executor.
 *
 * Tasks are counted by epoch. A join that wants only what came before it turns
 * to an epoch that is empty, so that whoever comes later counts there, and
 * waits for each of the others to empty once: `turned` tells where that was, and
 * another join has turned to it since. There are four, so that three joins may
 * be under way, or have run out of time while tasks of each of their epochs were
 * open; the next one waits for one to empty before it turns, and so for some
 * that come meanwhile. A submit that read the epoch before the turn and counts
 * after it is one that the join need not wait for; the next join does, in
 * whichever epoch it is.
 */
#include "admission.h"
#include "clock.h"
#include "interrupt.h"
#include "last_error.h"

/* An epoch as a join found it. */
struct epoch {
    uint32_t number;
    uint32_t turned;
};

static struct epoch epoch_now(const struct cf_executor *executor,
                              uint32_t number)
{
    return (struct epoch){number, atomic_load(&executor->turned[number])};
}

static bool is_empty(const struct cf_executor *executor,
                     const struct epoch *epoch)
{
    return cfi_tally_is_level(executor, epoch->number);
}

/* Have all that were in it left? They have where it was turned to since: it was
 * empty then. In this order, or those who came after the turn might be seen
 * without it. */
static bool is_past(const struct cf_executor *executor,
                    const struct epoch *epoch)
{
    return is_empty(executor, epoch) ||
           atomic_load(&executor->turned[epoch->number]) != epoch->turned;
}

/* One that is empty, the current one if that is; CFI_EPOCHS: none is. */
static uint32_t empty_epoch(const struct cf_executor *executor)
{
    uint32_t current = atomic_load(&executor->epoch);

    for (uint32_t i = 0; i < CFI_EPOCHS; i++)
        if (cfi_tally_is_level(executor, (current + i) % CFI_EPOCHS))
            return (current + i) % CFI_EPOCHS;
    return CFI_EPOCHS;
}

static bool has_empty_epoch(const struct cf_executor *executor,
                            const struct epoch *unused)
{
    (void)unused;
    return empty_epoch(executor) != CFI_EPOCHS;
}

/* Sleeps until that is so, which becomes true as tasks are counted out. */
static bool sleep_until(struct cf_executor *executor,
                        bool (*is_so)(const struct cf_executor *executor,
                                      const struct epoch *epoch),
                        const struct epoch *epoch, int64_t deadline_ns)
{
    while (!is_so(executor, epoch)) {
        uint32_t key = cfi_eventcount_prepare(&executor->all_ended);
        if (is_so(executor, epoch)) {
            cfi_eventcount_cancel(&executor->all_ended);
            break;
        }
        if (!cfi_admission_sleep(&executor->all_ended, key, deadline_ns))
            return is_so(executor, epoch);
    }
    return true;
}

static bool await(struct cf_executor *executor,
                  bool (*is_so)(const struct cf_executor *executor,
                                const struct epoch *epoch),
                  const struct epoch *epoch, int64_t deadline_ns)
{
    /* whoever asks is open himself, and only his host counts him */
    if (cfi_executor_is_in_its_worker(executor))
        return false;
    if (is_so(executor, epoch))
        return true;
    atomic_fetch_add(&executor->awaiting, 1);
    bool is_now = sleep_until(executor, is_so, epoch, deadline_ns);
    atomic_fetch_sub(&executor->awaiting, 1);
    return is_now;
}

/* The executor is closed: what was seen empty stays so. Whether a join has turned
 * to it is not asked: who read that epoch long ago may have come in since that
 * join found it empty, and is waited for here. */
enum cf_status cfi_executor_await_all(struct cf_executor *executor,
                                      int64_t deadline_ns)
{
    for (uint32_t i = 0; i < CFI_EPOCHS; i++)
        if (!await(executor, is_empty, &(struct epoch){.number = i},
                   deadline_ns))
            return cfi_fail_timeout("tasks still run");
    return CF_OK;
}

/* One thread at a time turns the epoch. False: not in time. */
static bool begin_join(struct cf_executor *executor, int64_t deadline_ns)
{
    for (;;) {
        uint32_t nobody = 0;
        uint32_t key = cfi_eventcount_prepare(&executor->join_ended);
        if (atomic_compare_exchange_strong(&executor->is_joining, &nobody, 1)) {
            cfi_eventcount_cancel(&executor->join_ended);
            return true;
        }
        if (!cfi_admission_sleep(&executor->join_ended, key, deadline_ns)) {
            /* as in admission.c: passed on */
            cfi_eventcount_notify(&executor->join_ended, 1);
            return false;
        }
    }
}

static void end_join(struct cf_executor *executor)
{
    atomic_store(&executor->is_joining, 0);
    cfi_eventcount_notify(&executor->join_ended, 1);
}

/* Has what comes from now on counted apart; `past`: where all is that came
 * before. One thread at a time. False: not in time. */
static bool turn(struct cf_executor *executor, int64_t deadline_ns,
                 struct epoch past[CFI_EPOCHS - 1])
{
    uint32_t to, count = 0;

    while ((to = empty_epoch(executor)) == CFI_EPOCHS)
        if (!await(executor, has_empty_epoch, NULL, deadline_ns))
            return false;
    if (to != atomic_load(&executor->epoch)) {
        atomic_fetch_add(&executor->turned[to], 1);
        atomic_store(&executor->epoch, to);
    }
    for (uint32_t i = 0; i < CFI_EPOCHS; i++)
        if (i != to)
            past[count++] = epoch_now(executor, i);
    return true;
}

static bool await_past(struct cf_executor *executor, int64_t deadline_ns)
{
    struct epoch past[CFI_EPOCHS - 1];

    if (!begin_join(executor, deadline_ns))
        return false;
    bool is_past_all = turn(executor, deadline_ns, past);
    end_join(executor);
    for (size_t i = 0; i < CFI_EPOCHS - 1 && is_past_all; i++)
        is_past_all = await(executor, is_past, &past[i], deadline_ns);
    return is_past_all;
}

/* Just looks: turns to no other epoch, which a join that waits may need. */
static bool are_none_open(const struct cf_executor *executor)
{
    cfi_forget_interrupt();
    for (uint32_t i = 0; i < CFI_EPOCHS; i++)
        if (!cfi_tally_is_level(executor, i))
            return false;
    return !cfi_executor_is_in_its_worker(executor);
}

enum cf_status cf_join(struct cf_executor *executor, int64_t timeout_ns)
{
    if (executor == NULL)
        return cfi_fail(CF_INVALID, "no executor given");
    enum cf_status status = cfi_executor_check_ours(executor);
    if (status != CF_OK)
        return status;
    if (timeout_ns > 0 && cfi_executor_is_inside(executor))
        return cfi_fail(CF_DEADLOCK, "a task or callback cannot wait for the "
                                     "end of all, its own included");
    bool is_done = timeout_ns > 0
                       ? await_past(executor, cfi_deadline_ns(timeout_ns))
                       : are_none_open(executor);
    return is_done ? CF_OK : cfi_fail_timeout("tasks still run");
}
