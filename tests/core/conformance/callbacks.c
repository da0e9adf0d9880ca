/* SPDX-License-Identifier: MIT */
/* What done-callbacks promise. */
#include "conformance.h"

#include <pthread.h>
#include <signal.h>

struct calls {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char order[16];
    size_t count;
};

static void note(struct calls *calls, char name)
{
    pthread_mutex_lock(&calls->lock);
    calls->order[calls->count++] = name;
    pthread_cond_signal(&calls->changed);
    pthread_mutex_unlock(&calls->lock);
}

static void await_calls(struct calls *calls, size_t count)
{
    pthread_mutex_lock(&calls->lock);
    while (calls->count < count)
        pthread_cond_wait(&calls->changed, &calls->lock);
    pthread_mutex_unlock(&calls->lock);
}

static struct calls calls;

static void note_a(struct cf_future *future, void *context)
{
    assert_true(cf_done(future));
    note(context, 'a');
}

static void note_b(struct cf_future *future, void *context)
{
    (void)future;
    note(context, 'b');
}

static void note_c(struct cf_future *future, void *context)
{
    (void)future;
    note(context, 'c');
}

static void callbacks_run_once_in_order_of_adding(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "every callback is added after the end");
    struct gate gate;
    gate_make(&gate);
    calls = (struct calls){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
                           "", 0};
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, stand_at_gate, &gate, sizeof gate);

    gate_await(&gate, 1);
    assert_status(cf_add_done_callback(future, note_a, &calls), CF_OK);
    assert_status(cf_add_done_callback(future, note_b, &calls), CF_OK);
    assert_status(cf_add_done_callback(future, note_c, &calls), CF_OK);
    gate_open(&gate, 1);
    await_calls(&calls, 3);
    assert_memory_equal(calls.order, "abc", 3);
    cf_future_release(future);
    cf_executor_destroy(executor);
    assert_int_equal(calls.count, 3);
    gate_close(&gate);
}

static void
a_callback_added_late_runs_at_once_in_the_adding_thread(void **state)
{
    (void)state;
    calls = (struct calls){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
                           "", 0};
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, square, 2);
    int_result(future);
    assert_status(cf_add_done_callback(future, note_a, &calls), CF_OK);
    assert_int_equal(calls.count, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Its own future, which has ended, and one that nobody has begun. */
static void cancel_both(struct cf_future *future, void *context)
{
    struct cf_future *promise = context;
    bool is_right = !cf_cancel(future) && cf_cancel(promise) &&
                    cf_cancel(promise) && cf_cancelled(promise);
    note(&calls, is_right ? 'y' : 'n');
}

static void a_callback_may_cancel(void **state)
{
    (void)state;
    calls = (struct calls){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
                           "", 0};
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, square, 2), *promise;
    assert_status(cf_future_create(&promise), CF_OK);
    assert_status(cf_add_done_callback(future, cancel_both, promise), CF_OK);
    await_calls(&calls, 1);
    assert_memory_equal(calls.order, "y", 1);
    assert_status(cf_result(promise, CF_FOREVER, NULL, 0), CF_CANCELLED);
    cf_future_release(promise);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void resubmit(struct cf_future *future, void *context)
{
    struct cf_future **next = context;
    (void)future;
    *next = submit_int(*(struct cf_executor **)(next + 1), square, 8);
    note(&calls, 'r');
}

static void a_callback_may_submit(void **state)
{
    (void)state;
    calls = (struct calls){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
                           "", 0};
    struct cf_executor *executor = executor_of(1);
    struct {
        struct cf_future *next;
        struct cf_executor *executor;
    } context = {NULL, executor};
    struct cf_future *future = submit_int(executor, square, 2);
    assert_status(cf_add_done_callback(future, resubmit, &context), CF_OK);
    await_calls(&calls, 1);
    assert_int_equal(int_result(context.next), 64);
    cf_future_release(context.next);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void pass_the_gate(struct cf_future *future, void *context)
{
    (void)future;
    assert_true(gate_pass(context));
}

static void a_callback_that_blocks_holds_no_other_task_up(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the callback runs in this thread");
    SKIP_IF(backend == CF_GIL, "who blocks in a callback keeps the lock");
    struct gate gate, second;
    gate_make(&gate);
    gate_make(&second);
    struct cf_executor *executor = executor_of(3);
    struct cf_future *future =
        submit(executor, stand_at_gate, &second, sizeof second);
    gate_await(&second, 1);
    assert_status(cf_add_done_callback(future, pass_the_gate, &gate), CF_OK);
    gate_open(&second, 1);
    gate_await(&gate, 1); /* the callback stands there, in a worker perhaps */
    struct cf_future *other = submit_int(executor, square, 6);
    assert_int_equal(int_result(other), 36);
    gate_open(&gate, 1);
    cf_future_release(future);
    cf_future_release(other);
    cf_executor_destroy(executor);
    gate_close(&gate);
    gate_close(&second);
}

/* How many of the signals that a thread's own instructions raise are blocked
 * in this one: a blocked one kills, whatever handler the program has. */
static int blocked_faults(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    sigset_t blocked;
    int count = 0;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        count += sigismember(&blocked, faults[i]);
    return count;
}

static enum cf_status count_blocked_faults(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    int count = blocked_faults();
    (void)arg_bytes;

    if (!gate_pass(arg))
        return cf_raise(task, 1, "the gate is broken");
    return cf_return(task, &count, sizeof count);
}

static void note_blocked_faults(struct cf_future *future, void *context)
{
    (void)future;
    note(context, blocked_faults() == 0 ? 'y' : 'n');
}

static void a_fault_in_a_task_or_callback_finds_the_hosts_handler(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "all runs in this thread");
    struct gate gate;
    gate_make(&gate);
    calls = (struct calls){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
                           "", 0};
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, count_blocked_faults, &gate, sizeof gate);

    gate_await(&gate, 1);
    assert_status(cf_add_done_callback(future, note_blocked_faults, &calls),
                  CF_OK);
    gate_open(&gate, 1);
    assert_int_equal(int_result(future), 0);
    await_calls(&calls, 1);
    assert_memory_equal(calls.order, "y", 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int run_callback_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_run_once_in_order_of_adding),
        cmocka_unit_test(
            a_callback_added_late_runs_at_once_in_the_adding_thread),
        cmocka_unit_test(a_callback_may_cancel),
        cmocka_unit_test(a_callback_may_submit),
        cmocka_unit_test(a_callback_that_blocks_holds_no_other_task_up),
        cmocka_unit_test(a_fault_in_a_task_or_callback_finds_the_hosts_handler),
    };
    return cmocka_run_group_tests_name("callbacks", tests, NULL, NULL);
}
