/* SPDX-License-Identifier: MIT */
/* What calls answer to nonsense, and how a task's end is told by each call that
 * asks for it: what statuses.md lists and no test of a single promise shows. */
#include <semaphore.h>
#include <stddef.h>
#include <string.h>

#include "shared.h"

static struct cf_executor *executor_of(const struct cf_backend *backend,
                                       struct cf_options options)
{
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    return executor;
}

static struct cf_future *pending(void)
{
    struct cf_future *future;
    assert_status(cf_future_create(&future), CF_OK);
    return future;
}

/* --- nonsense --- */

static void no_place_and_no_name_are_refused(void **state)
{
    const struct cf_backend *backend = CF_THREAD;

    (void)state;
    assert_status(cf_backend_find("fred", &backend), CF_INVALID);
    assert_non_null(strstr(cf_last_error().text, "\"fred\""));
    assert_null(backend);
    assert_status(cf_backend_find(NULL, &backend), CF_INVALID);
    assert_status(cf_backend_find("thread", NULL), CF_INVALID);
    assert_status(cf_backend_find("thread", &backend), CF_OK);
    assert_ptr_equal(backend, CF_THREAD);
    assert_status(cf_waiter_of_this_thread(NULL), CF_INVALID);
    assert_status(cf_result_view(NULL, 0, NULL, NULL), CF_INVALID);
    assert_status(cf_add_done_callback_owned(NULL, NULL, NULL, NULL),
                  CF_INVALID);
}

static void what_is_asked_about_nobody_is_nothing(void **state)
{
    struct cf_error error = {.status = CF_OK};
    struct cf_future *future = pending();

    (void)state;
    assert_string_equal(cf_status_name(CF_STOPPED), "CF_STOPPED");
    assert_string_equal(cf_status_name((enum cf_status)99), "CF_?");
    assert_string_equal(cf_version(), CF_VERSION);
    assert_string_equal(cf_backend_name(CF_GIL), "gil");
    assert_true(cf_backend_about(CF_GIL)[0] != '\0');
    assert_null(cf_backend_missing(CF_SERIAL));
    assert_ptr_equal(cf_backend_at(0), CF_SERIAL);
    assert_null(cf_backend_at(99));
    assert_int_equal(cf_backend_default_workers(CF_SERIAL), 1);
    assert_string_equal(cf_backend_name(NULL), "");
    assert_string_equal(cf_backend_about(NULL), "");
    assert_non_null(cf_backend_missing(NULL));
    assert_int_equal(cf_backend_default_workers(NULL), 0);
    assert_int_equal(cf_executor_workers(NULL), 0);
    assert_string_equal(cf_executor_host(NULL, 0), "");
    assert_null(cf_executor_backend(NULL));
    assert_int_equal(cf_executor_stats(NULL).submitted, 0);
    assert_true(cf_usable_cpus().count >= 1);
    cf_interrupt(NULL);
    cf_worker_entry(); /* nobody has started this as a worker */
    cf_executor_destroy(NULL);
    cf_buffer_release(NULL);
    cf_iterator_release(NULL);
    cf_future_release(NULL);
    assert_status(cf_future_set_error(future, NULL), CF_INVALID);
    assert_status(cf_future_set_error(future, &error), CF_INVALID);
    assert_status(cf_future_set_result(future, NULL, 1), CF_INVALID);
    assert_false(cf_done(future));
    assert_true(cf_cancel(future));
    error.status = CF_EXCEPTION;
    assert_status(cf_future_set_error(future, &error), CF_CANCELLED);
    cf_future_release(future);
}

static bool pull_nothing(void *context, const void **arg, size_t *arg_bytes)
{
    (void)context;
    (void)arg;
    (void)arg_bytes;
    return false;
}

static enum cf_status count_up(struct cf_task *task, void *arg)
{
    (void)task;
    ++*(int *)arg;
    return CF_OK;
}

static void a_branch_without_a_task_is_joined_once(void **state)
{
    struct cf_branch branch;
    int calls = 0;
    (void)state;

    for (int round = 1; round <= 2; round++) { /* it may be forked anew */
        cf_branch_fork(NULL, &branch, count_up, &calls);
        assert_status(cf_branch_join(NULL, &branch), CF_OK);
        assert_status(cf_branch_join(NULL, &branch), CF_INVALID);
        assert_int_equal(calls, round);
    }
}

static void more_places_than_there_is_memory_for_are_nomem(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_SERIAL, (struct cf_options){0});
    struct cf_iterator *iterator;

    (void)state;
    for (int is_unordered = 0; is_unordered <= 1; is_unordered++)
        for (size_t fewer = 0; fewer <= 1; fewer++) {
            struct cf_map_options options = {.unordered = is_unordered != 0,
                                             .buffersize = SIZE_MAX - fewer};
            assert_status(cf_map_from(executor, square, pull_nothing, NULL,
                                      &options, &iterator),
                          CF_NOMEM);
        }
    cf_executor_destroy(executor);
}

static enum cf_status return_no_buffer(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    enum cf_status status = cf_return_buffer(task, NULL);
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &status, sizeof status);
}

static void no_buffer_is_no_result(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_SERIAL, (struct cf_options){0});
    struct cf_future *future = submit(executor, return_no_buffer, NULL, 0);
    struct cf_buffer *buffer;
    enum cf_status status = CF_OK;

    (void)state;
    assert_status(cf_result(future, 0, &status, sizeof status), CF_OK);
    assert_status(status, CF_INVALID);
    assert_status(cf_result_buffer(future, 0, &buffer), CF_INVALID);
    assert_status(cf_result_buffer(NULL, 0, &buffer), CF_INVALID);
    assert_status(cf_result_buffer(future, 0, NULL), CF_INVALID);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void an_executor_without_a_place_for_its_descriptor(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_SERIAL, (struct cf_options){0});
    int fd;

    (void)state;
    assert_status(cf_executor_fd(executor, NULL), CF_INVALID);
    assert_status(cf_executor_fd(NULL, &fd), CF_INVALID);
    cf_executor_destroy(executor);
}

/* --- how a task ended --- */

static enum cf_status raise_for_another(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    assert_status(cf_raise_at(task, "rules.txt", 7, 3, "rule %d", 4),
                  CF_EXCEPTION);
    return CF_EXCEPTION;
}

static void an_error_may_name_a_place_of_its_own(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_SERIAL, (struct cf_options){0});
    struct cf_future *future = submit(executor, raise_for_another, NULL, 0);
    struct cf_error error;

    (void)state;
    assert_status(cf_future_error(future, 0, &error), CF_OK);
    assert_string_equal(error.file, "rules.txt");
    assert_int_equal(error.line, 7);
    assert_int_equal(error.code, 3);
    assert_string_equal(error.message, "rule 4");
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* What each call that waits for a future's outcome makes of it. */
static void assert_told(struct cf_future *future, int64_t timeout_ns,
                        enum cf_status expected)
{
    struct cf_buffer *buffer;
    const void *view = &buffer;
    size_t bytes = 1;

    assert_status(cf_result(future, timeout_ns, NULL, 0), expected);
    assert_status(cf_result_view(future, timeout_ns, &view, &bytes), expected);
    assert_null(view);
    assert_int_equal(bytes, 0);
    assert_status(cf_result_buffer(future, timeout_ns, &buffer),
                  expected == CF_OK ? CF_INVALID : expected);
    assert_null(buffer);
}

static void each_outcome_is_told_alike_by_whatever_asks(void **state)
{
    static const enum cf_status endings[] = {CF_EXCEPTION, CF_CRASHED,
                                             CF_EXPIRED, CF_BROKEN};
    struct cf_future *future = pending();
    struct cf_error error;

    (void)state;
    assert_told(future, 0, CF_TIMEOUT);
    assert_status(cf_future_error(future, 0, &error), CF_TIMEOUT);
    assert_true(cf_cancel(future));
    assert_told(future, 0, CF_CANCELLED);
    cf_future_release(future);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        future = pending();
        error = (struct cf_error){.status = endings[i]};
        assert_status(cf_future_set_error(future, &error), CF_OK);
        assert_told(future, 0, endings[i]);
        assert_status(cf_future_error(future, 0, &error), CF_OK);
        assert_status(error.status, endings[i]);
        cf_future_release(future);
    }
    future = pending();
    assert_status(cf_future_set_result(future, NULL, 0), CF_OK);
    assert_told(future, 0, CF_OK);
    cf_future_release(future);
}

static sem_t has_left;

static enum cf_status leave_the_gate(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    enum cf_status status = wait_at_gate(task, arg, arg_bytes);

    sem_post(&has_left);
    return status;
}

/* Nobody waits for a task that was stopped by leaving it behind; so it has to
 * say itself that it needs the gate no more. */
static void a_task_that_was_stopped_is_told_alike(void **state)
{
    struct gate gate;
    struct cf_executor *executor =
        executor_of(CF_THREAD, (struct cf_options){.max_workers = 1});

    (void)state;
    gate_make(&gate);
    sem_init(&has_left, 0, 0);
    struct cf_future *future =
        submit(executor, leave_the_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_stop(future, 0), CF_OK);
    assert_told(future, CF_FOREVER, CF_STOPPED);
    gate_open(&gate, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    while (sem_wait(&has_left) != 0)
        ;
    gate_close(&gate);
}

/* A task that asks for its own outcome, by one call or another. */
static struct cf_future *of_itself;

static enum cf_status wait_for_itself(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct cf_error error;
    struct cf_buffer *buffer;
    enum cf_status told[4];

    (void)arg_bytes;
    if (!gate_pass(arg))
        return cf_raise(task, 1, "the gate is broken");
    told[0] = cf_result(of_itself, CF_FOREVER, NULL, 0);
    told[1] = cf_result_view(of_itself, CF_FOREVER, NULL, NULL);
    told[2] = cf_result_buffer(of_itself, CF_FOREVER, &buffer);
    told[3] = cf_future_error(of_itself, CF_FOREVER, &error);
    return cf_return(task, told, sizeof told);
}

static void a_task_that_waits_for_itself_is_told_by_each_call(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_THREAD, (struct cf_options){.max_workers = 1});
    enum cf_status told[4];
    struct gate gate;

    (void)state;
    gate_make(&gate);
    of_itself = submit(executor, wait_for_itself, &gate, sizeof gate);
    gate_open(&gate, 1);
    assert_status(cf_result(of_itself, CF_FOREVER, told, sizeof told), CF_OK);
    for (int i = 0; i < 4; i++)
        assert_status(told[i], CF_DEADLOCK);
    cf_future_release(of_itself);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static struct cf_iterator *its_map; /* of the item that asks for the next */

static enum cf_status ask_for_the_next(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_future *future;

    (void)arg_bytes;
    if (!gate_pass(arg))
        return cf_raise(task, 1, "the gate is broken");
    enum cf_status told = cf_next(its_map, &future);
    return cf_return(task, &told, sizeof told);
}

static bool pull_one(void *context, const void **arg, size_t *arg_bytes)
{
    struct gate **gate = context;

    *arg = *gate;
    *arg_bytes = sizeof **gate;
    *gate = NULL;
    return *arg != NULL;
}

static void an_item_that_waits_for_itself_is_told(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_THREAD, (struct cf_options){.max_workers = 1});
    struct cf_future *future;
    enum cf_status told;
    struct gate gate;

    (void)state;
    gate_make(&gate);
    for (int is_pulled = 0; is_pulled < 2; is_pulled++) {
        struct gate *next = &gate;
        assert_status(is_pulled ? cf_map_from(executor, ask_for_the_next,
                                              pull_one, &next, NULL, &its_map)
                                : cf_map(executor, ask_for_the_next, &gate,
                                         sizeof gate, 1, NULL, &its_map),
                      CF_OK);
        gate_open(&gate, 1);
        gate_await(&gate, 1);
        assert_status(cf_join(executor, CF_FOREVER), CF_OK);
        assert_status(cf_next(its_map, &future), CF_OK);
        assert_status(cf_result(future, 0, &told, sizeof told), CF_OK);
        assert_status(told, CF_DEADLOCK);
        cf_iterator_release(its_map);
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_place_and_no_name_are_refused),
        cmocka_unit_test(what_is_asked_about_nobody_is_nothing),
        cmocka_unit_test(a_branch_without_a_task_is_joined_once),
        cmocka_unit_test(more_places_than_there_is_memory_for_are_nomem),
        cmocka_unit_test(no_buffer_is_no_result),
        cmocka_unit_test(an_executor_without_a_place_for_its_descriptor),
        cmocka_unit_test(an_error_may_name_a_place_of_its_own),
        cmocka_unit_test(each_outcome_is_told_alike_by_whatever_asks),
        cmocka_unit_test(a_task_that_was_stopped_is_told_alike),
        cmocka_unit_test(a_task_that_waits_for_itself_is_told_by_each_call),
        cmocka_unit_test(an_item_that_waits_for_itself_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
