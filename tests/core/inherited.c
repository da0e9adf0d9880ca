/* SPDX-License-Identifier: MIT */
/* Every call of the library in a forked child, with what was inherited. */
#include "inherited.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MINUTE 60000000000LL

static enum cf_status stand(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg_bytes;
    cf_blocking_begin(task);
    bool is_through = gate_pass(arg);
    cf_blocking_end(task);
    return is_through ? CF_OK : cf_raise(task, 1, "the gate is broken");
}

static enum cf_status fail_with_3(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_raise(task, 3, "failed");
}

static void count_error(const char *name, const struct cf_error *error,
                        void *context)
{
    (void)name;
    (void)error;
    ++*(int *)context;
}

static void ignore(struct cf_future *future, void *context)
{
    (void)future;
    (void)context;
}

static bool pull_nothing(void *context, const void **arg, size_t *arg_bytes)
{
    (void)context;
    (void)arg;
    (void)arg_bytes;
    return false;
}

static bool pull_for_ever(void *context, const void **arg, size_t *arg_bytes)
{
    *arg = context;
    *arg_bytes = sizeof(int);
    return true;
}

static void add_up(const void *item, void *result)
{
    *(int *)result += *(const int *)item;
}

void inherited_make(struct inherited *all, create_function *create,
                    const struct cf_backend *backend)
{
    struct cf_options options = {.max_workers = 1,
                                 .on_error = count_error,
                                 .on_error_context = &all->on_errors};
    *all = (struct inherited){0};
    gate_make(&all->gate);
    assert_status(create(backend, &options, &all->executor), CF_OK);
    all->done = submit_int(all->executor, square, 3);
    all->failed = submit_int(all->executor, fail_with_3, 3);
    struct cf_future *both[2] = {all->done, all->failed};
    assert_status(cf_wait(both, 2, CF_ALL_COMPLETED, CF_FOREVER, NULL), CF_OK);
    all->done_pid = cf_future_info(all->done).pid;
    assert_status(cf_future_create(&all->promise), CF_OK);
    assert_status(cf_future_create(&all->unwatched), CF_OK);
    if (backend == CF_SERIAL) {
        assert_status(cf_future_create(&all->blocked), CF_OK);
    } else {
        all->blocked =
            submit(all->executor, stand, &all->gate, sizeof all->gate);
        gate_await(&all->gate, 1);
    }
    struct cf_future *open[2] = {all->blocked, all->promise};
    assert_status(cf_as_completed(open, 2, CF_FOREVER, &all->completed), CF_OK);
    assert_status(cf_map(all->executor, square, NULL, 0, 0, NULL, &all->map),
                  CF_OK);
    assert_status(cf_map_from(all->executor, square, pull_nothing, NULL, NULL,
                              &all->pulled),
                  CF_OK);
}

void inherited_release(struct inherited *all)
{
    if (cf_executor_backend(all->executor) != CF_SERIAL)
        gate_open(&all->gate, 1);
    cf_iterator_release(all->completed);
    cf_iterator_release(all->map);
    cf_iterator_release(all->pulled);
    cf_future_release(all->done);
    cf_future_release(all->failed);
    cf_future_release(all->blocked);
    cf_future_release(all->promise);
    cf_future_release(all->unwatched);
    cf_executor_destroy(all->executor);
    gate_close(&all->gate);
}

/* --- the child --- */

static void say(const char *what)
{
    (void)!write(STDERR_FILENO, what, strlen(what));
    (void)!write(STDERR_FILENO, "\n", 1);
}

#define EXPECT(condition)                                                      \
    do {                                                                       \
        if (!(condition)) {                                                    \
            say("in the child: not " #condition);                              \
            _exit(1);                                                          \
        }                                                                      \
    } while (0)
#define EXPECT_BROKEN(call) EXPECT((call) == CF_BROKEN)

static void call_the_executor(const struct inherited *all)
{
    struct cf_executor *executor = all->executor;
    struct cf_call limited = {.timeout_ns = MINUTE};
    struct cf_future *future, *futures[2];
    struct cf_iterator *iterator;
    int items[2] = {1, 2}, results[2], fd;

    EXPECT_BROKEN(cf_submit(executor, square, "four", 4, &future));
    EXPECT_BROKEN(
        cf_submit_call(executor, square, "four", 4, &limited, &future));
    EXPECT_BROKEN(cf_submit_many(executor, square, items, 4, 2, futures));
    EXPECT_BROKEN(cf_submit_many(executor, square, NULL, 4, 0, NULL));
    EXPECT_BROKEN(cf_map(executor, square, items, 4, 2, NULL, &iterator));
    EXPECT_BROKEN(cf_map(executor, square, NULL, 4, 0, NULL, &iterator));
    EXPECT_BROKEN(
        cf_map_from(executor, square, pull_for_ever, items, NULL, &iterator));
    EXPECT_BROKEN(cf_map_into(executor, add_up, items, 4, results, 4, 2, NULL));
    EXPECT_BROKEN(cf_map_into(executor, add_up, NULL, 4, NULL, 4, 0, NULL));
    EXPECT_BROKEN(cf_join(executor, CF_FOREVER));
    EXPECT_BROKEN(cf_set_workers(executor, 2));
    EXPECT_BROKEN(cf_executor_fd(executor, &fd));
    EXPECT_BROKEN(cf_shutdown(executor, CF_SHUTDOWN_STOP, CF_FOREVER));
    EXPECT(cf_executor_workers(executor) == 1);
    EXPECT(strcmp(cf_executor_host(executor, 0), "") == 0);
    EXPECT(cf_executor_stats(executor).failed == 1);
}

static void call_the_open_futures(const struct inherited *all)
{
    struct cf_future *open[2] = {all->blocked, all->promise};
    struct cf_error error = {.status = CF_EXCEPTION};
    struct cf_iterator *iterator;
    struct cf_buffer *buffer;
    size_t done = 9;

    for (int i = 0; i < 2; i++) {
        EXPECT_BROKEN(cf_result(open[i], CF_FOREVER, NULL, 0));
        EXPECT_BROKEN(cf_result_view(open[i], MINUTE, NULL, NULL));
        EXPECT_BROKEN(cf_result_buffer(open[i], CF_FOREVER, &buffer));
        EXPECT_BROKEN(cf_future_error(open[i], CF_FOREVER, &error));
        EXPECT_BROKEN(cf_add_done_callback(open[i], ignore, NULL));
        EXPECT_BROKEN(cf_add_done_callback_owned(open[i], ignore, NULL, NULL));
        EXPECT_BROKEN(cf_stop(open[i], 0));
        EXPECT(!cf_cancel(open[i]));
        EXPECT(!cf_done(open[i]) && !cf_cancelled(open[i]));
        EXPECT(cf_future_info(open[i]).state < CF_STATE_CANCELLED);
        EXPECT(strcmp(cf_future_name(open[i]), "") == 0);
    }
    EXPECT_BROKEN(cf_wait(open, 2, CF_ALL_COMPLETED, CF_FOREVER, &done));
    EXPECT(done == 0);
    EXPECT_BROKEN(cf_as_completed(open, 2, CF_FOREVER, &iterator));
    EXPECT_BROKEN(cf_future_start(all->promise));
    EXPECT_BROKEN(cf_future_set_result(all->promise, NULL, 0));
    EXPECT_BROKEN(cf_future_set_error(all->promise, &error));
}

/* Alone, and beside one that is the child's own. */
static void call_the_final_futures(const struct inherited *all)
{
    struct cf_future *own, *mixed[3] = {all->done, all->failed, NULL}, *next;
    struct cf_iterator *iterator;
    struct cf_error error;
    size_t done;
    int result = 0;

    EXPECT(cf_result(all->done, CF_FOREVER, &result, sizeof result) == CF_OK);
    EXPECT(result == 9);
    EXPECT(cf_future_info(all->done).pid == all->done_pid);
    EXPECT(cf_future_error(all->failed, 0, &error) == CF_OK && error.code == 3);
    EXPECT(cf_done(all->done) && !cf_cancel(all->done));
    EXPECT(cf_stop(all->done, 0) == CF_INVALID);
    EXPECT(cf_add_done_callback(all->done, ignore, NULL) == CF_OK);

    EXPECT(cf_future_create(&own) == CF_OK);
    mixed[2] = own;
    EXPECT(cf_wait(mixed, 3, CF_FIRST_EXCEPTION, CF_FOREVER, &done) == CF_OK);
    EXPECT(cf_wait(mixed, 3, CF_ALL_COMPLETED, 1000, &done) == CF_TIMEOUT);
    EXPECT(done == 2);
    EXPECT(cf_as_completed(mixed, 3, 1000, &iterator) == CF_OK);
    EXPECT(cf_next(iterator, &next) == CF_OK);
    EXPECT(cf_next(iterator, &next) == CF_OK);
    EXPECT(cf_next(iterator, &next) == CF_TIMEOUT);
    cf_iterator_release(iterator);
    cf_future_release(own);
}

/* Memory that is used again is as good as new, though another thread may have
 * been at it at the fork. */
static void make_anew_what_was_given_back(void)
{
    enum { COUNT = 100 };
    struct cf_future *own[COUNT];

    for (int i = 0; i < COUNT; i++) {
        EXPECT(cf_future_create(&own[i]) == CF_OK);
        EXPECT(cf_add_done_callback(own[i], ignore, NULL) == CF_OK);
        EXPECT(cf_future_set_result(own[i], NULL, 0) == CF_OK);
    }
    for (int i = 0; i < COUNT; i++)
        cf_future_release(own[i]);
}

static void give_all_back(const struct inherited *all)
{
    struct cf_future *future;

    EXPECT_BROKEN(cf_next(all->completed, &future));
    EXPECT_BROKEN(cf_next(all->map, &future));
    EXPECT_BROKEN(cf_next(all->pulled, &future));
    cf_iterator_release(all->completed);
    cf_iterator_release(all->map);
    cf_iterator_release(all->pulled);
    cf_future_release(cf_future_retain(all->blocked));
    cf_future_release(all->blocked);
    cf_future_release(all->promise);
    cf_future_release(all->unwatched);
    cf_future_release(all->done);
    cf_future_release(all->failed);
    cf_executor_destroy(all->executor);
    EXPECT(all->on_errors == 0);
}

static void act_as_child(const struct inherited *all)
{
    alarm(20); /* a hang is a failure, not a wait */
    call_the_executor(all);
    call_the_open_futures(all);
    call_the_final_futures(all);
    give_all_back(all);
    make_anew_what_was_given_back();
    _exit(0);
}

void inherited_try(struct inherited *inherited)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        act_as_child(inherited);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}
