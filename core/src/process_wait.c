/* SPDX-License-Identifier: MIT */
/*
 * Who waits for a result fetches it himself: he looks at the rings, and sleeps
 * on the bell and on his future at once. So a result needs no hop through the
 * drainer, which is left asleep meanwhile: a waiter that is counted in on the
 * bell is one who will look at all rings (see bell.h). What he finds there for
 * others he publishes for them; callbacks run on the completion thread, as
 * always.
 *
 *      near (some microseconds of work before it)  look, for a while
 *      a worker has asked for something (desk.h)   the same, some times
 *      more to come soon                           nap, then look
 *      else                                        sleep until something ends
 *
 * A nap lets short tasks' answers gather instead of having each wake somebody.
 * Looking lasts for NEAR_NS (and what it takes to copy a large argument) after
 * the last answer that came, and each nap follows one: so a task that takes
 * longer than was thought costs no more than that, and nobody polls. The drainer
 * keeps much the same pace.
 *
 * A look is without giving way for STARE_NS, in which an empty task comes back
 * from another processor; then with, and meanwhile the thread is counted in on
 * the bell, since it may stand still while others run: a worker that answers
 * wakes no other thread for what this one fetches in a moment. On the processor on
 * which the worker is, giving way at once is what lets it run.
 *
 * A worker that was asleep is looked for once: it may have been put on this
 * processor. Otherwise its wake takes longer than looking is good for; but for
 * one wake in a few the thread looks as long as that takes, and the worker
 * looks for the next request after it (process_worker.c). If the next comes at
 * once both are awake, and stay so; with both asleep at the end of each trip
 * they would never find out.
 */
#include "process_wait.h"

#include <sched.h>
#include <time.h>

#include "clock.h"
#include "interrupt.h"
#include "spin.h"

#define NEAR_NS   10000
#define GATHER_NS 50000
#define STARE_NS  2000
#define WAKE_NS   100000 /* a sleeper's wake on an idle processor takes that */
#define ONCE_NS   1
#define MOST_NS   1000000 /* also while others' answers keep coming */

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

/* The lane that has its request, if any. Lock held. */
static const struct cfi_lane *lane_of(const struct cfi_host *host,
                                      const struct cf_future *future)
{
    bool is_there = cfi_rest(future)->ticket != CFI_TICKET_NONE &&
                    cfi_rest(future)->ticket != CFI_TICKET_ENDED;
    return is_there ? host->lanes[cfi_ticket_lane(cfi_rest(future)->ticket)]
                    : NULL;
}

/* About how much work comes before the future's end. Lock held. */
static int64_t work_ahead_ns(const struct cfi_host *host,
                             const struct cf_future *future)
{
    const struct cfi_lane *lane = lane_of(host, future);

    if (lane == NULL)
        return cfi_rest(future)->ticket == CFI_TICKET_ENDED ? 0
                                                            : refill_ns(host);
    uint64_t before =
        cfi_ticket_position(cfi_rest(future)->ticket) - lane->drained;
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

/* For how long to look before sleeping, and how much of that without giving way
 * to others. */
struct patience {
    int64_t all_ns;
    int64_t stare_ns;
};

static struct patience choose_patience(struct cfi_host *host,
                                       const struct cf_future *future)
{
    cfi_host_lock(host);
    const struct cfi_lane *lane = lane_of(host, future);
    /* of any other somebody may be destroying the argument */
    size_t arg_bytes = lane != NULL ? cfi_future_arg_bytes(future) : 0;
    int64_t near_ns = NEAR_NS + cfi_copying_ns(arg_bytes);
    struct patience patience = {near_ns, STARE_NS};
    if (!is_asked_for(host) && work_ahead_ns(host, future) > near_ns)
        patience = (struct patience){0};
    else if (lane != NULL && lane->is_waking)
        patience = (struct patience){lane->is_tried ? WAKE_NS : ONCE_NS, 0};
    else if (lane != NULL && lane->cpu == sched_getcpu())
        patience.stare_ns = 0;
    cfi_unlock(&host->lock);
    return patience;
}

/* Whoever stands still here is counted in: he looks next. */
static void give_way(struct cfi_host *host)
{
    cfi_bell_look_begin(host->board.bell);
    sched_yield();
    cfi_bell_look_end(host->board.bell);
}

bool cfi_host_fetch(struct cfi_host *host, const struct cf_future *future,
                    int64_t deadline_ns)
{
    struct patience patience = {0};
    size_t count = cfi_host_look(host), all = count;
    int64_t first_ns = INT64_MIN, begun_ns = INT64_MIN; /* no clock yet for
                                                           what is there */
    while (!cfi_future_is_final(future)) {
        int64_t now_ns = cfi_now_ns();
        if (count > 0 || begun_ns == INT64_MIN) {
            patience = choose_patience(host, future);
            begun_ns = now_ns;
        }
        if (first_ns == INT64_MIN)
            first_ns = now_ns;
        if (now_ns - begun_ns >= patience.all_ns ||
            now_ns - first_ns >= MOST_NS || now_ns >= deadline_ns)
            break;
        if (now_ns - begun_ns >= patience.stare_ns)
            give_way(host);
        else
            cfi_spin_pause();
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
        in_time = cfi_interruptible_wait(cfi_future_sleepers(future), word,
                                         deadline_ns);
    else
        in_time = cfi_interruptible_wait(cfi_future_sleepers(future), word,
                                         until_ns) ||
                  !cfi_was_interrupted();
    cfi_seat_leave(&host->board.bell->waiters);
    return in_time;
}

bool cfi_host_sleep(struct cfi_host *host, const struct cf_future *future,
                    uint32_t word, int64_t deadline_ns)
{
    struct cfi_seat *seat = &host->board.bell->waiters;
    struct cfi_endings endings = {0};
    uint32_t key = cfi_seat_prepare(seat);
    bool in_time = true;

    cfi_host_look_into(host, &endings);
    if (cfi_endings_are_none(&endings) && !cfi_future_is_final(future))
        in_time = cfi_interruptible_wait_either(
            cfi_future_sleepers(future), word, &seat->epoch, key, deadline_ns);
    cfi_seat_leave(seat);
    cfi_host_settle(host, &endings);
    while (cfi_host_fetch(host, future, deadline_ns) && in_time &&
           !cfi_future_is_final(future) && choose_pace(host) == PACE_NAP)
        in_time = nap(host, future, word, deadline_ns);
    /* others' ends have it look again, not wait longer */
    return in_time && (deadline_ns == INT64_MAX || cfi_now_ns() < deadline_ns);
}
