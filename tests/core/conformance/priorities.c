/* SPDX-License-Identifier: MIT */
/* In what order tasks with priorities start. */
#include "conformance.h"

#include <stdatomic.h>
#include <string.h>

static bool goes_by_priorities(void)
{
    return backend == CF_THREAD || backend == CF_GIL;
}

#define SKIP_UNLESS_IT_GOES_BY_THEM()                                          \
    SKIP_IF(!goes_by_priorities(),                                             \
            is_serial() ? "nothing ever waits" : "it has no priorities")

/* One worker that stands at a gate, until everything is queued. */
struct line {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *first;
    _Atomic int started;
};

static void line_up(struct line *line)
{
    gate_make(&line->gate);
    line->executor = executor_of(1);
    line->first =
        submit(line->executor, stand_at_gate, &line->gate, sizeof line->gate);
    gate_await(&line->gate, 1);
    atomic_store(&line->started, 0);
}

static void dissolve(struct line *line)
{
    cf_future_release(line->first);
    cf_executor_destroy(line->executor);
    gate_close(&line->gate);
}

/* The place at which it started, from 0. */
static enum cf_status tell_place(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct line *line = *(struct line *const *)arg;
    int place = atomic_fetch_add(&line->started, 1);
    (void)arg_bytes;
    return cf_return(task, &place, sizeof place);
}

static struct cf_future *submit_at(struct line *line, int priority)
{
    struct cf_call call = {.priority = priority};
    struct cf_future *future;
    assert_status(cf_submit_call(line->executor, tell_place, &line, sizeof line,
                                 &call, &future),
                  CF_OK);
    return future;
}

static int place_of(struct cf_future *future)
{
    int place = int_result(future);
    cf_future_release(future);
    return place;
}

static void higher_priorities_start_first(void **state)
{
    (void)state;
    SKIP_UNLESS_IT_GOES_BY_THEM();
    const int priorities[] = {0, 1, -1, 3, 2, 0, 3, -1000, 1000};
    const int places[] = {5, 4, 7, 1, 3, 6, 2, 8, 0};
    struct cf_future *futures[9];
    struct line line;
    line_up(&line);
    for (int i = 0; i < 9; i++)
        futures[i] = submit_at(&line, priorities[i]);
    gate_open(&line.gate, 1);
    for (int i = 0; i < 9; i++)
        assert_int_equal(place_of(futures[i]), places[i]);
    dissolve(&line);
}

static void tasks_of_one_priority_start_in_order(void **state)
{
    (void)state;
    SKIP_UNLESS_IT_GOES_BY_THEM();
    for (int priority = -5; priority <= 5; priority += 5) {
        struct cf_future *futures[200];
        struct line line;
        line_up(&line);
        for (int i = 0; i < 200; i++)
            futures[i] = submit_at(&line, priority);
        gate_open(&line.gate, 1);
        for (int i = 0; i < 200; i++)
            assert_int_equal(place_of(futures[i]), i);
        dissolve(&line);
    }
}

/* One task, then many that are one step above it: 16 may overtake it. */
static void a_task_is_overtaken_by_a_bounded_number_of_later_ones(void **state)
{
    (void)state;
    SKIP_UNLESS_IT_GOES_BY_THEM();
    for (int priority = -2; priority <= 1; priority++) {
        struct cf_future *futures[200];
        struct line line;
        line_up(&line);
        struct cf_future *low = submit_at(&line, priority);
        for (int i = 0; i < 200; i++)
            futures[i] = submit_at(&line, priority + 1);
        gate_open(&line.gate, 1);
        int place = place_of(low);
        assert_true(place >= 10 && place <= 17);
        for (int i = 0; i < 200; i++)
            cf_future_release(futures[i]);
        dissolve(&line);
    }
}

static void a_task_with_a_priority_is_cancelled_like_any(void **state)
{
    (void)state;
    SKIP_UNLESS_IT_GOES_BY_THEM();
    struct line line;
    line_up(&line);
    struct cf_future *high = submit_at(&line, 5), *low = submit_at(&line, -5);
    assert_true(cf_cancel(high));
    assert_status(cf_shutdown(line.executor, CF_SHUTDOWN_CANCEL, 0),
                  CF_TIMEOUT);
    assert_true(cf_cancelled(low));
    gate_open(&line.gate, 1);
    assert_int_equal(int_result(line.first), 1);
    assert_int_equal(atomic_load(&line.started), 0);
    cf_future_release(high);
    cf_future_release(low);
    dissolve(&line);
}

/* Submits one below 0 and waits for it: it runs it itself. */
static enum cf_status wait_for_a_low_one(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    struct cf_call call = {.priority = -1000};
    struct cf_future *inner;
    int result = 0;

    if (cf_submit_call(cf_task_executor(task), square, arg, arg_bytes, &call,
                       &inner) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status =
        cf_result(inner, CF_FOREVER, &result, sizeof result);
    cf_future_release(inner);
    return status == CF_OK ? cf_return(task, &result, sizeof result) : status;
}

static void a_wait_does_not_go_by_priorities(void **state)
{
    (void)state;
    SKIP_IF(!goes_by_priorities() && !is_serial(), "it has no priorities");
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[100];
    for (int i = 0; i < 100; i++)
        futures[i] = submit_int(executor, wait_for_a_low_one, i);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(int_result(futures[i]), i * i);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
}

static void priorities_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_call high = {.priority = 1000},
                   nonsense[] = {{.priority = 1001}, {.priority = -1001}};
    struct cf_future *future;
    bool can = goes_by_priorities() || is_serial();

    assert_status(cf_submit_call(executor, echo, "four", 4, &high, &future),
                  can ? CF_OK : CF_UNSUPPORTED);
    if (!can)
        assert_non_null(strstr(cf_last_error().text, "a priority"));
    cf_future_release(future);
    for (int i = 0; i < 2; i++)
        assert_status(
            cf_submit_call(executor, echo, "four", 4, &nonsense[i], &future),
            CF_INVALID);
    cf_executor_destroy(executor);
}

int run_priority_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(higher_priorities_start_first),
        cmocka_unit_test(tasks_of_one_priority_start_in_order),
        cmocka_unit_test(a_task_is_overtaken_by_a_bounded_number_of_later_ones),
        cmocka_unit_test(a_task_with_a_priority_is_cancelled_like_any),
        cmocka_unit_test(a_wait_does_not_go_by_priorities),
        cmocka_unit_test(priorities_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests_name("priorities", tests, NULL, NULL);
}
