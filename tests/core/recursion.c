/* SPDX-License-Identifier: MIT */
/* Divide and conquer by futures: run by who waits, by other workers, by who
 * works in place of those that sleep. */
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "shared.h"

static int own_cpus(void)
{
    cpu_set_t cpus;

    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 0;
}

static int all_cpus;
static _Atomic bool was_bound; /* a task or observer ran on fewer */

static enum cf_status fib(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    int n = *(const int *)arg, less = n - 1, lesser = n - 2;
    long left, right;
    struct cf_future *first, *second;
    struct cf_executor *executor = cf_task_executor(task);

    (void)arg_bytes;
    if (own_cpus() != all_cpus)
        was_bound = true;
    if (n < 2) {
        left = n;
        return cf_return(task, &left, sizeof left);
    }
    if (cf_submit(executor, fib, &less, sizeof less, &first) != CF_OK ||
        cf_submit(executor, fib, &lesser, sizeof lesser, &second) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    struct cf_future *both[] = {first, second};
    if (n % 7 == 0 &&
        cf_wait(both, 2, CF_ALL_COMPLETED, CF_FOREVER, NULL) != CF_OK)
        return cf_raise(task, 2, "%s", cf_last_error().text);
    if (cf_result(first, CF_FOREVER, &left, sizeof left) != CF_OK ||
        cf_result(second, CF_FOREVER, &right, sizeof right) != CF_OK)
        return cf_raise(task, 3, "%s", cf_last_error().text);
    cf_future_release(first);
    cf_future_release(second);
    left += right;
    return cf_return(task, &left, sizeof left);
}

static void note_binding(const struct cf_event *event, void *context)
{
    (void)context;
    if (event->kind == CF_EVENT_WORKER_STARTED && own_cpus() != all_cpus)
        was_bound = true;
}

static void run_fib(struct cf_options options)
{
    struct cf_executor *executor;
    long result;

    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    struct cf_future *future = submit_int(executor, fib, 20);
    assert_status(cf_result(future, CF_FOREVER, &result, sizeof result), CF_OK);
    assert_int_equal(result, 6765);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void recursion_by_futures_is_right_whoever_runs_it(void **state)
{
    (void)state;
    all_cpus = own_cpus();
    for (size_t workers = 2; workers < 6; workers++)
        for (int round = 0; round < 5; round++)
            run_fib((struct cf_options){.max_workers = workers});
}

/* Who works in place of a sleeper is brought to where that one was. */
static void no_task_of_it_is_bound_to_a_processor(void **state)
{
    (void)state;
    if (all_cpus < 2)
        skip();
    for (size_t workers = 2; workers < 6; workers++)
        run_fib((struct cf_options){.max_workers = workers,
                                    .observer = note_binding});
    assert_false(was_bound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recursion_by_futures_is_right_whoever_runs_it),
        cmocka_unit_test(no_task_of_it_is_bound_to_a_processor),
    };
    return cmocka_run_group_tests_name("recursion", tests, NULL, NULL);
}
