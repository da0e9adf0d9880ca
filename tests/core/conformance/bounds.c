/* SPDX-License-Identifier: MIT */
/* What tasks and callbacks are promised that submit where the queue is full. */
#include "conformance.h"

#include <stdatomic.h>
#include <unistd.h>

#define LEVELS 2000

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
    _Atomic size_t count; /* no thread sanitizer sees an order across workers */
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

/* The second finds no room, while another may have the lock. */
static enum cf_status submit_while_blocking(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    struct cf_future *futures[2];
    (void)arg;
    (void)arg_bytes;
    cf_blocking_begin(task);
    for (int i = 0; i < 2; i++)
        futures[i] = submit_int(cf_task_executor(task), square, i);
    bool has_run = cf_done(futures[1]);
    cf_blocking_end(task);
    for (int i = 0; i < 2; i++)
        cf_future_release(futures[i]);
    return has_run ? cf_raise(task, 1, "it has run already") : CF_OK;
}

static void nothing_runs_without_the_lock(void **state)
{
    (void)state;
    SKIP_IF(backend != CF_GIL, "its tasks need no lock");
    struct cf_executor *executor = narrow_executor();
    struct cf_future *future = submit(executor, submit_while_blocking, NULL, 0);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- tasks inside each other's submits --- */

struct chain {
    struct gate gate;
    int left;
};

/* The first and the last wait at the gate; each but that submits the next one,
 * and uses 16 KiB of stack. */
static enum cf_status submit_the_next(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct chain chain = *(const struct chain *)arg;
    volatile char room[16384];
    struct cf_future *next;

    room[0] = room[sizeof room - 1] = 1; /* it is touched */
    bool waits = (chain.left == LEVELS || chain.left == 1) && !is_serial();
    if (waits && !gate_pass(&chain.gate))
        return cf_raise(task, 1, "the gate is broken");
    if (--chain.left == 0)
        return CF_OK;
    if (cf_submit(cf_task_executor(task), submit_the_next, &chain, arg_bytes,
                  &next) != CF_OK)
        return cf_raise(task, 2, "%s", cf_last_error().text);
    cf_future_release(next);
    return room[0] == 1 ? CF_OK : CF_EXCEPTION;
}

static void pass_first_and_last(struct gate *gate, struct cf_executor *executor)
{
    gate_await(gate, 1);
    cf_future_release(submit_int(executor, square, 2)); /* now it is full */
    gate_open(gate, 1);
    gate_await(gate, 1);
    gate_open(gate, 1);
}

static void submits_to_a_full_queue_are_bounded_by_no_stack(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_MPI, "a task's executor is its rank's part");
    struct chain chain = {.left = LEVELS};
    gate_make(&chain.gate);
    struct cf_executor *executor = narrow_executor();
    struct cf_future *first =
        submit(executor, submit_the_next, &chain, sizeof chain);

    if (!is_serial())
        pass_first_and_last(&chain.gate, executor);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_status(cf_result(first, 0, NULL, 0), CF_OK);
    assert_int_equal(cf_executor_stats(executor).succeeded,
                     is_serial() ? LEVELS : LEVELS + 1);
    for (int i = 0; i < 2; i++) /* and there is room again */
        cf_future_release(submit_int(executor, square, i));
    cf_future_release(first);
    cf_executor_destroy(executor);
    gate_close(&chain.gate);
}

int run_bound_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_submit_without_waiting_for_room),
        cmocka_unit_test(nothing_runs_without_the_lock),
        cmocka_unit_test(submits_to_a_full_queue_are_bounded_by_no_stack),
    };
    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
