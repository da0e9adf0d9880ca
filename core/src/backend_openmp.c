/* SPDX-License-Identifier: MIT */
/*
 * openmp: one persistent OpenMP team.
 *
 * The parallel region is entered once, by a thread of our own that destroy
 * joins: a team whose first thread has ended leaves no thread behind, while
 * one started from the host's thread would stay and make a later fork hang.
 * Between two pieces of work the members sleep in our eventcount, never at an
 * OpenMP barrier, which spins.
 *
 * Work comes in two forms. A single task waits in a queue, first in, first
 * out. A map over an array is a loop: a command that every member passes, in
 * the same order, with `omp for nowait` inside, so that the compiler's runtime
 * deals out the items; a member that comes late finds it empty, and nobody
 * waits for a long task. Loops form a list; each member stands at the last one
 * it passed, and the last member to leave a loop behind takes it off:
 *
 *         first                      last
 *           v                         v
 *         loop 3 --> loop 4 --> loop 5 --> NULL
 *           ^ member 1            ^ member 0
 *
 * A loop holds its futures until then, so that a shutdown that cancels can
 * walk the list.
 *
 * A queued task carries the number of loops that stood before it, and a member
 * takes it only after passing those: with one worker the start order is that
 * of submission across both forms.
 */
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <cf/cpus.h>

#include "eventcount.h"
#include "executor_impl.h"
#include "last_error.h"
#include "queue.h"

struct loop {
    struct cf_future **futures; /* one per iteration, or                  */
    struct cfi_range range;     /* an array without futures               */
    size_t count;
    size_t chunk;
    _Atomic size_t references;  /* the list's, and of who looks at it     */
    _Atomic size_t remaining;   /* iterations of a range not yet done     */
    struct cfi_eventcount done; /* notified when `remaining` reaches 0    */

    /* --- guarded by the team's lock --- */
    struct loop *next;
    size_t behind; /* members that have not left it behind yet */
};

struct member {
    struct cfi_worker worker;
    struct loop *at; /* the last loop it passed  */
    uint64_t passed; /* how many it has passed   */
};

struct team {
    struct cf_executor *executor;
    pthread_t entry;      /* the thread that entered the region        */
    _Atomic size_t size;  /* members; 0 until the first of them knows  */
    _Atomic size_t ready; /* members that have come up                 */
    struct cfi_eventcount started;
    struct cfi_eventcount work; /* a task, a loop, or the end           */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_queue queue; /* tickets: loops that come before */
    struct loop *first;
    struct loop *last;
    uint64_t appended;
    bool is_ending;
};

static struct loop *new_loop(size_t count, size_t chunk)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    loop->count = count;
    loop->chunk = chunk;
    atomic_init(&loop->references, 1);
    atomic_init(&loop->remaining, count);
    return loop;
}

static void hold_loop(struct loop *loop)
{
    /* relaxed: a new reference is made from one that is held */
    atomic_fetch_add_explicit(&loop->references, 1, memory_order_relaxed);
}

static void drop_loop(struct loop *loop)
{
    /* acq_rel: everybody's use comes before the last one's free */
    if (atomic_fetch_sub_explicit(&loop->references, 1, memory_order_acq_rel) !=
        1)
        return;
    for (size_t i = 0; loop->futures != NULL && i < loop->count; i++)
        cf_future_release(loop->futures[i]);
    free(loop->futures);
    free(loop);
}

static void append_loop(struct team *team, struct loop *loop)
{
    cfi_lock(&team->lock);
    loop->behind = atomic_load(&team->size);
    team->last->next = loop;
    team->last = loop;
    team->appended++;
    cfi_unlock(&team->lock);
    cfi_eventcount_notify(&team->work, CFI_EVERYBODY);
}

/* The member has passed `loop`, and leaves the one before it behind. */
static void move_on(struct team *team, struct member *member, struct loop *loop)
{
    struct loop *left = member->at;

    member->at = loop;
    member->passed++;
    cfi_lock(&team->lock);
    bool is_last = --left->behind == 0;
    if (is_last) /* all pass in one order, so it is the first of the list */
        team->first = left->next;
    cfi_unlock(&team->lock);
    if (is_last)
        drop_loop(left);
}

/* --- the members --- */

static void run_range_iterations(struct loop *loop)
{
    const struct cfi_range *range = &loop->range;
    size_t ran = 0;

#pragma omp for schedule(dynamic, loop->chunk) nowait
    for (size_t i = 0; i < loop->count; i++) {
        range->function(range->items + i * range->item_bytes,
                        range->results + i * range->result_bytes);
        ran++;
    }
    if (ran > 0 && atomic_fetch_sub(&loop->remaining, ran) == ran)
        cfi_eventcount_notify(&loop->done, CFI_EVERYBODY);
}

static void run_task_iterations(struct loop *loop, struct cfi_worker *worker)
{
#pragma omp for schedule(dynamic, loop->chunk) nowait
    for (size_t i = 0; i < loop->count; i++)
        if (cfi_future_claim(loop->futures[i]))
            cfi_future_run_claimed(loop->futures[i], worker);
}

static void pass_loop(struct team *team, struct member *member,
                      struct loop *loop)
{
    if (loop->futures != NULL)
        run_task_iterations(loop, &member->worker);
    else
        run_range_iterations(loop);
    move_on(team, member, loop);
}

/* What comes next for this member: a task, a loop, or (both NULL) nothing. */
struct step {
    struct cf_future *task;
    struct loop *loop;
    bool is_ending;
};

static struct step look(struct team *team, struct member *member)
{
    struct step step = {0};

    cfi_lock(&team->lock);
    struct cf_future *first = team->queue.first;
    if (first != NULL && first->ticket <= member->passed)
        step.task = cfi_queue_pop(&team->queue);
    else
        step.loop = member->at->next;
    bool is_more = step.task != NULL && !cfi_queue_is_empty(&team->queue);
    step.is_ending = team->is_ending;
    cfi_unlock(&team->lock);
    if (is_more) /* pass the wake on, as in pool.c */
        cfi_eventcount_notify(&team->work, 1);
    return step;
}

static struct step wait_for_step(struct team *team, struct member *member)
{
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&team->work);
        struct step step = look(team, member);
        if (step.task != NULL || step.loop != NULL || step.is_ending) {
            cfi_eventcount_cancel(&team->work);
            return step;
        }
        cfi_eventcount_wait(&team->work, key, INT64_MAX);
    }
}

static void be_member(struct team *team, struct loop *start)
{
    struct member member = {
        .worker = {.index = (size_t)omp_get_thread_num(),
                   .executor = team->executor,
                   .stopping = &team->executor->stopping},
        .at = start,
    };

    if (member.worker.index == 0)
        atomic_store(&team->size, (size_t)omp_get_num_threads());
    cfi_worker_set_current(&member.worker);
    bool has_begun = cfi_worker_begin(&member.worker, team->executor);
    atomic_fetch_add(&team->ready, 1);
    cfi_eventcount_notify(&team->started, CFI_EVERYBODY);
    for (;;) {
        struct step step = look(team, &member);
        if (step.task == NULL && step.loop == NULL)
            step = wait_for_step(team, &member);
        if (step.task != NULL)
            cfi_future_run(step.task, &member.worker);
        else if (step.loop != NULL)
            pass_loop(team, &member, step.loop);
        else
            break;
    }
    if (has_begun)
        cfi_worker_end(&member.worker, team->executor);
    cfi_worker_set_current(NULL);
}

static void *enter_region(void *argument)
{
    struct team *team = argument;
    struct loop *start = team->last; /* before anything can be appended */
    int wanted = (int)team->executor->max_workers;

    omp_set_dynamic(0);
#pragma omp parallel num_threads(wanted)
    be_member(team, start);
    return NULL;
}

/* --- the calls of the table --- */

static size_t usable_count(void)
{
    return cf_usable_cpus().count;
}

/* The team is up once every member is; only then its size is known. */
static size_t wait_until_up(struct team *team)
{
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&team->started);
        size_t size = atomic_load(&team->size);
        if (size > 0 && atomic_load(&team->ready) == size) {
            cfi_eventcount_cancel(&team->started);
            return size;
        }
        cfi_eventcount_wait(&team->started, key, INT64_MAX);
    }
}

static enum cf_status enter(struct team *team)
{
    sigset_t blocked, before;

    sigfillset(&blocked); /* the host's signals are for the host's threads */
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int error = pthread_create(&team->entry, NULL, enter_region, team);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        return CF_OK;
    errno = error;
    return cfi_fail_errno(CF_AGAIN, "cannot start the OpenMP team");
}

static void openmp_stop(void *state)
{
    struct team *team = state;

    cfi_lock(&team->lock);
    team->is_ending = true;
    cfi_unlock(&team->lock);
    cfi_eventcount_notify(&team->work, CFI_EVERYBODY);
    pthread_join(team->entry, NULL);
}

static enum cf_status openmp_start(struct cf_executor *executor, void **state)
{
    struct team *team = calloc(1, sizeof *team);
    struct loop *start = new_loop(0, 1); /* where the members stand at first */
    enum cf_status status = cfi_fail(CF_NOMEM, "no memory for an OpenMP team");

    if (team == NULL || start == NULL)
        goto free_both;
    team->executor = executor;
    team->first = team->last = start;
    status = enter(team);
    if (status != CF_OK)
        goto free_both;
    start->behind = wait_until_up(team);
    executor->max_workers = start->behind;
    if (cfi_executor_is_broken(executor)) { /* an initializer failed */
        openmp_stop(team);
        status = cfi_fail(CF_BROKEN, "%s", executor->broken_why);
        goto free_both;
    }
    *state = team;
    return CF_OK;

free_both:
    free(start);
    free(team);
    return status;
}

static enum cf_status openmp_submit(void *state, struct cf_future *first)
{
    struct team *team = state;

    cfi_lock(&team->lock);
    first->ticket = team->appended;
    bool was_empty = cfi_queue_is_empty(&team->queue);
    cfi_queue_push(&team->queue, first);
    cfi_unlock(&team->lock);
    if (was_empty)
        cfi_eventcount_notify(&team->work, 1);
    return CF_OK;
}

static enum cf_status openmp_submit_array(void *state,
                                          struct cf_future *const *futures,
                                          size_t count, size_t chunk)
{
    struct loop *loop = new_loop(count, chunk);

    if (loop == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a loop");
    loop->futures = malloc(count * sizeof futures[0]);
    if (loop->futures == NULL) {
        free(loop);
        return cfi_fail(CF_NOMEM, "no memory for a loop of %zu tasks", count);
    }
    memcpy(loop->futures, futures, count * sizeof futures[0]);
    append_loop(state, loop);
    return CF_OK;
}

static void wait_for_range(struct loop *loop)
{
    while (atomic_load(&loop->remaining) != 0) {
        uint32_t key = cfi_eventcount_prepare(&loop->done);
        if (atomic_load(&loop->remaining) != 0)
            cfi_eventcount_wait(&loop->done, key, INT64_MAX);
        else
            cfi_eventcount_cancel(&loop->done);
    }
}

static enum cf_status openmp_map_into(void *state,
                                      const struct cfi_range *range)
{
    struct team *team = state;
    struct cfi_worker *worker = cfi_worker_current();

    /* a member could not pass the loop while it waits for it; as in a nested
     * OpenMP region, it computes alone */
    if (worker != NULL && worker->executor == team->executor)
        return cfi_range_run(range, 0, range->count);
    struct loop *loop = new_loop(range->count, range->chunk);
    if (loop == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a loop");
    loop->range = *range;
    hold_loop(loop);
    append_loop(team, loop);
    cfi_sleep_begin();
    wait_for_range(loop);
    cfi_sleep_end();
    drop_loop(loop);
    return CF_OK;
}

static void cancel_loop(struct loop *loop)
{
    for (size_t i = 0; loop->futures != NULL && i < loop->count; i++)
        cfi_future_cancel_pending(loop->futures[i]);
}

static void openmp_cancel_pending(void *state)
{
    struct team *team = state;

    cfi_lock(&team->lock);
    struct cfi_queue queue = team->queue;
    team->queue = (struct cfi_queue){0};
    struct loop *loop = team->first;
    hold_loop(loop);
    cfi_unlock(&team->lock);
    cfi_queue_cancel(&queue);
    while (loop != NULL) {
        cancel_loop(loop);
        cfi_lock(&team->lock);
        /* one that was taken off the list meanwhile cannot vouch for its next */
        struct loop *next = loop->behind > 0 ? loop->next : team->first;
        if (next != NULL)
            hold_loop(next);
        cfi_unlock(&team->lock);
        drop_loop(loop);
        loop = next;
    }
}

static void openmp_destroy(void *state)
{
    struct team *team = state;

    drop_loop(team->last); /* where all members stood at the end */
    free(team);
}

const struct cf_backend cf_backend_openmp = {
    .name = "openmp",
    .about = "one persistent OpenMP team; a map is a worksharing loop",
    .default_workers = usable_count,
    .start = openmp_start,
    .submit = openmp_submit,
    .submit_array = openmp_submit_array,
    .map_into = openmp_map_into,
    .cancel_pending = openmp_cancel_pending,
    .stop = openmp_stop,
    .destroy = openmp_destroy,
};
