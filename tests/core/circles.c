/* SPDX-License-Identifier: MIT */
/*
 * Which waits are told that they can never end, where a task in the chain was
 * stopped: its future has ended, and its thread goes on. On gil, whose lock says
 * what has happened: who has it again knows that whoever was at work before
 * sleeps in his wait, and whoever wakes there stands still until he gets it.
 */
#include <semaphore.h>

#include "shared.h"

static struct {
    struct cf_executor *executor;
    struct cf_future *a, *b, *c;
    sem_t has_begun, all_there, waits, has_lock, is_stopped, is_back;
    enum cf_status inside, outside;
} chain;

static sem_t *const semaphores[] = {&chain.has_begun,  &chain.all_there,
                                    &chain.waits,      &chain.has_lock,
                                    &chain.is_stopped, &chain.is_back};

static void await_posts(sem_t *semaphore, int posts)
{
    while (posts > 0)
        posts -= sem_wait(semaphore) == 0;
}

/* Without the lock; has it again at the end. */
static void await_others(struct cf_task *task, sem_t *semaphore, int posts)
{
    cf_blocking_begin(task);
    await_posts(semaphore, posts);
    cf_blocking_end(task);
}

static void start(size_t workers)
{
    struct cf_options options = {.max_workers = workers};

    assert_status(cf_executor_create(CF_GIL, &options, &chain.executor), CF_OK);
    for (size_t i = 0; i < sizeof semaphores / sizeof semaphores[0]; i++)
        sem_init(semaphores[i], 0, 0);
}

static void end(void)
{
    cf_executor_destroy(chain.executor);
    for (size_t i = 0; i < sizeof semaphores / sizeof semaphores[0]; i++)
        sem_destroy(semaphores[i]);
}

static void stop(struct cf_future *future)
{
    assert_status(cf_stop(future, 0), CF_OK);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_STOPPED);
}

/* --- c waits for a, which waits for b, and was stopped --- */

static enum cf_status wait_for(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    struct cf_future *const *whom = *(struct cf_future *const *const *)arg;

    (void)arg_bytes;
    sem_post(&chain.has_begun);
    await_others(task, &chain.all_there, 1);
    sem_post(&chain.waits);
    enum cf_status status = cf_result(*whom, CF_FOREVER, NULL, 0);
    sem_post(&chain.is_back);
    return status == CF_DEADLOCK ? status : CF_OK;
}

static enum cf_status wait_for_c_once_a_is_stopped(struct cf_task *task,
                                                   const void *arg,
                                                   size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    sem_post(&chain.has_begun);
    await_others(task, &chain.waits, 2);
    sem_post(&chain.has_lock);
    await_posts(&chain.is_stopped, 1);
    return cf_result(chain.c, CF_FOREVER, NULL, 0);
}

static void a_wait_is_no_circle_through_a_task_that_was_stopped(void **state)
{
    struct cf_future **b = &chain.b, **a = &chain.a;

    (void)state;
    start(3);
    chain.b = submit(chain.executor, wait_for_c_once_a_is_stopped, NULL, 0);
    chain.a = submit(chain.executor, wait_for, &b, sizeof b);
    chain.c = submit(chain.executor, wait_for, &a, sizeof a);
    await_posts(&chain.has_begun, 3); /* so nobody runs it in his wait */
    sem_post(&chain.all_there);
    sem_post(&chain.all_there);
    await_posts(&chain.has_lock, 1);
    stop(chain.a);
    sem_post(&chain.is_stopped);
    assert_status(cf_result(chain.b, CF_FOREVER, NULL, 0), CF_OK);
    assert_status(cf_result(chain.c, CF_FOREVER, NULL, 0), CF_OK);
    await_posts(&chain.is_back, 2);
    cf_future_release(chain.a);
    cf_future_release(chain.b);
    cf_future_release(chain.c);
    end();
}

/* --- b was stopped, but runs inside a, which cannot go on before it --- */

static void inside_first(struct cf_task *task)
{
    await_others(task, &chain.is_stopped, 1);
    sem_post(&chain.waits);
}

static void inside_last(struct cf_task *task)
{
    await_others(task, &chain.is_stopped, 1);
    sem_post(&chain.all_there);
    await_others(task, &chain.waits, 1);
}

static void outside_last(struct cf_task *task)
{
    await_others(task, &chain.waits, 1);
}

static void outside_first(struct cf_task *task)
{
    await_others(task, &chain.all_there, 1);
    sem_post(&chain.waits);
}

/* Who waits first, and who closes the circle. */
struct order {
    void (*inside)(struct cf_task *task);
    void (*outside)(struct cf_task *task);
};

static enum cf_status run_inside(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    const struct order *order = arg;

    (void)arg_bytes;
    sem_post(&chain.has_begun);
    order->inside(task);
    chain.inside = cf_result(chain.c, CF_FOREVER, NULL, 0);
    return CF_OK;
}

static enum cf_status run_b_inside(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    (void)task;
    if (cf_submit(chain.executor, run_inside, arg, arg_bytes, &chain.b) !=
        CF_OK)
        return cf_raise(task, 1, "cannot submit");
    return cf_result(chain.b, CF_FOREVER, NULL, 0) == CF_STOPPED
               ? CF_OK
               : cf_raise(task, 2, "it was not stopped");
}

static enum cf_status wait_for_a(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    const struct order *order = arg;

    (void)arg_bytes;
    sem_post(&chain.has_begun);
    order->outside(task);
    chain.outside = cf_result(chain.a, CF_FOREVER, NULL, 0);
    return CF_OK;
}

static void assert_one_is_told(struct order order, int who)
{
    start(2);
    chain.c = submit(chain.executor, wait_for_a, &order, sizeof order);
    chain.a = submit(chain.executor, run_b_inside, &order, sizeof order);
    await_posts(&chain.has_begun, 2); /* b, inside a, and c */
    stop(chain.b);
    sem_post(&chain.is_stopped);
    assert_status(cf_result(chain.a, CF_FOREVER, NULL, 0), CF_OK);
    assert_status(cf_result(chain.c, CF_FOREVER, NULL, 0), CF_OK);
    assert_status(chain.inside, who == 'b' ? CF_DEADLOCK : CF_OK);
    assert_status(chain.outside, who == 'c' ? CF_DEADLOCK : CF_OK);
    cf_future_release(chain.a);
    cf_future_release(chain.b);
    cf_future_release(chain.c);
    end();
}

static void
a_circle_through_a_stopped_task_inside_a_running_one_is_told(void **state)
{
    (void)state;
    assert_one_is_told((struct order){inside_first, outside_last}, 'c');
    assert_one_is_told((struct order){inside_last, outside_first}, 'b');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_is_no_circle_through_a_task_that_was_stopped),
        cmocka_unit_test(
            a_circle_through_a_stopped_task_inside_a_running_one_is_told),
    };
    return cmocka_run_group_tests_name("circles", tests, NULL, NULL);
}
