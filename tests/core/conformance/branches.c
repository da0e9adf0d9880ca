/* SPDX-License-Identifier: MIT */
/* What tasks that fork and join are promised. */
#include "conformance.h"

#include <unistd.h>

/* *n becomes fib(*n). */
static enum cf_status fib(struct cf_task *task, void *arg)
{
    long *n = arg, less = *n - 1;
    struct cf_branch branch;

    if (*n < 2)
        return CF_OK;
    cf_branch_fork(task, &branch, fib, &less);
    *n -= 2;
    enum cf_status status = fib(task, n);
    enum cf_status other = cf_branch_join(task, &branch);
    *n += less;
    return status != CF_OK ? status : other;
}

static enum cf_status fib_task(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    long n = *(const int *)arg;
    (void)arg_bytes;

    if (fib(task, &n) != CF_OK)
        return cf_raise(task, 1, "a branch failed");
    int result = (int)n;
    return cf_return(task, &result, sizeof result);
}

static void a_task_that_forks_and_joins_gets_what_its_branches_brought(void **s)
{
    (void)s;
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct cf_future *futures[3];
        for (int i = 0; i < 3; i++)
            futures[i] = submit_int(executor, fib_task, 16);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(int_result(futures[i]), 987);
            cf_future_release(futures[i]);
        }
        cf_executor_destroy(executor);
    }
}

static void without_a_task_branches_run_where_they_are_joined(void **state)
{
    long n = 12;
    (void)state;
    assert_status(fib(NULL, &n), CF_OK);
    assert_int_equal(n, 144);
}

/* What a branch may ask of its task, where there is none. */
static enum cf_status ask(struct cf_task *task, void *arg)
{
    bool *has_none = arg;

    cf_blocking_begin(task);
    cf_blocking_end(task);
    *has_none = !cf_stopping(task) && cf_worker_index(task) == SIZE_MAX &&
                !cf_worker_state(task) && !cf_task_executor(task) &&
                cf_task_attempt(task) == 0 && !cf_task_buffer(task, 0) &&
                cf_return(task, NULL, 0) == CF_INVALID &&
                cf_return_space(task, 1) == NULL;
    return cf_raise(task, 1, "no task to fail");
}

static void a_branch_without_a_task_may_ask_as_any_other(void **state)
{
    struct cf_branch branch;
    bool has_none = false;
    (void)state;

    cf_branch_fork(NULL, &branch, ask, &has_none);
    assert_status(cf_branch_join(NULL, &branch), CF_EXCEPTION);
    assert_true(has_none);
}

/* --- scenes: what a task does; the answer is the same everywhere --- */

typedef int scene(struct cf_task *task);

static scene statuses_of_two, result_of_a_branch, joins_out_of_order,
    leaves_one_in_a_branch, sum_of_squares, opens_many, goes_down;

/* An address means nothing in a process that was started anew. */
static scene *const scenes[] = {
    statuses_of_two,    result_of_a_branch,
    joins_out_of_order, leaves_one_in_a_branch,
    sum_of_squares,     opens_many,
    goes_down,
};

static enum cf_status play(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    int result = scenes[*(const int *)arg](task);
    (void)arg_bytes;
    return cf_return(task, &result, sizeof result);
}

/* On one worker and on two. */
static void expect(scene *function, int answer)
{
    int which = 0;

    while (scenes[which] != function)
        which++;
    for (size_t workers = 1; workers <= 2; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct cf_future *future = submit_int(executor, play, which);
        assert_int_equal(int_result(future), answer);
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
}

static enum cf_status fail_in_a_branch(struct cf_task *task, void *arg)
{
    return cf_raise(task, *(int *)arg, "only the status is kept");
}

static enum cf_status be_full(struct cf_task *task, void *arg)
{
    (void)task, (void)arg;
    return CF_FULL;
}

static int statuses_of_two(struct cf_task *task)
{
    struct cf_branch failing, full;
    int code = 7;

    cf_branch_fork(task, &failing, fail_in_a_branch, &code);
    cf_branch_fork(task, &full, be_full, NULL);
    int of_full = (int)cf_branch_join(task, &full);
    return of_full * 100 + (int)cf_branch_join(task, &failing);
}

static void a_join_returns_what_its_branch_returned(void **state)
{
    (void)state;
    expect(statuses_of_two, CF_FULL * 100 + CF_EXCEPTION);
}

static enum cf_status give(struct cf_task *task, void *arg)
{
    return cf_return(task, arg, sizeof(int));
}

static int result_of_a_branch(struct cf_task *task)
{
    struct cf_branch branch;
    int seven = 7;

    cf_branch_fork(task, &branch, give, &seven);
    return (int)cf_branch_join(task, &branch);
}

static void a_branch_gives_no_result_of_its_task(void **state)
{
    (void)state;
    expect(result_of_a_branch, CF_INVALID);
}

static enum cf_status add_one(struct cf_task *task, void *arg)
{
    (void)task;
    ++*(int *)arg;
    return CF_OK;
}

/* Joined in the order of the forks, and one twice. */
static int joins_out_of_order(struct cf_task *task)
{
    struct cf_branch first, second;
    int ran[2] = {0, 0};

    cf_branch_fork(task, &first, add_one, &ran[0]);
    cf_branch_fork(task, &second, add_one, &ran[1]);
    int right = cf_branch_join(task, &first) == CF_INVALID;
    right += cf_branch_join(task, &second) == CF_OK;
    right += cf_branch_join(task, &second) == CF_INVALID;
    right += cf_branch_join(task, &first) == CF_OK;
    return right + (ran[0] == 1) + (ran[1] == 1);
}

static void only_the_branch_forked_last_can_be_joined(void **state)
{
    (void)state;
    expect(joins_out_of_order, 6);
}

/* Its own is open when it returns. */
static enum cf_status leave_open(struct cf_task *task, void *arg)
{
    cf_branch_fork(task, arg, be_full, NULL);
    return CF_OK;
}

static int leaves_one_in_a_branch(struct cf_task *task)
{
    struct cf_branch branch, left;

    cf_branch_fork(task, &branch, leave_open, &left);
    return (int)cf_branch_join(task, &branch);
}

static struct cf_branch forgotten; /* outlives the task that leaves it */

static enum cf_status forget(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    (void)arg_bytes;
    cf_branch_fork(task, &forgotten, be_full, NULL);
    return cf_return(task, arg, sizeof(int));
}

static void who_returns_with_open_branches_is_told(void **state)
{
    struct cf_error error;
    (void)state;

    expect(leaves_one_in_a_branch, CF_INVALID);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, forget, 1);
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_INVALID);
    assert_string_equal(error.message,
                        "the task returned with 1 branches open");
    cf_future_release(future);
    future = submit_int(executor, fib_task, 10); /* and all is as before */
    assert_int_equal(int_result(future), 55);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- branches and futures --- */

/* A branch that submits to its task's executor, and waits. */
static enum cf_status square_by_a_future(struct cf_task *task, void *arg)
{
    int *n = arg;
    struct cf_future *future;

    enum cf_status status =
        cf_submit(cf_task_executor(task), square, n, sizeof *n, &future);
    if (status != CF_OK)
        return status;
    status = cf_result(future, CF_FOREVER, n, sizeof *n);
    cf_future_release(future);
    return status;
}

static int sum_of_squares(struct cf_task *task)
{
    enum { COUNT = 20 };
    struct cf_branch branches[COUNT];
    int numbers[COUNT], sum = 0;

    for (int i = 0; i < COUNT; i++) {
        numbers[i] = i;
        cf_branch_fork(task, &branches[i], square_by_a_future, &numbers[i]);
    }
    for (int i = COUNT - 1; i >= 0; i--)
        if (cf_branch_join(task, &branches[i]) != CF_OK)
            return -1;
    for (int i = 0; i < COUNT; i++)
        sum += numbers[i];
    return sum;
}

static void branches_may_wait_for_futures(void **state)
{
    (void)state;
    expect(sum_of_squares, 2470);
}

/* So many open at a time that the first room for them is not enough. */
static int opens_many(struct cf_task *task)
{
    enum { MANY = 1000 };
    struct cf_branch branches[MANY];
    int ran = 0;

    for (int i = 0; i < MANY; i++)
        cf_branch_fork(task, &branches[i], be_full, NULL);
    for (int i = MANY - 1; i >= 0; i--)
        ran += cf_branch_join(task, &branches[i]) == CF_FULL;
    return ran;
}

static void many_branches_may_be_open(void **state)
{
    (void)state;
    expect(opens_many, 1000);
}

/* Deep recursion: each level has a branch open. */
static enum cf_status go_down(struct cf_task *task, void *arg)
{
    int *left = arg, one = 0;
    struct cf_branch branch;

    if (*left == 0)
        return CF_OK;
    --*left;
    cf_branch_fork(task, &branch, add_one, &one);
    enum cf_status status = go_down(task, left);
    if (cf_branch_join(task, &branch) != CF_OK)
        return CF_INVALID;
    *left += one;
    return status;
}

static int goes_down(struct cf_task *task)
{
    int depth = 5000;
    return go_down(task, &depth) == CF_OK ? depth : -1;
}

static void recursion_may_be_deep(void **state)
{
    (void)state;
    expect(goes_down, 5000);
}

/* --- tasks that are asked to stop --- */

/* Divides itself until it is asked to stop; a byte on `started` first. */
static enum cf_status go_on(struct cf_task *task, void *arg)
{
    struct cf_branch branch;

    while (!cf_stopping(task)) {
        cf_branch_fork(task, &branch, be_full, arg);
        if (cf_branch_join(task, &branch) != CF_FULL)
            return CF_INVALID;
    }
    return CF_OK;
}

static enum cf_status go_on_in_two(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    struct cf_branch branch;
    (void)arg_bytes;

    tell(*(const int *)arg, 0);
    cf_branch_fork(task, &branch, go_on, NULL);
    enum cf_status status = go_on(task, NULL);
    if (cf_branch_join(task, &branch) != CF_OK || status != CF_OK)
        return cf_raise(task, 1, "it did not end well");
    return cf_return(task, NULL, 0);
}

static void a_task_that_is_stopped_joins_its_branches(void **state)
{
    int started[2];
    char byte;
    (void)state;

    SKIP_IF(is_serial(), "the task never comes back from submit");
    assert_int_equal(pipe(started), 0);
    struct cf_executor *executor = executor_of(2);
    struct cf_future *future =
        submit(executor, go_on_in_two, &started[1], sizeof started[1]);
    assert_true(hear(started[0], &byte));
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_STOP, CF_FOREVER), CF_OK);
    assert_status(cf_result(future, 0, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    close(started[0]);
    close(started[1]);
}

int run_branch_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_task_that_forks_and_joins_gets_what_its_branches_brought),
        cmocka_unit_test(without_a_task_branches_run_where_they_are_joined),
        cmocka_unit_test(a_branch_without_a_task_may_ask_as_any_other),
        cmocka_unit_test(a_join_returns_what_its_branch_returned),
        cmocka_unit_test(a_branch_gives_no_result_of_its_task),
        cmocka_unit_test(only_the_branch_forked_last_can_be_joined),
        cmocka_unit_test(who_returns_with_open_branches_is_told),
        cmocka_unit_test(branches_may_wait_for_futures),
        cmocka_unit_test(many_branches_may_be_open),
        cmocka_unit_test(recursion_may_be_deep),
        cmocka_unit_test(a_task_that_is_stopped_joins_its_branches),
    };
    return cmocka_run_group_tests_name("branches", tests, NULL, NULL);
}
