/* SPDX-License-Identifier: MIT */
#include "chaos_plan.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

struct chaos_plan chaos_plan;

static struct {
    bool is_worker;
    bool is_original;
    _Atomic uint64_t passes[CFI_CHAOS_POINTS]; /* by any of its threads */
} self;

static _Atomic uint64_t threads; /* that have drawn something */
static _Thread_local uint64_t draws;

/* splitmix64: Steele, Lea, Flood 2014 */
static uint64_t draw(void)
{
    if (draws == 0)
        draws = chaos_plan.seed * 0x9e3779b97f4a7c15u +
                (atomic_fetch_add(&threads, 1) + 1) * 0xd1342543de82ef95u;
    uint64_t mixed = draws += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

void cfi_chaos_be_worker(uint32_t worker, uint32_t generation)
{
    self.is_worker = true;
    self.is_original = generation == 1;
    draws = chaos_plan.seed * 0x9e3779b97f4a7c15u +
            ((uint64_t)worker << 32 | generation) * 0xda942042e4dd58b5u + 1;
}

static void end(int signal)
{
    if (signal == 0)
        _exit(0);
    kill(getpid(), signal);
}

/* Of several that come there the first one is meant, whichever had work. */
static void end_if_meant(const struct chaos_plan *plan)
{
    uint64_t none = 0;

    if (atomic_compare_exchange_strong(plan->kills, &none, 1))
        end(plan->signal);
}

static void end_at_random(const struct chaos_plan *plan)
{
    if (plan->kills != NULL)
        atomic_fetch_add(plan->kills, 1);
    end(SIGKILL);
}

static void delay(uint64_t drawn)
{
    struct timespec pause = {.tv_nsec = (long)(drawn % 50000)};

    if (drawn >> 32 & 1)
        sched_yield();
    else
        nanosleep(&pause, NULL);
}

void cfi_chaos(enum cfi_chaos_point point)
{
    const struct chaos_plan *plan = &chaos_plan;
    uint64_t pass = ++self.passes[point];

    if (plan->is_aimed && self.is_original && point == plan->point &&
        pass == plan->pass)
        end_if_meant(plan);
    if (plan->kills_per_million == 0 && plan->delays_per_million == 0)
        return;
    uint64_t drawn = draw();
    if (self.is_worker && drawn % 1000000 < plan->kills_per_million)
        end_at_random(plan);
    if (drawn / 1000000 % 1000000 < plan->delays_per_million)
        delay(draw());
}
