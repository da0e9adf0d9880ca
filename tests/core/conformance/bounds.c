/* SPDX-License-Identifier: MIT */
/* What tasks and callbacks are promised that submit where the queue is full. */
#include "conformance.h"

#include <unistd.h>

/* One worker, and one task may wait. */
static struct cf_executor *narrow_executor(void)
{
    struct cf_options options = {.max_workers = 1, .max_pending = 1};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    return executor;
}

/* --- callbacks --- */

static _Thread_local bool is_in_callback;

struct place {
    int pid;
    bool is_in_callback;
};

static enum cf_status tell_place(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct place place = {getpid(), is_in_callback};
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &place, sizeof place);
}

struct submits {
    struct cf_executor *executor;
    struct cf_future *futures[6];
    size_t count;
};

/* More than there is ever room for. */
static void submit_three(struct cf_future *future, void *context)
{
    struct submits *submits = context;
    (void)future;
    is_in_callback = true;
    for (int i = 0; i < 3; i++)
        submits->futures[submits->count++] =
            submit(submits->executor, tell_place, NULL, 0);
    is_in_callback = false;
}

/* In the thread that cancels, and where the end of a task calls it. */
static void callbacks_submit_without_waiting_for_room(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    bool needs_worker = is_remote() || backend == CF_GIL;
    struct gate gate;
    gate_make(&gate);
    struct submits submits = {.executor = narrow_executor()};
    struct cf_future *running =
        submit(submits.executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    struct cf_future *pending = submit_int(submits.executor, square, 2);

    assert_status(cf_add_done_callback(pending, submit_three, &submits), CF_OK);
    assert_status(cf_add_done_callback(running, submit_three, &submits), CF_OK);
    assert_true(cf_cancel(pending));
    assert_int_equal(submits.count, 3);
    gate_open(&gate, 1);
    assert_status(cf_join(submits.executor, CF_FOREVER),
                  CF_OK); /* the callbacks have run */
    assert_int_equal(submits.count, 6);
    for (int i = 0; i < 6; i++) {
        struct place place;
        assert_status(
            cf_result(submits.futures[i], CF_FOREVER, &place, sizeof place),
            CF_OK);
        assert_false(needs_worker && place.is_in_callback);
        assert_false(is_remote() && place.pid == getpid());
        cf_future_release(submits.futures[i]);
    }
    cf_future_release(pending);
    cf_future_release(running);
    cf_executor_destroy(submits.executor);
    gate_close(&gate);
}

int run_bound_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_submit_without_waiting_for_room),
    };
    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
