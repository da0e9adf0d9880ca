/* SPDX-License-Identifier: MIT */
/*
 * The generator is one thread. Where it comes too late (the last submit took
 * long, the system gave its CPU to a worker) it does not wait for the next
 * intended start but catches up, and says by how much it was late; lateness is
 * part of the latency, since a task's user would have waited as well. On the
 * serial backend, which runs tasks inside the submit, that is all of it.
 */
#include "open_loop.h"

#include <math.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "clock.h"
#include "random.h"

static const char *const names[] = {
    [ARRIVALS_FIXED] = "fixed",
    [ARRIVALS_POISSON] = "poisson",
};

const char *arrivals_name(enum arrivals arrivals)
{
    return names[arrivals];
}

bool arrivals_find(const char *name, enum arrivals *arrivals)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        *arrivals = (enum arrivals)i;
        return true;
    }
    return false;
}

/* Of mean 1, by inversion; never the logarithm of zero. */
static double exponential(uint64_t *state)
{
    const double steps = 9007199254740992.0; /* 2^53 */

    return -log((double)((wl_random(state) >> 11) + 1) / steps);
}

void open_loop_schedule(const struct open_loop *loop, uint64_t seed,
                        size_t tasks, int64_t *starts_ns)
{
    double gap_ns = 1e9 / loop->rate_per_s;
    double at_ns = 0;

    for (size_t i = 0; i < tasks; i++) {
        if (loop->arrivals == ARRIVALS_POISSON)
            at_ns += gap_ns * exponential(&seed);
        else
            at_ns = gap_ns * (double)(i + 1);
        starts_ns[i] = (int64_t)at_ns;
    }
}

static void sleep_until(int64_t at_ns)
{
    const struct timespec at = {.tv_sec = at_ns / 1000000000,
                                .tv_nsec = at_ns % 1000000000};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
        ;
}

enum cf_status open_loop_drive(struct open_loop_run *run)
{
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* of this thread, in ns */
    run->started_ns = clock_now_ns();
    for (size_t i = 0; i < run->tasks; i++) {
        int64_t intended_ns = run->started_ns + run->starts_ns[i];
        int64_t now_ns = clock_now_ns();
        enum cf_status status;

        if (now_ns < intended_ns) {
            sleep_until(intended_ns);
            now_ns = clock_now_ns();
        }
        run->late_sum_ns += now_ns - intended_ns;
        if (now_ns - intended_ns > run->late_max_ns)
            run->late_max_ns = now_ns - intended_ns;
        status = cf_submit(run->executor, run->function,
                           run->items + i * run->item_bytes, run->item_bytes,
                           &run->futures[i]);
        if (status != CF_OK)
            return status;
        run->submit_ns += clock_now_ns() - now_ns;
    }
    return cf_wait(run->futures, run->tasks, CF_ALL_COMPLETED, CF_FOREVER,
                   NULL);
}
