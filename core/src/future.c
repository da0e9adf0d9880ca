/* SPDX-License-Identifier: MIT */
/*
 * One future: its states, and who is told when it is final.
 *
 *            cancel                          cancel, if the transport
 *      .--------------- PENDING  <--unsend--  gives the task back
 *      |               |      `--send-->  PENDING + SENT ------------.
 *      |             claim                      |                    |
 *      |               v                     publish                 |
 *      |            RUNNING                     |                    |
 *      |               | publish                |                    |
 *      v               v                        |                    v
 *  CANCELLED        FINISHED <------------------'                CANCELLED
 *
 * A promise, a future without an executor, is ended by whoever sets its
 * outcome first: settle() claims that from PENDING or RUNNING (the flag
 * SETTLED; it can no longer be cancelled), the winner writes the outcome and
 * publishes it.
 *
 * CANCELLED and FINISHED are final: nothing changes after them, so a waiter
 * who saw one may stop looking. SENT marks a task that a transport carries
 * (to another process): whether it has started is then known over there, and
 * the backend is asked. Only move() changes the state.
 *
 * The state and four flags share one 32-bit word:
 *
 *      bits 0-1 state | SENT | SETTLED | WAITED: some thread sleeps on it
 *                                      | WATCHED: `watches` has somebody
 *
 * Whoever makes it final reads the flags in the same step, so that a task
 * which nobody waits for costs neither a system call nor a lock, and a waiter
 * who sets its flag in time cannot be missed.
 *
 * The outcome is written by the one thread that ends the task, before that
 * step (release), and read only after it was seen (acquire). The lock guards
 * the list of watches and nothing else; no user code runs under it.
 */
#include "future_impl.h"

#include <limits.h>

#include "executor_impl.h"
#include "futex.h"
#include "interrupt.h"
#include "waits_for.h"

#define STATE   3u
#define SENT    4u
#define SETTLED 8u
#define WAITED  16u
#define WATCHED 32u

#define PLACE (STATE | SENT | SETTLED) /* where it stands in the drawing */
#define FLAGS (WAITED | WATCHED)       /* what a step carries along      */

static enum cf_future_state state_of(uint32_t word)
{
    return (enum cf_future_state)(word & STATE);
}

static bool is_final(uint32_t word)
{
    return state_of(word) >= CF_STATE_CANCELLED;
}

/* One step along the drawing above, from exactly `from` to `to`; false where
 * the future is elsewhere. `*flags` is what was set. */
static bool move(struct cf_future *future, uint32_t from, uint32_t to,
                 uint32_t *flags)
{
    uint32_t word = atomic_load_explicit(&future->word, memory_order_relaxed);
    do {
        if ((word & PLACE) != from)
            return false;
        /* release: what was written into the future before, for those who
         * acquire the word in cfi_future_is_final() and read_state();
         * acquire: a claimer reads what the submitter wrote */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->word, &word, to | (word & FLAGS), memory_order_acq_rel,
        memory_order_relaxed));
    if (flags != NULL)
        *flags = word & FLAGS;
    return true;
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

bool cfi_future_claim(struct cf_future *future)
{
    return move(future, CF_STATE_PENDING, CF_STATE_RUNNING, NULL);
}

/* Claims the right to write a promise's outcome. False: it is final, or
 * somebody else has it. */
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

/* --- who is told --- */

bool cfi_future_watch(struct cf_future *future, struct cfi_watch *watch)
{
    cfi_lock(&future->lock);
    /* acq_rel: either move() sees the flag, or this sees the final state */
    uint32_t before =
        atomic_fetch_or_explicit(&future->word, WATCHED, memory_order_acq_rel);
    bool is_added = !is_final(before);
    if (is_added) {
        watch->next = future->watches;
        future->watches = watch;
    }
    cfi_unlock(&future->lock);
    return is_added;
}

void cfi_future_unwatch(struct cf_future *future, struct cfi_watch *watch)
{
    cfi_lock(&future->lock);
    struct cfi_watch **link = &future->watches;
    while (*link != NULL && *link != watch)
        link = &(*link)->next;
    if (*link != NULL)
        *link = watch->next;
    cfi_unlock(&future->lock);
}

/* Tells the waiters, and leaves the callbacks in order of adding. */
static bool fire_waiters(struct cf_future *future)
{
    struct cfi_watch *callbacks = NULL, *next;

    cfi_lock(&future->lock);
    for (struct cfi_watch *watch = future->watches; watch; watch = next) {
        next = watch->next;
        if (watch->is_callback) {
            watch->next = callbacks; /* turns the order round */
            callbacks = watch;
        } else {
            watch->fire(watch, future);
        }
    }
    future->watches = callbacks;
    cfi_unlock(&future->lock);
    return callbacks != NULL;
}

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
static bool tell(struct cf_future *future, uint32_t flags)
{
    if (flags & WAITED)
        cfi_futex_wake(&future->word, INT_MAX);
    if (future->executor != NULL)
        cfi_executor_raise_event(future->executor);
    if ((flags & WATCHED) && fire_waiters(future))
        return true;
    count_out(future);
    return false;
}

/* Before the outcome is visible. A failure keeps the executor, which is to be
 * told if nobody reads it. */
static void account(struct cf_future *future, enum cf_status status)
{
    struct cf_executor *executor = future->executor;

    cfi_executor_count(executor, cfi_ending_of(status));
    cfi_executor_outcome_known(executor);
    if (status != CF_OK && !future->holds_executor) {
        future->holds_executor = true;
        cfi_executor_retain(executor);
    }
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

    if (future->executor != NULL)
        account(future, future->outcome.status);
    while (!move(future, places[i], CF_STATE_FINISHED, &flags))
        i = (i + 1) % (sizeof places / sizeof places[0]);
    return tell(future, flags);
}

static _Thread_local const struct cf_executor *callback_executor;

const struct cf_executor *cfi_callback_executor(void)
{
    return callback_executor;
}

void cfi_future_run_callbacks(struct cf_future *future)
{
    const struct cf_executor *outer = callback_executor;

    cfi_lock(&future->lock); /* a late cfi_future_unwatch() walks the list */
    struct cfi_watch *watch = future->watches, *next;
    future->watches = NULL;
    cfi_unlock(&future->lock);

    callback_executor = future->executor;
    for (; watch != NULL; watch = next) {
        next = watch->next;
        watch->fire(watch, future);
    }
    callback_executor = outer;
    count_out(future);
}

void cfi_future_finish(struct cf_future *future)
{
    if (cfi_future_publish(future))
        cfi_future_run_callbacks(future);
}

static bool cancel_from(struct cf_future *future, uint32_t from)
{
    uint32_t flags;

    if (!move(future, from, CF_STATE_CANCELLED, &flags))
        return false;
    if (future->executor != NULL) {
        cfi_executor_count(future->executor, CFI_CANCELLED);
        cfi_executor_outcome_known(future->executor);
    }
    if (tell(future, flags))
        cfi_future_run_callbacks(future);
    return true;
}

bool cfi_future_cancel_pending(struct cf_future *future)
{
    return cancel_from(future, CF_STATE_PENDING);
}

bool cfi_future_cancel_taken(struct cf_future *future)
{
    return cancel_from(future, CF_STATE_PENDING | SENT);
}

/* --- waiting and looking --- */

/* The backend that carries its task, and may be asked to bring it home. */
static const struct cf_backend *carrier_of(const struct cf_future *future)
{
    return future->travels ? future->executor->backend : NULL;
}

/* Sleeps while its word is `word`; false: the deadline has passed. */
static bool sleep_on(struct cf_future *future, uint32_t word,
                     int64_t deadline_ns)
{
    const struct cf_backend *carrier = carrier_of(future);

    if (carrier != NULL && carrier->sleep != NULL)
        return carrier->sleep(future->executor->state, future, word,
                              deadline_ns);
    return cfi_interruptible_wait(&future->word, word, deadline_ns);
}

static enum cf_status sleep_until_final(struct cf_future *future,
                                        int64_t deadline_ns)
{
    const struct cf_backend *carrier = carrier_of(future);

    if (carrier != NULL && carrier->fetch != NULL)
        carrier->fetch(future->executor->state, future);
    uint32_t word = read_word(future);

    while (!is_final(word)) {
        /* acq_rel: either move() sees the flag and wakes us, or the word has
         * changed and we do not fall asleep */
        if (!(word & WAITED))
            word = atomic_fetch_or_explicit(&future->word, WAITED,
                                            memory_order_acq_rel);
        if (is_final(word))
            break;
        bool in_time = sleep_on(future, word | WAITED, deadline_ns);
        word = read_word(future);
        if (!in_time && !is_final(word))
            return CF_TIMEOUT;
    }
    return CF_OK;
}

enum cf_status cfi_future_await(struct cf_future *future, int64_t deadline_ns)
{
    if (cfi_future_is_final(future))
        return CF_OK;
    if (!cfi_future_is_ours(future))
        return CF_BROKEN;
    if (deadline_ns == INT64_MIN)
        return CF_TIMEOUT;
    if (deadline_ns == INT64_MAX && cfi_future_help(future))
        return CF_OK;
    bool is_for_ever = deadline_ns == INT64_MAX;
    if (is_for_ever && !cfi_waits_for_begin(future))
        return CF_DEADLOCK;
    cfi_sleep_begin();
    enum cf_status status = sleep_until_final(future, deadline_ns);
    cfi_sleep_end();
    if (is_for_ever)
        cfi_waits_for_end();
    return status;
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

bool cfi_future_is_settled(const struct cf_future *future)
{
    return (read_word(future) & SETTLED) != 0;
}
