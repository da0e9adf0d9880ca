/* SPDX-License-Identifier: MIT */
/*
 * A process as a rank. One thread makes every call of MPI, from the first to
 * the last: it initialises MPI, takes turns, and ends it. A turn hears what
 * has come, lets the role (host or rank) say what it has to say, and sends it.
 *
 * MPI has nobody to wake a sleeper, so whoever expects a message must look for
 * it. The longer nothing came the longer it sleeps between two looks, up to
 * MOST_SLEEP_NS: that is what the first message after a pause may wait, and
 * what a waiting rank costs is one look in that time. While something is on
 * its way it looks again soon, since MPI carries on with it only when it is
 * called; but asleep in between: on a busy machine whoever only gives way has
 * used up his turn when there is something to do. Whoever has something to say
 * wakes the thread at once, and a host that expects nothing does not look.
 */
#include "mpi_world.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "completion.h"
#include "eventcount.h"
#include "mpi_buffers.h"
#include "mpi_launch.h"
#include "mpi_post.h"

#define YIELD_NS       200000 /* gives way and looks again for so long       */
#define LEAST_SLEEP_NS 50000
#define MOST_SLEEP_NS  2000000
#define GOING_SLEEP_NS 100000 /* while something is on its way */
#define MOST_FINISH_NS 1000000000
#define LAST_WORDS_US  100000

struct cfi_mpi_world {
    const struct cfi_mpi_module *mpi;
    const struct cfi_mpi_role *role;
    struct cfi_mpi_place place;
    pthread_t thread;
    pid_t pid;
    struct cfi_eventcount news; /* something to say, or the end */
    _Atomic bool is_ending;     /* the host's: says LEAVE       */
    struct cfi_eventcount begun;
    _Atomic bool has_begun;
    bool is_leaving;
    bool is_busy; /* leaves although tasks still run */
};

/* The process's own: MPI is one per process, too. */
static struct cfi_mpi_world world;
static _Atomic(const char *) trouble; /* why it cannot be used */

static const char *why_not(void)
{
    const char *why = atomic_load(&trouble);

    if (why != NULL)
        return why;
    if (world.mpi == NULL && !cfi_mpi_is_launched())
        return "no MPI launcher started it (mpirun -n 5 ...)";
    if (world.mpi == NULL)
        return "main does not begin with cf_worker_entry()";
    if (world.pid != getpid())
        return "this is a fork of the rank";
    return world.place.rank == 0
               ? NULL
               : "this is a rank that serves: only rank 0 has executors of "
                 "ranks, tasks submit to cf_task_executor()";
}

struct cfi_mpi_world *cfi_mpi_world(const char **why)
{
    const char *reason = why_not();

    if (why != NULL)
        *why = reason;
    return reason == NULL ? &world : NULL;
}

int cfi_mpi_ranks(void)
{
    return world.place.ranks - 1;
}

bool cfi_mpi_is_for_all(void)
{
    return world.place.is_for_all;
}

bool cfi_mpi_is_here(void)
{
    return pthread_equal(pthread_self(), world.thread) != 0;
}

void cfi_mpi_wake(void)
{
    cfi_eventcount_notify(&world.news, CFI_EVERYBODY);
}

void cfi_mpi_leave(bool is_busy)
{
    world.is_leaving = true;
    world.is_busy = is_busy;
}

/* --- turns --- */

static bool take_turn(void)
{
    bool has_done = false;

    has_done |= cfi_post_hear(world.role);
    has_done |= world.role->speak();
    has_done |= cfi_post_send();
    cfi_post_land();
    return has_done;
}

/* Something happened `idle_ns` ago: how to wait for the next. */
static void wait_for_news(int64_t idle_ns)
{
    int64_t sleep_ns = idle_ns / 8;

    if (idle_ns < YIELD_NS) {
        sched_yield();
        return;
    }
    if (sleep_ns < LEAST_SLEEP_NS)
        sleep_ns = LEAST_SLEEP_NS;
    if (sleep_ns > MOST_SLEEP_NS)
        sleep_ns = MOST_SLEEP_NS;
    uint32_t key = cfi_eventcount_prepare(&world.news);
    if (world.role->speak() || atomic_load(&world.is_ending)) {
        cfi_eventcount_cancel(&world.news);
        cfi_post_send();
        return;
    }
    bool is_going = cfi_post_land();
    bool is_due = is_going || world.role->expects();
    if (is_going && sleep_ns > GOING_SLEEP_NS)
        sleep_ns = GOING_SLEEP_NS;
    cfi_eventcount_wait(&world.news, key,
                        is_due ? cfi_now_ns() + sleep_ns : INT64_MAX);
}

static void dismiss_all(void)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_LEAVE};

    for (int rank = 1; rank < world.place.ranks; rank++)
        cfi_mpi_say(rank, &record, NULL, 0);
    cfi_post_send();
}

/* Nothing is to be left that was sent and not heard. A rank that is dying is
 * not waited for without end. */
static void finish_talking(void)
{
    int64_t until_ns = cfi_now_ns() + MOST_FINISH_NS;
    int others = world.place.rank == 0 ? world.place.ranks - 1 : 0;

    while ((cfi_post_land() || cfi_post_left() < others) &&
           cfi_now_ns() < until_ns) {
        cfi_post_hear(world.role);
        sched_yield();
    }
}

/* On rank 0: the others are told to leave, and MPI ends. Once. */
static void end(bool is_exit)
{
    if (world.mpi == NULL || world.pid != getpid() ||
        atomic_exchange(&world.is_ending, true))
        return;
    atomic_store(&trouble, "MPI has ended");
    cfi_mpi_wake();
    pthread_join(world.thread, NULL);
    cfi_mpi_hosts_end(is_exit);
}

static void end_at_exit(void)
{
    end(true);
}

static void end_with_mpi(void)
{
    end(false);
}

/* Rank 0 waits until it knows where the others run. */
static void begin(void)
{
    world.place = world.mpi->begin(end_with_mpi);
    world.role =
        world.place.rank == 0 ? &cfi_mpi_host_role : &cfi_mpi_rank_role;
    if (world.place.trouble != NULL)
        return;
    cfi_post_begin(world.mpi, &world.place);
    if (world.place.rank != 0)
        cfi_post_send();
    else
        while (cfi_post_known() < world.place.ranks - 1)
            if (!cfi_post_hear(world.role))
                usleep(LEAST_SLEEP_NS / 1000);
}

static void *be_rank(void *context)
{
    (void)context;
    prctl(PR_SET_NAME, "cf-mpi");
    prctl(PR_SET_TIMERSLACK, 1);
    begin();
    atomic_store(&world.has_begun, true);
    cfi_eventcount_notify(&world.begun, CFI_EVERYBODY);
    if (world.place.trouble != NULL)
        return NULL;
    int64_t last_ns = cfi_now_ns();
    while (!world.is_leaving && !atomic_load(&world.is_ending)) {
        if (take_turn())
            last_ns = cfi_now_ns();
        else
            wait_for_news(cfi_now_ns() - last_ns);
    }
    cfi_copies_end();
    if (world.place.rank == 0)
        dismiss_all();
    finish_talking();
    if (world.place.is_ours)
        world.mpi->end();
    return NULL;
}

/* --- how it begins and ends --- */

static void await_begin(void)
{
    while (!atomic_load(&world.has_begun)) {
        uint32_t key = cfi_eventcount_prepare(&world.begun);
        if (atomic_load(&world.has_begun))
            cfi_eventcount_cancel(&world.begun);
        else
            cfi_eventcount_wait(&world.begun, key, INT64_MAX);
    }
}

/* A task that calls exit() must not look like a rank that has done its duty:
 * the launcher then ends the job. It may not say why (MPICH's names one of those
 * that it kills, or nobody), so the rank does, and leaves time for that to get
 * through before everything is torn down. */
static void leave_from_exit(int code, void *context)
{
    (void)context;
    if (world.pid != getpid() || world.is_leaving)
        return;
    dprintf(STDERR_FILENO,
            "libcf: rank %d (process %d on %s): a task called exit(%d), which "
            "ends the job\n",
            world.place.rank, (int)getpid(),
            cfi_mpi_host_name(world.place.rank), code);
    usleep(LAST_WORDS_US);
    _exit(code != 0 ? code : EXIT_FAILURE);
}

static _Noreturn void serve(void)
{
    on_exit(leave_from_exit, NULL);
    pthread_join(world.thread, NULL);
    world.is_leaving = true;
    if (!world.place.is_ours)
        world.mpi->end();
    if (world.is_busy)
        _exit(EXIT_SUCCESS);
    exit(EXIT_SUCCESS);
}

void cfi_mpi_enter(void)
{
    const char *why = NULL;

    if (world.mpi != NULL || !cfi_mpi_is_launched())
        return;
    world.mpi = cfi_mpi_find_module(&why);
    if (world.mpi == NULL) {
        atomic_store(&trouble, why);
        return;
    }
    world.pid = getpid();
    if (cfi_thread_start(&world.thread, be_rank, NULL) != CF_OK) {
        atomic_store(&trouble, "its thread could not be started");
        world.mpi = NULL;
        return;
    }
    await_begin();
    if (world.place.rank != 0)
        serve();
    why = world.place.trouble;
    if (why == NULL && world.place.ranks < 2)
        why = "there is one rank only: start more, as in mpirun -n 5";
    atomic_store(&trouble, why);
    atexit(end_at_exit);
}
