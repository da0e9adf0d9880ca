/* SPDX-License-Identifier: MIT */
/* A thread that stands in for a worker that waits, when that has left. */
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <cf/interrupt.h>

#include "shared.h"

#define MS 1000000LL

static sem_t has_left; /* a post for each worker that does */

static void tell_end(size_t worker, void *state)
{
    (void)worker, (void)state;
    sem_post(&has_left);
}

static void pass(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static void await_end(void)
{
    pass(&has_left);
}

/* Workers that leave when they have been idle for a moment. */
static struct cf_executor *start(size_t workers, int64_t idle_timeout_ns)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = workers,
                                 .idle_timeout_ns = idle_timeout_ns,
                                 .finalizer = tell_end};

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
    enum cf_status status;
    do
        status = cf_result(child, 20 * MS, NULL, 0);
    while (status == CF_TIMEOUT && !cf_running(child)); /* on a spare thread */
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
    await_end();
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
    struct cf_executor *executor = start(1, 5 * MS);

    (void)state;
    have_the_worker_leave(executor, &gate);
    assert_square(executor, 7);
    gate_open(&gate, 1);
    await_end(); /* of both */
    await_end();
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
        struct cf_executor *executor = start(1, 5 * MS);
        have_the_worker_leave(executor, &gate);
        gate_open(&gate, 1);
        assert_square(executor, 7);
        cf_executor_destroy(executor);
        gate_close(&gate);
        sem_destroy(&has_left);
    }
}

/* --- no more than there may be --- */

static _Atomic int inside, most_inside;

/* Long enough that who runs beside it is seen. */
static enum cf_status be_inside(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    int now = atomic_fetch_add(&inside, 1) + 1, most = most_inside;
    while (now > most &&
           !atomic_compare_exchange_weak(&most_inside, &most, now))
        ;
    usleep(20000);
    atomic_fetch_sub(&inside, 1);
    return CF_OK;
}

static int most_at_once(struct cf_executor *executor)
{
    usleep(50000); /* whoever has nothing to do and stays is asleep by then */
    most_inside = 0;
    for (int i = 0; i < 4; i++)
        cf_future_release(submit(executor, be_inside, NULL, 0));
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    return most_inside;
}

static void a_spare_thread_that_is_left_alone_is_no_worker_more(void **state)
{
    struct gate gate;
    struct cf_executor *executor = start(1, 200 * MS);

    (void)state;
    have_the_worker_leave(executor, &gate);
    gate_open(&gate, 1);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(most_at_once(executor), 1);
    cf_executor_destroy(executor);
    gate_close(&gate);
    sem_destroy(&has_left);
}

static enum cf_status await_promise(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct cf_future *promise;

    (void)task, (void)arg_bytes;
    memcpy(&promise, arg, sizeof promise);
    return cf_result(promise, CF_FOREVER, NULL, 0);
}

/* It stands in for a worker that waits for a promise, and sleeps; the other
 * worker has left. */
static void
a_spare_thread_that_nobody_needs_any_more_is_none_either(void **state)
{
    struct gate gate;
    struct cf_future *promise, *stand[2];
    struct cf_executor *executor = start(2, 200 * MS);

    (void)state;
    gate_make(&gate);
    assert_status(cf_future_create(&promise), CF_OK);
    struct cf_future *waits =
        submit(executor, await_promise, &promise, sizeof promise);
    for (int i = 0; i < 2; i++) /* so that there are three threads */
        stand[i] = submit(executor, wait_at_gate, &gate, sizeof gate);
    gate_await(&gate, 2);
    gate_open(&gate, 2);
    for (int i = 0; i < 2; i++) {
        assert_status(cf_result(stand[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(stand[i]);
    }
    await_end(); /* of one that is idle */
    assert_status(cf_future_set_result(promise, NULL, 0), CF_OK);
    assert_status(cf_result(waits, CF_FOREVER, NULL, 0), CF_OK);
    assert_true(most_at_once(executor) <= 2);
    cf_future_release(waits);
    cf_future_release(promise);
    cf_executor_destroy(executor);
    gate_close(&gate);
    sem_destroy(&has_left);
}

/* --- beside relief threads --- */

enum { CHILDREN = 4, OUTSIDE = 6 };

/* Its children wait for it, a second task too; it waits for a promise. */
struct family {
    struct cf_future *parent, *promise, *children[CHILDREN];
    sem_t has_begun; /* a post for each that waits for the parent, ... */
    sem_t have_all;  /* ... and when all children have */
    sem_t may_submit;
};

static enum cf_status wait_for_the_parent(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    struct family *family = *(struct family *const *)arg;

    (void)task, (void)arg_bytes;
    sem_post(&family->has_begun);
    return cf_result(family->parent, CF_FOREVER, NULL, 0);
}

static enum cf_status be_parent(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    struct family *family = *(struct family *const *)arg;

    pass(&family->may_submit);
    for (int i = 0; i < CHILDREN; i++) {
        if (cf_submit(cf_task_executor(task), wait_for_the_parent, arg,
                      arg_bytes, &family->children[i]) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
        pass(&family->has_begun); /* by a relief thread */
    }
    sem_post(&family->have_all);
    return cf_result(family->promise, CF_FOREVER, NULL, 0);
}

static void where_relief_threads_sleep_no_more_tasks_run_than_there_are_workers(
    void **state)
{
    struct cf_options options = {.max_workers = 2,
                                 .max_spare_workers = 4 * CHILDREN};
    struct family family, *arg = &family;
    struct cf_future *outside[OUTSIDE];
    struct cf_executor *executor;

    (void)state;
    sem_init(&family.has_begun, 0, 0);
    sem_init(&family.have_all, 0, 0);
    sem_init(&family.may_submit, 0, 0);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    assert_status(cf_future_create(&family.promise), CF_OK);
    family.parent = submit(executor, be_parent, &arg, sizeof arg);
    struct cf_future *waits =
        submit(executor, wait_for_the_parent, &arg, sizeof arg);
    pass(&family.has_begun);
    sem_post(&family.may_submit);
    pass(&family.have_all);
    usleep(50000); /* most likely all of them sleep by then */
    most_inside = 0;
    for (int i = 0; i < OUTSIDE; i++)
        outside[i] = submit(executor, be_inside, NULL, 0);
    for (int i = 0; i < OUTSIDE; i++) {
        assert_status(cf_result(outside[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(outside[i]);
    }
    assert_in_range(most_inside, 1, 2);
    assert_status(cf_future_set_result(family.promise, NULL, 0), CF_OK);
    assert_status(cf_result(waits, CF_FOREVER, NULL, 0), CF_OK);
    for (int i = 0; i < CHILDREN; i++) { /* before the parent is released */
        assert_status(cf_result(family.children[i], CF_FOREVER, NULL, 0),
                      CF_OK);
        cf_future_release(family.children[i]);
    }
    cf_future_release(waits);
    cf_future_release(family.parent);
    cf_future_release(family.promise);
    cf_executor_destroy(executor);
    sem_destroy(&family.has_begun);
    sem_destroy(&family.have_all);
    sem_destroy(&family.may_submit);
}

/* --- for a task that another one runs --- */

struct pair {
    struct cf_waiter *waiter; /* of the worker, whose first wait is ended */
    struct gate gate;
};

/* Waits with a time-out for what only a further thread can run. */
static enum cf_status wait_for_a_square(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    const struct pair *pair = *(const struct pair *const *)arg;
    struct cf_future *future;
    int three = 3;

    (void)arg_bytes;
    if (!gate_pass(&pair->gate) ||
        cf_submit(cf_task_executor(task), square, &three, sizeof three,
                  &future) != CF_OK)
        return cf_raise(task, 1, "the gate is broken");
    enum cf_status status = cf_result(future, 3600000 * MS, &three, 4);
    cf_future_release(future);
    return status;
}

static enum cf_status wait_twice(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct pair *pair = *(struct pair *const *)arg;
    struct cf_future *future;

    if (cf_waiter_of_this_thread(&pair->waiter) != CF_OK ||
        cf_submit(cf_task_executor(task), wait_for_a_square, arg, arg_bytes,
                  &future) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(future, 3600000 * MS, NULL, 0);
    if (status == CF_TIMEOUT) /* interrupted: it runs by now */
        status = cf_result(future, CF_FOREVER, NULL, 0);
    cf_future_release(future);
    return status;
}

static void
who_waits_for_a_running_task_keeps_no_thread_from_what_that_waits_for(
    void **state)
{
    struct cf_options options = {.max_workers = 1, .max_spare_workers = 2};
    struct pair pair, *arg = &pair;
    struct cf_executor *executor;
    struct cf_waiter *own;

    (void)state;
    if (cf_waiter_of_this_thread(&own) != CF_OK)
        skip(); /* an old kernel */
    gate_make(&pair.gate);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    struct cf_future *future = submit(executor, wait_twice, &arg, sizeof arg);
    gate_await(&pair.gate, 1);
    cf_interrupt(pair.waiter);
    gate_open(&pair.gate, 1);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&pair.gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_comes_while_a_spare_thread_is_left_alone_is_run_beside_it),
        cmocka_unit_test(what_comes_as_a_spare_thread_leaves_is_run),
        cmocka_unit_test(a_spare_thread_that_is_left_alone_is_no_worker_more),
        cmocka_unit_test(
            a_spare_thread_that_nobody_needs_any_more_is_none_either),
        cmocka_unit_test(
            where_relief_threads_sleep_no_more_tasks_run_than_there_are_workers),
        cmocka_unit_test(
            who_waits_for_a_running_task_keeps_no_thread_from_what_that_waits_for),
    };
    return cmocka_run_group_tests_name("spares", tests, NULL, NULL);
}
