/* SPDX-License-Identifier: MIT */
/*
 * What a handler of errors may do while it is called for what a rank brought.
 */
#include "ranks.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "fifo.h"

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static enum cf_status wait_to_end(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    (void)arg_bytes;
    if (!fifo_say_there(arg))
        return cf_raise(task, 1, "nobody came to the fifo");
    while (!cf_stopping(task))
        usleep(200);
    return CF_OK;
}

static enum cf_status go_wrong(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    usleep(20000); /* it is released before */
    return cf_raise(task, 1, "nobody reads this");
}

/* Two tasks that a rank has; the second one waits behind the first. */
struct others {
    struct cf_future *running;
    struct cf_future *waiting;
    atomic_int calls;
    sem_t called;
};

static void ask_and_end(const char *name, const struct cf_error *error,
                        void *context)
{
    struct others *others = context;

    (void)name;
    CHECK(error->code == 1);
    CHECK(cf_running(others->running) && !cf_cancel(others->running));
    CHECK(cf_future_info(others->running).state == CF_STATE_RUNNING);
    CHECK(cf_cancel(others->waiting) && cf_cancelled(others->waiting));
    CHECK(cf_stop(others->running, CF_FOREVER) == CF_OK);
    CHECK(cf_result(others->running, CF_FOREVER, NULL, 0) == CF_OK);
    atomic_fetch_add(&others->calls, 1);
    sem_post(&others->called);
}

/* Whether the last reference goes with the result, or when an argument has been
 * sent for good. */
static void a_handler_of_errors_may_ask_of_other_tasks(size_t arg_bytes)
{
    struct others others = {0};
    struct cf_options options = {
        .max_workers = 1, .on_error = ask_and_end, .on_error_context = &others};
    struct cf_executor *executor = executor_of(&options);
    struct cf_executor *another =
        executor_of(&(struct cf_options){.max_workers = 1});
    char *arg = calloc(1, arg_bytes + 1);
    struct fifo runs;

    CHECK(arg != NULL);
    sem_init(&others.called, 0, 0);
    fifo_make(&runs);
    others.running = submit(another, wait_to_end, runs.path, sizeof runs.path);
    others.waiting = submit(another, wait_to_end, runs.path, sizeof runs.path);
    fifo_wait_for(&runs, 1);
    cf_future_release(submit(executor, go_wrong, arg, arg_bytes));
    await(&others.called);
    cf_future_release(others.running);
    cf_future_release(others.waiting);
    cf_executor_destroy(executor);
    cf_executor_destroy(another);
    CHECK(atomic_load(&others.calls) == 1);
    sem_destroy(&others.called);
    fifo_remove(&runs);
    free(arg);
}

static void pause_and_count(const char *name, const struct cf_error *error,
                            void *context)
{
    (void)name;
    (void)error;
    usleep(100000);
    atomic_fetch_add((atomic_int *)context, 1);
}

static void no_handler_is_called_after_destroy(void)
{
    enum { COUNT = 5 };
    atomic_int calls = 0;
    struct cf_options options = {.on_error = pause_and_count,
                                 .on_error_context = &calls};
    struct cf_executor *executor = executor_of(&options);

    for (int i = 0; i < COUNT; i++)
        cf_future_release(submit(executor, go_wrong, NULL, 0));
    cf_executor_destroy(executor);
    CHECK(atomic_load(&calls) == COUNT);
}

struct doomed {
    struct cf_executor *executor;
    atomic_int calls;     /* of its own handler               */
    atomic_int destroyed; /* 1 + as many as there were by then */
};

static void destroy_it(const char *name, const struct cf_error *error,
                       void *context)
{
    struct doomed *doomed = context;

    (void)name;
    (void)error;
    while (cf_executor_stats(doomed->executor).unread_errors < 2)
        usleep(200);
    cf_executor_destroy(doomed->executor);
    atomic_store(&doomed->destroyed, 1 + atomic_load(&doomed->calls));
}

/* While the other's wait for it to be done, behind one of a third. */
static void a_handler_of_errors_may_destroy_another_executor(void)
{
    struct doomed doomed = {0};
    atomic_int calls = 0;
    struct cf_options third = {.on_error = pause_and_count,
                               .on_error_context = &calls};
    struct cf_options options = {.on_error = destroy_it,
                                 .on_error_context = &doomed};
    struct cf_options others = {.on_error = pause_and_count,
                                .on_error_context = &doomed.calls};

    doomed.executor = executor_of(&others);
    struct cf_executor *executor = executor_of(&options);
    struct cf_executor *between = executor_of(&third);
    cf_future_release(submit(executor, go_wrong, NULL, 0));
    usleep(100000); /* its handler is called by then, most likely */
    cf_future_release(submit(between, go_wrong, NULL, 0));
    while (cf_executor_stats(between).unread_errors < 1)
        usleep(200);
    for (int i = 0; i < 2; i++)
        cf_future_release(submit(doomed.executor, go_wrong, NULL, 0));
    cf_executor_destroy(executor);
    CHECK(atomic_load(&doomed.destroyed) == 1 + 2);
    cf_executor_destroy(between);
    CHECK(atomic_load(&calls) == 1);
}

struct holder {
    sem_t holds; /* its handler is called, and stays ... */
    sem_t goes_on;
    bool has_given_up; /* ... but not for ever */
};

static void hold(const char *name, const struct cf_error *error, void *context)
{
    struct holder *holder = context;
    struct timespec until;

    (void)name;
    (void)error;
    sem_post(&holder->holds);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    holder->has_given_up = sem_timedwait(&holder->goes_on, &until) != 0;
}

/* It may wait for whoever destroys that one. */
static void no_end_waits_for_another_executors_handler(void)
{
    struct holder holder = {0};
    atomic_int calls = 0;
    struct cf_options options = {.on_error = hold, .on_error_context = &holder};
    struct cf_options others = {.on_error = pause_and_count,
                                .on_error_context = &calls};

    sem_init(&holder.holds, 0, 0);
    sem_init(&holder.goes_on, 0, 0);
    struct cf_executor *executor = executor_of(&options);
    struct cf_executor *another = executor_of(&others);
    cf_future_release(submit(executor, go_wrong, NULL, 0));
    await(&holder.holds);
    cf_future_release(submit(another, go_wrong, NULL, 0));
    cf_executor_destroy(another);
    CHECK(atomic_load(&calls) == 1);
    sem_post(&holder.goes_on);
    cf_executor_destroy(executor);
    CHECK(!holder.has_given_up);
    sem_destroy(&holder.holds);
    sem_destroy(&holder.goes_on);
}

void handlers(void)
{
    a_handler_of_errors_may_ask_of_other_tasks(0);
    a_handler_of_errors_may_ask_of_other_tasks((size_t)1 << 20);
    no_handler_is_called_after_destroy();
    a_handler_of_errors_may_destroy_another_executor();
    no_end_waits_for_another_executors_handler();
}
