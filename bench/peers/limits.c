/* SPDX-License-Identifier: MIT */
/*
 * What the machine itself takes: no pool, only the mechanism that one would
 * stand on. Each line is the bare limit of the case whose name it has.
 *
 *   t1, p1   a ring with one producer and one consumer, both spinning: two
 *            threads, two processes
 *   t2, p2   a sleeper woken by futex, and back: two threads, two processes
 *   t5       the loop, through a pointer
 *   t6       a sleeping thread
 *   p3_*     memcpy there and back
 *   p4       fork and wait
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

#define SLOTS 256

struct shared {
    _Alignas(64) _Atomic uint64_t written;
    _Alignas(64) _Atomic uint64_t read;
    _Alignas(64) _Atomic uint64_t sum;
    _Alignas(64) _Atomic uint32_t ball; /* whose turn it is, 0 or 1 */
    uint64_t slots[SLOTS];
    size_t count;
};

static struct shared *shared_create(size_t count)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    peer_check(shared != MAP_FAILED, "no shared memory");
    shared->count = count;
    return shared;
}

/* Spins for a while, then lets others run: both may be on one core. */
static void await_change(const _Atomic uint64_t *place, uint64_t old)
{
    for (unsigned turn = 1;
         atomic_load_explicit(place, memory_order_acquire) == old; turn++)
        if (turn % 256 == 0)
            sched_yield();
}

static void *consume(void *context)
{
    struct shared *shared = context;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < shared->count; i++) {
        if (atomic_load_explicit(&shared->written, memory_order_acquire) == i)
            await_change(&shared->written, i);
        sum += shared->slots[i % SLOTS];
        /* release: the slot is read; pairs with the acquire in produce() */
        atomic_store_explicit(&shared->read, i + 1, memory_order_release);
    }
    atomic_store(&shared->sum, sum);
    return NULL;
}

static void produce(struct shared *shared)
{
    for (uint64_t i = 0; i < shared->count; i++) {
        while (i - atomic_load_explicit(&shared->read, memory_order_acquire) >=
               SLOTS)
            await_change(&shared->read, i - SLOTS);
        shared->slots[i % SLOTS] = i;
        /* release: the slot is filled; pairs with the acquire in consume() */
        atomic_store_explicit(&shared->written, i + 1, memory_order_release);
    }
}

static void await_ball(struct shared *shared, uint32_t mine)
{
    while (atomic_load(&shared->ball) != mine)
        syscall(SYS_futex, &shared->ball, FUTEX_WAIT, 1 - mine, NULL, NULL, 0);
}

static void throw_ball(struct shared *shared, uint32_t to)
{
    atomic_store(&shared->ball, to);
    syscall(SYS_futex, &shared->ball, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *return_balls(void *context)
{
    struct shared *shared = context;

    for (size_t i = 0; i < shared->count; i++) {
        await_ball(shared, 1);
        throw_ball(shared, 0);
    }
    return NULL;
}

static void trip(void *context)
{
    throw_ball(context, 1);
    await_ball(context, 0);
}

/* The other side: a thread or a process that runs `function`. */
struct other {
    pthread_t thread;
    pid_t pid;
};

static void other_start(struct other *other, bool is_process,
                        void *(*function)(void *), void *context)
{
    if (!is_process) {
        pthread_create(&other->thread, NULL, function, context);
        return;
    }
    other->pid = fork();
    if (other->pid == 0) {
        function(context);
        _exit(0);
    }
}

static void other_finish(const struct other *other, bool is_process)
{
    if (is_process)
        waitpid(other->pid, NULL, 0);
    else
        pthread_join(other->thread, NULL);
}

static void run_ring(const struct peer_run *run, bool is_process)
{
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        struct shared *shared = shared_create(run->tasks);
        struct other other;
        other_start(&other, is_process, consume, shared);
        double begun_s = peer_now_s();
        produce(shared);
        while (atomic_load(&shared->read) < run->tasks)
            sched_yield();
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        other_finish(&other, is_process);
        peer_check(atomic_load(&shared->sum) ==
                       (uint64_t)run->tasks * (run->tasks - 1) / 2,
                   "the ring lost something");
        munmap(shared, sizeof *shared);
    }
}

static void run_trips(const struct peer_run *run, bool is_process)
{
    struct shared *shared = shared_create(run->tasks * PEER_PASSES);
    struct other other;

    other_start(&other, is_process, return_balls, shared);
    peer_trips(run, trip, shared);
    other_finish(&other, is_process);
    munmap(shared, sizeof *shared);
}

static void t1(const struct peer_run *run)
{
    run_ring(run, false);
}

static void p1(const struct peer_run *run)
{
    run_ring(run, true);
}

static void t2(const struct peer_run *run)
{
    run_trips(run, false);
}

static void p2(const struct peer_run *run)
{
    run_trips(run, true);
}

static void square(const void *item, void *result)
{
    double x = *(const double *)item;
    *(double *)result = x * x;
}

static void t5(const struct peer_run *run)
{
    void (*volatile function)(const void *, void *) = square;
    double *items = malloc(run->tasks * sizeof *items);
    double *results = malloc(run->tasks * sizeof *results);

    for (size_t i = 0; i < run->tasks; i++)
        items[i] = (double)i;
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        void (*called)(const void *, void *) = function;
        memset(results, 0, run->tasks * sizeof *results);
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++)
            called(&items[i], &results[i]);
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
    }
    free(items);
    free(results);
}

static void t6(const struct peer_run *run)
{
    peer_idle(run);
}

static void p3(const struct peer_run *run)
{
    size_t bytes = strtoul(run->name + strlen("p3_"), NULL, 10);
    unsigned char *here = malloc(bytes), *there = malloc(bytes);

    memset(here, 0x5a, bytes);
    memset(there, 0, bytes);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++) {
            memcpy(there, here, bytes);
            /* or the copies would be left out */
            __asm__ volatile("" : : "r"(there) : "memory");
            memcpy(here, there, bytes);
            __asm__ volatile("" : : "r"(here) : "memory");
        }
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
    }
    free(here);
    free(there);
}

static void p4(const struct peer_run *run)
{
    (void)run;
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        double made_s = peer_now_s();
        waitpid(pid, NULL, 0);
        double end_s = peer_now_s();
        printf("pass=%d tasks=1 elapsed_s=%.9f pool_create_s=%.9f "
               "pool_destroy_s=%.9f\n",
               pass, end_s - begun_s, made_s - begun_s, end_s - made_s);
    }
}

static const struct peer_case cases[] = {
    {"t1", t1},       {"t2", t2},         {"t5", t5},    {"t6", t6},
    {"p1", p1},       {"p2", p2},         {"p3_64", p3}, {"p3_4096", p3},
    {"p3_65536", p3}, {"p3_1048576", p3}, {"p4", p4},
};

PEER_MAIN(cases)
