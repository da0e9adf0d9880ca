/* SPDX-License-Identifier: MIT */
/*
 * Who waits for a result fetches it himself: he looks at the rings, and sleeps
 * on the bell and on his future at once. So a result needs no hop through the
 * drainer, which is left asleep meanwhile: a waiter that is counted in on the
 * bell is one who will look at all rings (see bell.h). What he finds there for
 * others he publishes for them; callbacks run on the completion thread, as
 * always.
 *
 *      near (some microseconds of work before it)  yield and look, for a while
 *      a worker has asked for something (desk.h)   the same, some times
 *      more to come soon                           nap, then look
 *      else                                        sleep until something ends
 *
 * A nap lets short tasks' answers gather instead of having each wake somebody.
 * Yielding lasts for NEAR_NS after the last answer that came, and each nap
 * follows one: so a task that takes longer than was thought costs no more than
 * that, and nobody polls. The drainer keeps the same pace.
 */
#include <sched.h>
#include <time.h>

#include "clock.h"
#include "interrupt.h"
#include "process_host.h"

#define NEAR_NS   10000
#define GATHER_NS 50000

enum pace {
    PACE_SLEEP, /* until something ends                     */
    PACE_NAP,   /* while answers gather                     */
    PACE_YIELD, /* a ring will soon be empty: it is refilled; or a worker
                   has asked for something, and may go on so */
};

/* A lane from which answers will come, if any. */
static const struct cfi_lane *active_lane(const struct cfi_host *host)
{
    const struct cfi_lane *lane = TAILQ_FIRST(&host->places[CFI_LANE_FULL]);
    return lane != NULL ? lane : TAILQ_FIRST(&host->places[CFI_LANE_BUSY]);
}

/* About how long it is until half a ring is to be refilled. Lock held. */
static int64_t refill_ns(const struct cfi_host *host)
{
    const struct cfi_lane *lane = active_lane(host);

    if (lane == NULL || cfi_queue_is_empty(&host->queue))
        return INT64_MAX;
    return (int64_t)(CFI_RING_SLOTS / 2) * lane->task_ns;
}

/* About how much work comes before the future's end. Lock held. */
static int64_t work_ahead_ns(const struct cfi_host *host,
                             const struct cf_future *future)
{
    if (future->ticket == CFI_TICKET_NONE)
        return refill_ns(host);
    if (future->ticket == CFI_TICKET_ENDED)
        return 0;
    const struct cfi_lane *lane = host->lanes[cfi_ticket_lane(future->ticket)];
    if (lane->is_waking)
        return INT64_MAX; /* that takes longer than any yielding is good for */
    uint64_t before = cfi_ticket_position(future->ticket) - lane->drained;
    return (int64_t)(before + 1) * lane->task_ns;
}

/* A worker has asked for something of late, and may go on so: it stands still
 * until it is answered. Lock held. */
static bool is_asked_for(struct cfi_host *host)
{
    if (host->questions_near == 0)
        return false;
    host->questions_near--;
    return true;
}

static bool is_near(struct cfi_host *host, const struct cf_future *future)
{
    cfi_host_lock(host);
    bool is_near = is_asked_for(host) || work_ahead_ns(host, future) <= NEAR_NS;
    cfi_unlock(&host->lock);
    return is_near;
}

bool cfi_host_fetch(struct cfi_host *host, const struct cf_future *future)
{
    size_t count = cfi_host_look(host), all = count;
    int64_t until_ns = INT64_MIN; /* no clock for what is there already */

    while (!cfi_future_is_final(future)) {
        if (count > 0 || until_ns == INT64_MIN) {
            if (!is_near(host, future))
                break;
            until_ns = cfi_now_ns() + NEAR_NS;
        } else if (cfi_now_ns() > until_ns) {
            break;
        }
        sched_yield();
        count = cfi_host_look(host);
        all += count;
    }
    return all > 0;
}

/* How to go on after something was answered. */
static enum pace choose_pace(struct cfi_host *host)
{
    enum pace pace = PACE_SLEEP;

    cfi_host_lock(host);
    const struct cfi_lane *lane = active_lane(host);
    if (is_asked_for(host) || refill_ns(host) <= NEAR_NS)
        pace = PACE_YIELD;
    else if (lane != NULL && lane->task_ns < GATHER_NS)
        pace = PACE_NAP;
    cfi_unlock(&host->lock);
    return pace;
}

void cfi_host_gather(struct cfi_host *host)
{
    static const struct timespec pause = {.tv_nsec = GATHER_NS};
    enum pace pace = choose_pace(host);
    int64_t until_ns;

    if (pace == PACE_NAP)
        nanosleep(&pause, NULL);
    if (pace != PACE_YIELD)
        return;
    until_ns = cfi_now_ns() + NEAR_NS;
    do
        sched_yield();
    while (cfi_host_look(host) == 0 && cfi_now_ns() < until_ns);
}

/* Until the deadline, or for a nap. Counted in all the while: nobody else need
 * look. */
static bool nap(struct cfi_host *host, const struct cf_future *future,
                uint32_t word, int64_t deadline_ns)
{
    int64_t until_ns = cfi_now_ns() + GATHER_NS;
    bool in_time;

    cfi_seat_prepare(&host->board.bell->waiters);
    if (deadline_ns <= until_ns)
        in_time = cfi_interruptible_wait(&future->word, word, deadline_ns);
    else
        in_time = cfi_interruptible_wait(&future->word, word, until_ns) ||
                  !cfi_was_interrupted();
    cfi_seat_leave(&host->board.bell->waiters);
    return in_time;
}

bool cfi_host_sleep(struct cfi_host *host, const struct cf_future *future,
                    uint32_t word, int64_t deadline_ns)
{
    struct cfi_seat *seat = &host->board.bell->waiters;
    uint32_t key = cfi_seat_prepare(seat);
    bool in_time = true;

    cfi_host_look(host);
    if (!cfi_future_is_final(future))
        in_time = cfi_interruptible_wait_either(&future->word, word,
                                                &seat->epoch, key, deadline_ns);
    cfi_seat_leave(seat);
    while (cfi_host_fetch(host, future) && in_time &&
           !cfi_future_is_final(future) && choose_pace(host) == PACE_NAP)
        in_time = nap(host, future, word, deadline_ns);
    return in_time;
}
