/* SPDX-License-Identifier: MIT */
/* The members of an OpenMP team: what each of them does from its start to the
 * team's end. */
#include "openmp_team.h"

#include <unistd.h>

#include "executor_impl.h"
#include "observe.h"
#include "openmp_module.h"
#include "openmp_probe.h"
#include "thread_options.h"

struct member {
    struct cfi_worker worker;
    struct cfi_loop *at; /* the last loop it passed  */
    uint64_t passed;     /* how many it has passed   */
};

void cfi_team_append(struct cfi_team *team, struct cfi_loop *loop)
{
    cfi_lock(&team->lock);
    cfi_loop_list_append(&team->loops, loop, atomic_load(&team->size));
    cfi_unlock(&team->lock);
    cfi_eventcount_notify(&team->work, CFI_EVERYBODY);
}

/* The member has passed `loop`, and leaves the one before it behind. */
static void move_on(struct cfi_team *team, struct member *member,
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

/* A member counts itself in, then looks whether it is over; the caller ends it,
 * then looks who is inside, all sequentially consistent: it waits for this
 * member, or that one touches nothing of the caller's. A member comes though it
 * is over, since the runtime wants every loop to be passed by all. */
static void run_range_iterations(const struct cfi_team *team,
                                 struct cfi_loop *loop)
{
    atomic_fetch_add(&loop->inside, 1);
    size_t passed = team->openmp->share_range(&loop->range, &loop->is_over);
    bool is_last =
        passed > 0 && atomic_fetch_sub(&loop->remaining, passed) == passed;
    atomic_fetch_sub(&loop->inside, 1);
    if (is_last || atomic_load(&loop->is_over))
        cfi_eventcount_notify(&loop->done, CFI_EVERYBODY);
}

struct task_loop {
    struct cfi_loop *loop;
    struct cfi_worker *worker;
};

static void run_task_iteration(void *context, size_t i)
{
    const struct task_loop *tasks = context;
    struct cf_future *future = cfi_loop_take(tasks->loop, i);

    if (future != NULL)
        cfi_future_run(future, tasks->worker);
}

static void run_task_iterations(const struct cfi_team *team,
                                struct cfi_loop *loop,
                                struct cfi_worker *worker)
{
    struct task_loop tasks = {loop, worker};

    team->openmp->share_calls(loop->count, loop->chunk, run_task_iteration,
                              &tasks);
}

static void pass_loop(struct cfi_team *team, struct member *member,
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

static struct step look(struct cfi_team *team, struct member *member)
{
    struct step step = {0};

    cfi_lock(&team->lock);
    struct cf_future *first = team->queue.first;
    if (first != NULL && cfi_rest(first)->ticket <= member->passed)
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

static struct step wait_for_step(struct cfi_team *team, struct member *member)
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
    struct cfi_team *team = context;
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

void *cfi_team_enter(void *argument)
{
    struct cfi_team *team = argument;

    team->openmp->enter(cfi_openmp_probe(team->executor->max_workers),
                        be_member, team);
    return NULL;
}

size_t cfi_team_await(struct cfi_team *team)
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
