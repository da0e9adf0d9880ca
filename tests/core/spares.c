/* SPDX-License-Identifier: MIT */
/* A thread that stands in for a worker that waits, when that has left. */
#include <semaphore.h>

#include "shared.h"

static sem_t has_left; /* a post for each worker that does */

static void tell_end(size_t worker, void *state)
{
    (void)worker, (void)state;
    sem_post(&has_left);
}

/* One worker, that leaves when it has been idle for a moment. */
static struct cf_executor *start(void)
{
    struct cf_executor *executor;
    struct cf_options options = {
        .max_workers = 1, .idle_timeout_ns = 5000000, .finalizer = tell_end};

    sem_init(&has_left, 0, 0);
    assert_int_equal(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

/* Submits one that stands at the gate, and does not wait for its end. */
static enum cf_status leave_one_behind(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_future *child;

    if (cf_submit(cf_task_executor(task), wait_at_gate, arg, arg_bytes,
                  &child) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(child, 20000000, NULL, 0);
    cf_future_release(child);
    return status == CF_TIMEOUT ? CF_OK : cf_raise(task, 2, "it ended");
}

/* Leaves the executor with the spare thread alone, which is at the gate. */
static void have_the_worker_leave(struct cf_executor *executor,
                                  struct gate *gate)
{
    gate_make(gate);
    struct cf_future *parent =
        submit(executor, leave_one_behind, gate, sizeof *gate);
    assert_status(cf_result(parent, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(parent);
    gate_await(gate, 1);
    while (sem_wait(&has_left) != 0)
        ;
}

static void assert_square(struct cf_executor *executor, int number)
{
    struct cf_future *future = submit_int(executor, square, number);
    int result;

    assert_status(cf_result(future, CF_FOREVER, &result, sizeof result), CF_OK);
    assert_int_equal(result, number * number);
    cf_future_release(future);
}

static void
what_comes_while_a_spare_thread_is_left_alone_is_run_beside_it(void **state)
{
    struct gate gate;
    struct cf_executor *executor = start();

    (void)state;
    have_the_worker_leave(executor, &gate);
    assert_square(executor, 7);
    gate_open(&gate, 1);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    cf_executor_destroy(executor);
    gate_close(&gate);
    sem_destroy(&has_left);
}

/* Both at once, again and again: the spare thread ends its task, and somebody
 * submits the next. */
static void what_comes_as_a_spare_thread_leaves_is_run(void **state)
{
    (void)state;
    for (int round = 0; round < 30; round++) {
        struct gate gate;
        struct cf_executor *executor = start();
        have_the_worker_leave(executor, &gate);
        gate_open(&gate, 1);
        assert_square(executor, 7);
        cf_executor_destroy(executor);
        gate_close(&gate);
        sem_destroy(&has_left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_comes_while_a_spare_thread_is_left_alone_is_run_beside_it),
        cmocka_unit_test(what_comes_as_a_spare_thread_leaves_is_run),
    };
    return cmocka_run_group_tests_name("spares", tests, NULL, NULL);
}
