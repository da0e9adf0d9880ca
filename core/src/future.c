/* SPDX-License-Identifier: MIT */
/*
 * One future: its states, and what follows from a step. Who is told when it is
 * final stands in watch.c.
 *
 *            cancel                          cancel, if the transport
 *      .--------------- PENDING  <--unsend--  gives the task back
 *      |               |      `--send-->  PENDING + SENT ------------.
 *      |             claim                      |                    |
 *      |               v                     publish                 |
 *      |            RUNNING --ask--> + ASKED    |                    |
 *      |               |               |        |                    |
 *      |       end_run |     end_run   | write_off                   |
 *      v               v               v        |                    v
 *  CANCELLED        FINISHED <------ SETTLED <--'                CANCELLED
 *
 * Who may write the outcome. A task that nobody asked to end is its runner's
 * alone, which goes straight to FINISHED. One that was asked can also be
 * written off, ended without its runner; both claim the right first: settle()
 * sets the flag SETTLED, from which only its winner moves on. The runner that
 * comes too late finds the outcome beside its own (`written_off`) and drops
 * what it has brought. A promise, a future without an executor, is settled
 * from PENDING or RUNNING by whoever sets it first; a task with an argument to
 * be destroyed, or an observer, on its way to CANCELLED too, so that both come
 * before the state is visible.
 *
 * CANCELLED and FINISHED are final: nothing changes after them, so a waiter
 * who saw one may stop looking. SENT marks a task that a transport carries
 * (to another process): whether it has started is then known over there, and
 * the backend is asked. Only move() changes the state.
 *
 * The state and six flags share one 32-bit word:
 *
 *      bits 0-1 state | SENT | SETTLED | WAITED: some thread sleeps on it
 *                                      | WATCHED: `watches` has somebody
 *                                      | ASKED: its task is to end
 *                                      | WRITTEN_OFF: without its runner
 *
 * Whoever makes it final reads the flags in the same step, so that a task
 * which nobody waits for costs neither a system call nor a lock, and a waiter
 * who sets its flag in time cannot be missed.
 *
 * The outcome is written by the one thread that ends the task, before that
 * step (release), and read only after it was seen (acquire).
 */
#include "future_impl.h"

#include <limits.h>

#include "executor_impl.h"
#include "futex.h"
#include "ladder.h"
#include "observe.h"
#include "watch.h"

#define STATE       3u
#define SENT        4u
#define SETTLED     8u
#define WAITED      16u
#define WATCHED     32u
#define ASKED       64u
#define WRITTEN_OFF 128u

#define PLACE (STATE | SENT | SETTLED)   /* where it stands in the drawing */
#define FLAGS (WAITED | WATCHED | ASKED) /* what a step carries along      */

static enum cf_future_state state_of(uint32_t word)
{
    return (enum cf_future_state)(word & STATE);
}

static bool is_final(uint32_t word)
{
    return state_of(word) >= CF_STATE_CANCELLED;
}

/* One step along the drawing above, from exactly `from` to `to`; false where
 * the future is elsewhere, or has the flag `unless`. `*flags` is what was set. */
static bool move_unless(struct cf_future *future, uint32_t unless,
                        uint32_t from, uint32_t to, uint32_t *flags)
{
    uint32_t word = atomic_load_explicit(&future->word, memory_order_relaxed);
    do {
        if ((word & (PLACE | unless)) != from)
            return false;
        /* release: what was written into the future before, for those who
         * acquire the word in cfi_future_is_final() and read_word();
         * acquire: a claimer reads what the submitter wrote */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->word, &word, to | (word & FLAGS), memory_order_acq_rel,
        memory_order_relaxed));
    if (flags != NULL)
        *flags = word & FLAGS;
    return true;
}

static bool move(struct cf_future *future, uint32_t from, uint32_t to,
                 uint32_t *flags)
{
    return move_unless(future, 0, from, to, flags);
}

/* acquire: pairs with the release in move(); behind a final state stands the
 * outcome */
static uint32_t read_word(const struct cf_future *future)
{
    return atomic_load_explicit(&future->word, memory_order_acquire);
}

bool cfi_future_is_final(const struct cf_future *future)
{
    return is_final(read_word(future));
}

bool cfi_future_has_begun(const struct cf_future *future)
{
    return state_of(read_word(future)) != CF_STATE_PENDING;
}

bool cfi_future_claim(struct cf_future *future)
{
    return move(future, CF_STATE_PENDING, CF_STATE_RUNNING, NULL);
}

bool cfi_future_settle(struct cf_future *future)
{
    return move(future, CF_STATE_PENDING, CF_STATE_PENDING | SETTLED, NULL) ||
           move(future, CF_STATE_RUNNING, CF_STATE_RUNNING | SETTLED, NULL);
}

bool cfi_future_send(struct cf_future *future)
{
    return move(future, CF_STATE_PENDING, CF_STATE_PENDING | SENT, NULL);
}

void cfi_future_unsend(struct cf_future *future)
{
    move(future, CF_STATE_PENDING | SENT, CF_STATE_PENDING, NULL);
}

/* --- who is told: see watch.c --- */

/* The executor need not wait for it any more. */
static void count_out(struct cf_future *future)
{
    if (future->executor == NULL)
        return;
    if (future->travels) /* it holds the executor, and our caller holds it */
        cfi_executor_leave(future->executor, 1, future->epoch);
    else
        cfi_executor_task_ended(future->executor, future->epoch);
}

/* Follows a step into a final state. True: callbacks are due. */
static bool tell_waiters(struct cf_future *future, uint32_t flags)
{
    if (flags & WAITED)
        cfi_futex_wake(&future->word, INT_MAX);
    if (future->executor != NULL)
        cfi_executor_raise_event(future->executor);
    return (flags & WATCHED) && cfi_watches_tell(future);
}

static bool tell(struct cf_future *future, uint32_t flags)
{
    if (tell_waiters(future, flags))
        return true;
    count_out(future);
    return false;
}

/* What has to be done once, before the outcome is visible, by who settled it. */
static void close(struct cf_future *future, enum cf_status status,
                  bool is_left_to_runner)
{
    if (!is_left_to_runner)
        cfi_extra_destroy_arg(cfi_future_extra(future));
    cfi_observe_finished(future, status);
}

/* Before the outcome is visible. A failure keeps the executor, which is to be
 * told if nobody reads it. */
static void account(struct cf_future *future, enum cf_status status)
{
    struct cf_executor *executor = future->executor;

    cfi_executor_outcome_known(executor, cfi_ending_of(status));
    if (status != CF_OK && !atomic_exchange(&future->holds_executor, true))
        cfi_executor_retain(executor);
}

/* The caller alone may end it, wherever it stands; so one of these moves. */
bool cfi_future_publish(struct cf_future *future)
{
    static const uint32_t places[] = {
        CF_STATE_RUNNING,
        CF_STATE_PENDING | SENT,
        CF_STATE_PENDING | SETTLED,
        CF_STATE_RUNNING | SETTLED,
    };
    uint32_t flags = 0;
    size_t i = 0;

    if (future->executor != NULL) {
        if (future->ends_loudly)
            close(future, future->outcome.status, false);
        account(future, future->outcome.status);
    }
    while (!move(future, places[i], CF_STATE_FINISHED, &flags))
        i = (i + 1) % (sizeof places / sizeof places[0]);
    return tell(future, flags);
}

/* What is left to be done with it calls no function of the user's, which may
 * last. */
static bool goes_quietly(const struct cf_future *future)
{
    return future->outcome.status == CF_OK && !future->outcome.is_object;
}

bool cfi_future_end_run(struct cf_future *future, struct cfi_worker *worker,
                        bool *calls_back)
{
    uint32_t flags;

    if (!future->ends_loudly && !cfi_future_is_asked(future)) {
        enum cf_status status = future->outcome.status;
        account(future, status);
        if (move_unless(future, ASKED, CF_STATE_RUNNING, CF_STATE_FINISHED,
                        &flags)) {
            *calls_back = tell_waiters(future, flags);
            if (!*calls_back && worker->says_later && goes_quietly(future))
                cfi_worker_ended_task(worker, future->epoch);
            else if (!*calls_back)
                count_out(future);
            return true;
        }
        cfi_executor_outcome_unknown(future->executor, cfi_ending_of(status));
    }
    if (!cfi_future_settle(future))
        return false;
    *calls_back = cfi_future_publish(future);
    return true;
}

/* --- asked to end, and ended without its runner --- */

bool cfi_future_ask(struct cf_future *future)
{
    uint32_t word = atomic_load_explicit(&future->word, memory_order_relaxed);
    do {
        if ((word & PLACE) != CF_STATE_RUNNING &&
            (word & PLACE) != (CF_STATE_PENDING | SENT))
            return false;
        /* acq_rel: as in move_unless() */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->word, &word, word | ASKED, memory_order_acq_rel,
        memory_order_relaxed));
    return true;
}

bool cfi_future_is_asked(const struct cf_future *future)
{
    /* relaxed: a hint; who acts on it moves, or finds that it cannot */
    return (atomic_load_explicit(&future->word, memory_order_relaxed) &
            ASKED) != 0;
}

void cfi_future_unask(struct cf_future *future)
{
    /* acq_rel: keeps the release sequence that move_unless() began */
    atomic_fetch_and_explicit(&future->word, ~ASKED, memory_order_acq_rel);
}

bool cfi_future_is_flagged(const struct cf_future *future)
{
    return (read_word(future) & (WATCHED | WRITTEN_OFF)) != 0;
}

bool cfi_future_is_written_off(const struct cf_future *future)
{
    return (read_word(future) & WRITTEN_OFF) != 0;
}

const struct cfi_outcome *cfi_future_outcome(const struct cf_future *future)
{
    return cfi_future_is_written_off(future) ? &future->written_off->outcome
                                             : &future->outcome;
}

bool cfi_future_write_off(struct cf_future *future, struct cfi_ladder *ladder,
                          bool *calls_back)
{
    struct cf_executor *executor = future->executor;
    uint32_t flags = 0;

    if (!move(future, CF_STATE_RUNNING, CF_STATE_RUNNING | SETTLED, NULL))
        return false;
    cfi_ladder_conclude(ladder);
    future->written_off = ladder;
    close(future, ladder->status, true);
    account(future, ladder->status);
    atomic_fetch_add(&executor->written_off, 1);
    if (executor->backend->write_off != NULL) /* `open` keeps it alive */
        executor->backend->write_off(executor->state);
    move(future, CF_STATE_RUNNING | SETTLED, CF_STATE_FINISHED | WRITTEN_OFF,
         &flags);
    *calls_back = tell(future, flags);
    return true;
}

void cfi_future_run_callbacks(struct cf_future *future)
{
    cfi_watches_call_back(future);
    count_out(future);
}

void cfi_future_finish(struct cf_future *future)
{
    if (cfi_future_publish(future))
        cfi_future_run_callbacks(future);
}

static bool cancel_from(struct cf_future *future, uint32_t from,
                        bool *calls_back)
{
    uint32_t flags;

    if (future->executor != NULL && future->ends_loudly) {
        if (!move(future, from, CF_STATE_PENDING | SETTLED, NULL))
            return false;
        close(future, CF_CANCELLED, false);
        from = CF_STATE_PENDING | SETTLED;
    }
    if (!move(future, from, CF_STATE_CANCELLED, &flags))
        return false;
    if (future->executor != NULL)
        cfi_executor_outcome_known(future->executor, CFI_CANCELLED);
    *calls_back = tell(future, flags);
    return true;
}

static bool cancel_and_call_back(struct cf_future *future, uint32_t from)
{
    bool calls_back;

    if (!cancel_from(future, from, &calls_back))
        return false;
    if (calls_back)
        cfi_future_run_callbacks(future);
    return true;
}

bool cfi_future_cancel_pending(struct cf_future *future)
{
    return cancel_and_call_back(future, CF_STATE_PENDING);
}

bool cfi_future_cancel_taken(struct cf_future *future)
{
    return cancel_and_call_back(future, CF_STATE_PENDING | SENT);
}

bool cfi_future_cancel_sent(struct cf_future *future)
{
    bool calls_back = false;

    cancel_from(future, CF_STATE_PENDING | SENT, &calls_back);
    return calls_back;
}

bool cfi_future_cancel_queued(struct cf_future *future)
{
    bool calls_back = false;

    cancel_from(future, CF_STATE_PENDING, &calls_back);
    return calls_back;
}

bool cfi_future_set_watched(struct cf_future *future)
{
    /* acq_rel: either move() sees the flag, or this sees the final state */
    return !is_final(
        atomic_fetch_or_explicit(&future->word, WATCHED, memory_order_acq_rel));
}

bool cfi_future_is_watched(const struct cf_future *future)
{
    return (read_word(future) & WATCHED) != 0;
}

bool cfi_future_is_open(struct cf_future *future, uint32_t *word)
{
    *word = read_word(future);
    /* acq_rel: either move() sees the flag and wakes us, or the word has
     * changed and we do not fall asleep */
    if (!is_final(*word) && !(*word & WAITED))
        *word = atomic_fetch_or_explicit(&future->word, WAITED,
                                         memory_order_acq_rel) |
                WAITED;
    return !is_final(*word);
}

enum cf_future_state cfi_future_state(const struct cf_future *future)
{
    uint32_t word = read_word(future);
    if ((word & SENT) && cfi_future_is_ours(future)) {
        struct cf_executor *executor = future->executor;
        if (executor->backend->has_started(executor->state, future))
            return CF_STATE_RUNNING;
        word = read_word(future); /* it may have ended while we asked */
    }
    return state_of(word);
}

bool cfi_future_is_sent(const struct cf_future *future)
{
    return (read_word(future) & SENT) != 0;
}

bool cfi_future_is_being_cancelled(const struct cf_future *future)
{
    return future->executor != NULL &&
           (read_word(future) & PLACE) == (CF_STATE_PENDING | SETTLED);
}

bool cfi_future_is_settled(const struct cf_future *future)
{
    return (read_word(future) & SETTLED) != 0;
}
