/* SPDX-License-Identifier: MIT */
/*
 * openmp: one persistent OpenMP team. What needs the compiler's runtime is a
 * module, module_openmp.c, loaded when the backend is first asked for.
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
 * waits for a long task. The list of loops is in loop_list.h.
 *
 * A queued task carries the number of loops that stood before it, and a member
 * takes it only after passing those: with one worker the start order is that
 * of submission across both forms.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cf/cpus.h>

#include "completion.h"
#include "eventcount.h"
#include "executor_impl.h"
#include "last_error.h"
#include "loop_list.h"
#include "observe.h"
#include "openmp_module.h"
#include "queue.h"
#include "thread_options.h"

struct member {
    struct cfi_worker worker;
    struct cfi_loop *at; /* the last loop it passed  */
    uint64_t passed;     /* how many it has passed   */
};

struct team {
    struct cf_executor *executor;
    const struct cfi_openmp_module *openmp;
    struct cfi_loop *start; /* where members stand at first             */
    pthread_t entry;        /* the thread that entered the region        */
    _Atomic size_t size;    /* members; 0 until the first of them knows  */
    _Atomic size_t ready;   /* members that have come up                 */
    struct cfi_eventcount started;
    struct cfi_eventcount work; /* a task, a loop, or the end           */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_queue queue; /* tickets: loops that come before */
    struct cfi_loop_list loops;
    bool is_ending;
};

static void append_loop(struct team *team, struct cfi_loop *loop)
{
    cfi_lock(&team->lock);
    cfi_loop_list_append(&team->loops, loop, atomic_load(&team->size));
    cfi_unlock(&team->lock);
    cfi_eventcount_notify(&team->work, CFI_EVERYBODY);
}

/* The member has passed `loop`, and leaves the one before it behind. */
static void move_on(struct team *team, struct member *member,
                    struct cfi_loop *loop)
{
    cfi_lock(&team->lock);
    struct cfi_loop *left = cfi_loop_list_leave(&team->loops, member->at);
    cfi_unlock(&team->lock);
    member->at = loop;
    member->passed++;
    if (left != NULL)
        cfi_loop_drop(left);
}

/* --- the members --- */

static void run_range_iterations(const struct team *team, struct cfi_loop *loop)
{
    size_t ran = team->openmp->share_range(&loop->range);

    if (ran > 0 && atomic_fetch_sub(&loop->remaining, ran) == ran)
        cfi_eventcount_notify(&loop->done, CFI_EVERYBODY);
}

struct task_loop {
    struct cf_future *const *futures;
    struct cfi_worker *worker;
};

static void run_task_iteration(void *context, size_t i)
{
    const struct task_loop *tasks = context;

    cf_function *function = tasks->futures[i]->function;

    if (cfi_future_claim(tasks->futures[i]))
        cfi_future_run_claimed(tasks->futures[i], function, tasks->worker);
}

static void run_task_iterations(const struct team *team, struct cfi_loop *loop,
                                struct cfi_worker *worker)
{
    struct task_loop tasks = {loop->futures, worker};

    team->openmp->share_calls(loop->count, loop->chunk, run_task_iteration,
                              &tasks);
}

static void pass_loop(struct team *team, struct member *member,
                      struct cfi_loop *loop)
{
    if (loop->futures != NULL)
        run_task_iterations(team, loop, &member->worker);
    else
        run_range_iterations(team, loop);
    move_on(team, member, loop);
}

/* What comes next for this member: a task, a loop, or (both NULL) nothing. */
struct step {
    struct cf_future *task;
    struct cfi_loop *loop;
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

static void be_member(void *context, size_t index, size_t size)
{
    struct team *team = context;
    struct member member = {
        .worker = {.index = index,
                   .executor = team->executor,
                   .stopping = &team->executor->stopping},
        .at = team->start,
    };

    if (index == 0)
        atomic_store(&team->size, size);
    cfi_worker_set_current(&member.worker);
    cfi_thread_prepare(team->executor, index);
    cfi_thread_bind(team->executor, index);
    bool has_begun = cfi_worker_begin(&member.worker, team->executor);
    cfi_observe_worker(team->executor, CF_EVENT_WORKER_STARTED, index,
                       getpid());
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
    cfi_observe_worker(team->executor, CF_EVENT_WORKER_ENDED, index, getpid());
    cfi_worker_set_current(NULL);
}

static void *enter_region(void *argument)
{
    struct team *team = argument;

    team->openmp->enter(team->executor->max_workers, be_member, team);
    return NULL;
}

/* --- the calls of the table --- */

#pragma weak cf_module_openmp /* the program may have linked it */

static const struct cfi_module_wish wish = {
    CFI_MODULE_REASONS("libcf-openmp.so.0"),
    .symbol = "cf_module_openmp",
    .linked = &cf_module_openmp,
    .head = CFI_MODULE_HEAD(CFI_OPENMP_INTERFACE, struct cfi_openmp_module),
};

static const char *find_missing(void)
{
    return cfi_module_missing(&wish);
}

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

static void openmp_stop(void *state)
{
    struct team *team = state;

    cfi_lock(&team->lock);
    team->is_ending = true;
    cfi_unlock(&team->lock);
    cfi_eventcount_notify(&team->work, CFI_EVERYBODY);
    pthread_join(team->entry, NULL);
    /* now, not in destroy: a failed future holds the executor, and so us */
    cfi_loop_drop(team->loops.last);
    team->loops.last = NULL;
}

static enum cf_status openmp_start(struct cf_executor *executor, void **state)
{
    const char *why = NULL;
    const struct cfi_openmp_module *openmp = cfi_module_find(&wish, &why);
    if (openmp == NULL)
        return cfi_fail(CF_UNSUPPORTED, "backend openmp: %s", why);
    enum cf_status status = cfi_fail(CF_NOMEM, "no memory for an OpenMP team");
    struct team *team = calloc(1, sizeof *team);
    if (team == NULL)
        return status;
    team->openmp = openmp;
    if (!cfi_loop_list_init(&team->loops))
        goto free_team;
    team->executor = executor;
    team->start = team->loops.last; /* before anything can be appended */
    status = cfi_thread_start(&team->entry, enter_region, team);
    if (status != CF_OK)
        goto free_loops;
    executor->max_workers = team->loops.first->behind = wait_until_up(team);
    if (cfi_executor_is_broken(executor)) { /* an initializer failed */
        openmp_stop(team);
        status = cfi_fail(CF_BROKEN, "%s", executor->broken_why);
        goto free_team;
    }
    *state = team;
    return CF_OK;

free_loops:
    cfi_loop_drop(team->loops.first);
free_team:
    free(team);
    return status;
}

static enum cf_status openmp_submit(void *state, struct cf_future *first)
{
    struct team *team = state;

    cfi_lock(&team->lock);
    first->ticket = team->loops.appended;
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
    struct cfi_loop *loop = cfi_loop_create(count, chunk);

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

static void wait_for_range(struct cfi_loop *loop)
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
    struct cfi_loop *loop = cfi_loop_create(range->count, range->chunk);
    if (loop == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a loop");
    loop->range = *range;
    cfi_loop_hold(loop);
    append_loop(team, loop);
    cfi_sleep_begin();
    wait_for_range(loop);
    cfi_sleep_end();
    cfi_loop_drop(loop);
    return CF_OK;
}

static void cancel_loop(struct cfi_loop *loop)
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
    struct cfi_loop *loop = team->loops.first;
    cfi_loop_hold(loop);
    cfi_unlock(&team->lock);
    cfi_queue_cancel(&queue);
    while (loop != NULL) {
        cancel_loop(loop);
        cfi_lock(&team->lock);
        struct cfi_loop *next = cfi_loop_list_next(&team->loops, loop);
        cfi_unlock(&team->lock);
        cfi_loop_drop(loop);
        loop = next;
    }
}

static void openmp_destroy(void *state)
{
    free(state);
}

const struct cf_backend cf_backend_openmp = {
    .name = "openmp",
    .about = "one persistent OpenMP team; a map is a worksharing loop",
    .find_missing = find_missing,
    .abilities = CFI_CAN_LIMIT | CFI_CAN_RETRY | CFI_CAN_HAND_ON |
                 CFI_CAN_BIND | CFI_CAN_NAME | CFI_CAN_OBSERVE,
    .default_workers = usable_count,
    .start = openmp_start,
    .submit = openmp_submit,
    .submit_array = openmp_submit_array,
    .takes_whole_arrays = true, /* as a loop: see above */
    .map_into = openmp_map_into,
    .cancel_pending = openmp_cancel_pending,
    .stop = openmp_stop,
    .destroy = openmp_destroy,
};
