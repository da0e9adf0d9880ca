/* SPDX-License-Identifier: MIT */
/* Futures that are set by hand: the state machine from outside. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cf/cf.h>

static struct cf_future *pending(void)
{
    struct cf_future *future;
    assert_int_equal(cf_future_create(&future), CF_OK);
    assert_int_equal(cf_future_info(future).state, CF_STATE_PENDING);
    return future;
}

static void a_result_can_be_set_pending_or_running(void **state)
{
    (void)state;
    for (int is_started = 0; is_started < 2; is_started++) {
        struct cf_future *future = pending();
        int seven = 7, result;
        if (is_started) {
            assert_int_equal(cf_future_start(future), CF_OK);
            assert_true(cf_running(future));
        }
        assert_int_equal(cf_result(future, 0, &result, sizeof result),
                         CF_TIMEOUT);
        assert_int_equal(cf_future_set_result(future, &seven, sizeof seven),
                         CF_OK);
        assert_int_equal(cf_result(future, 0, &result, sizeof result), CF_OK);
        assert_int_equal(result, 7);
        cf_future_release(future);
    }
}

static void a_second_set_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct cf_future *future = pending();
    struct cf_error error = {.status = CF_EXCEPTION, .message = "too late"};
    int one = 1, two = 2, result;

    assert_int_equal(cf_future_set_result(future, &one, sizeof one), CF_OK);
    assert_int_equal(cf_future_set_result(future, &two, sizeof two),
                     CF_INVALID);
    assert_int_equal(cf_future_set_error(future, &error), CF_INVALID);
    assert_int_equal(cf_future_start(future), CF_INVALID);
    assert_int_equal(cf_result(future, 0, &result, sizeof result), CF_OK);
    assert_int_equal(result, 1);
    cf_future_release(future);
}

static void an_error_set_by_hand_is_told_whole(void **state)
{
    (void)state;
    struct cf_future *future = pending();
    struct cf_error error = {.status = CF_CRASHED,
                             .code = 3,
                             .message = "the other side went away",
                             .file = "elsewhere.c",
                             .line = 12,
                             .signal = 9,
                             .exit_code = 5,
                             .pid = 4711,
                             .rung = CF_RUNG_KILLED,
                             .object = future,
                             .fault_address = 64,
                             .backtrace = "here\nthere\n",
                             .peak_bytes = 1 << 20,
                             .is_out_of_memory = true};
    struct cf_error told;

    assert_int_equal(cf_future_set_error(future, &error), CF_OK);
    assert_int_equal(cf_result(future, 0, NULL, 0), CF_CRASHED);
    assert_int_equal(cf_future_error(future, 0, &told), CF_OK);
    assert_string_equal(told.message, error.message);
    assert_string_equal(told.file, error.file);
    assert_int_equal(told.line, 12);
    assert_int_equal(told.signal, 9);
    assert_int_equal(told.exit_code, 5);
    assert_int_equal(told.pid, 4711);
    assert_int_equal(told.rung, CF_RUNG_KILLED);
    assert_ptr_equal(told.object, future);
    assert_int_equal(told.fault_address, 64);
    assert_string_equal(told.backtrace, error.backtrace);
    assert_ptr_not_equal(told.backtrace, error.backtrace);
    assert_int_equal(told.peak_bytes, 1 << 20);
    assert_true(told.is_out_of_memory);
    error.status = CF_OK;
    assert_int_equal(cf_future_set_error(future, &error), CF_INVALID);
    cf_future_release(future);
}

static void a_promise_ran_in_no_process(void **state)
{
    (void)state;
    struct cf_future *future = pending();

    assert_int_equal(cf_future_set_result(future, NULL, 0), CF_OK);
    assert_int_equal(cf_future_info(future).pid, 0);
    assert_true(cf_future_info(future).worker == SIZE_MAX);
    cf_future_release(future);
}

static void
a_started_promise_cannot_be_cancelled_and_a_cancelled_not_started(void **state)
{
    (void)state;
    struct cf_future *started = pending(), *cancelled = pending();

    assert_int_equal(cf_future_start(started), CF_OK);
    assert_int_equal(cf_future_start(started), CF_INVALID);
    assert_false(cf_cancel(started));
    assert_true(cf_cancel(cancelled));
    assert_int_equal(cf_future_start(cancelled), CF_CANCELLED);
    assert_int_equal(cf_future_set_result(cancelled, NULL, 0), CF_CANCELLED);
    assert_true(cf_cancelled(cancelled));
    cf_future_release(started);
    cf_future_release(cancelled);
}

static enum cf_status do_nothing(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

static void a_future_that_an_executor_runs_is_no_promise(void **state)
{
    (void)state;
    struct cf_executor *executor;
    struct cf_future *future;
    struct cf_error error = {.status = CF_EXCEPTION};

    assert_int_equal(cf_executor_create(CF_THREAD, NULL, &executor), CF_OK);
    assert_int_equal(cf_submit(executor, do_nothing, NULL, 0, &future), CF_OK);
    assert_int_equal(cf_future_start(future), CF_INVALID);
    assert_int_equal(cf_future_set_result(future, NULL, 0), CF_INVALID);
    assert_int_equal(cf_future_set_error(future, &error), CF_INVALID);
    assert_int_equal(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    assert_int_equal(cf_future_start(NULL), CF_INVALID);
    assert_int_equal(cf_future_set_result(NULL, NULL, 0), CF_INVALID);
    assert_int_equal(cf_future_set_error(NULL, &error), CF_INVALID);
    assert_int_equal(cf_future_create(NULL), CF_INVALID);
}

static void *wait_for_seven(void *future)
{
    int result = 0;
    assert_int_equal(cf_result(future, CF_FOREVER, &result, sizeof result),
                     CF_OK);
    return (void *)(intptr_t)result;
}

static void a_set_wakes_who_waits_and_runs_callbacks_here(void **state)
{
    (void)state;
    struct cf_future *future = pending();
    pthread_t waiters[3];
    int seven = 7;

    for (int i = 0; i < 3; i++)
        pthread_create(&waiters[i], NULL, wait_for_seven, future);
    assert_int_equal(cf_future_set_result(future, &seven, sizeof seven), CF_OK);
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(waiters[i], &result);
        assert_int_equal((intptr_t)result, 7);
    }
    cf_future_release(future);
}

static struct cf_future *contested;
static _Atomic int winners, cancels;

static void *set_it(void *argument)
{
    int number = (int)(intptr_t)argument;
    if (cf_future_set_result(contested, &number, sizeof number) == CF_OK)
        atomic_fetch_add(&winners, 1);
    return NULL;
}

static void *cancel_it(void *argument)
{
    (void)argument;
    if (cf_cancel(contested))
        atomic_fetch_add(&cancels, 1);
    return NULL;
}

static void of_many_who_set_and_cancel_one_wins(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        pthread_t threads[4];
        contested = pending();
        winners = cancels = 0;
        for (intptr_t i = 0; i < 3; i++)
            pthread_create(&threads[i], NULL, set_it, (void *)i);
        pthread_create(&threads[3], NULL, cancel_it, NULL);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        assert_int_equal(winners + cancels, 1);
        assert_int_equal(cf_cancelled(contested), cancels);
        cf_future_release(contested);
    }
}

struct late_end {
    pthread_barrier_t begin;
    struct cf_future *future;
};

static void *end_late(void *argument)
{
    struct late_end *late = argument;
    enum cf_status status;

    pthread_barrier_wait(&late->begin);
    status = cf_future_set_result(late->future, NULL, 0);
    return (void *)(uintptr_t)status;
}

/* One that ends while as_completed looks at them comes in its place or last, not
 * among those that have ended long ago. */
static void what_ended_before_comes_before_what_ends_now(void **state)
{
    (void)state;
    enum { MANY = 20000, ROUNDS = 200 };
    struct cf_future **futures = calloc(MANY, sizeof futures[0]);
    struct late_end late;

    assert_int_equal(pthread_barrier_init(&late.begin, NULL, 2), 0);
    for (int i = 1; i < MANY; i++) {
        futures[i] = pending();
        assert_int_equal(cf_future_set_result(futures[i], NULL, 0), CF_OK);
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct cf_iterator *iterator;
        struct cf_future *future;
        pthread_t thread;
        void *status;
        int at = MANY;

        late.future = futures[0] = pending();
        assert_int_equal(pthread_create(&thread, NULL, end_late, &late), 0);
        pthread_barrier_wait(&late.begin);
        assert_int_equal(cf_as_completed(futures, MANY, CF_FOREVER, &iterator),
                         CF_OK);
        for (int i = 0; i < MANY; i++) {
            assert_int_equal(cf_next(iterator, &future), CF_OK);
            at = future == futures[0] ? i : at;
        }
        assert_true(at == 0 || at == MANY - 1);
        cf_iterator_release(iterator);
        pthread_join(thread, &status);
        assert_int_equal((uintptr_t)status, CF_OK);
        cf_future_release(futures[0]);
    }
    for (int i = 1; i < MANY; i++)
        cf_future_release(futures[i]);
    pthread_barrier_destroy(&late.begin);
    free(futures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_can_be_set_pending_or_running),
        cmocka_unit_test(a_second_set_is_refused_and_changes_nothing),
        cmocka_unit_test(an_error_set_by_hand_is_told_whole),
        cmocka_unit_test(a_promise_ran_in_no_process),
        cmocka_unit_test(
            a_started_promise_cannot_be_cancelled_and_a_cancelled_not_started),
        cmocka_unit_test(a_future_that_an_executor_runs_is_no_promise),
        cmocka_unit_test(a_set_wakes_who_waits_and_runs_callbacks_here),
        cmocka_unit_test(of_many_who_set_and_cancel_one_wins),
        cmocka_unit_test(what_ended_before_comes_before_what_ends_now),
    };
    return cmocka_run_group_tests_name("promises", tests, NULL, NULL);
}
