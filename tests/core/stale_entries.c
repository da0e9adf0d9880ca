/* SPDX-License-Identifier: MIT */
/*
 * Entries of tasks that a waiter has run itself stay in the queue until it is
 * full; then they go, and the last reference of a task with them. What that
 * calls of the user's may submit to the same queue.
 */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "shared.h"

enum { ROOM = 128, STALE = ROOM / 2 };

static struct cf_executor *executor;
static struct cf_future *stale[STALE];
static sem_t is_full, are_stale, is_over;
static _Atomic int ran, destroyed;

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static enum cf_status count_it(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    ran++;
    return cf_return(task, NULL, 0);
}

static void submit_and_forget(void)
{
    cf_future_release(submit(executor, count_it, NULL, 0));
}

/* Called when the future is freed that the object came by. */
static void submit_one_more(void *object)
{
    (void)object;
    destroyed++;
    submit_and_forget();
}

static enum cf_status give_object(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    return cf_return_object(task, &destroyed, submit_one_more);
}

static void make_stale(void)
{
    for (int i = 0; i < STALE; i++) {
        if (cf_result(stale[i], CF_FOREVER, NULL, 0) != CF_OK)
            abort(); /* a worker does not return to cmocka */
        cf_future_release(stale[i]);
    }
}

/* --- in the queue of those who submit from outside --- */

static enum cf_status run_them(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    await(&is_full);
    make_stale();
    sem_post(&are_stale);
    await(&is_over);
    return cf_return(task, NULL, 0);
}

static void fill_from_outside(void)
{
    cf_future_release(submit(executor, run_them, NULL, 0));
    for (int i = 0; i < STALE; i++)
        stale[i] = submit(executor, give_object, NULL, 0);
    sem_post(&is_full);
    await(&are_stale);
    for (int i = 0; i < 2 * ROOM; i++)
        submit_and_forget();
    assert_int_equal(destroyed, STALE);
    sem_post(&is_over);
}

/* --- in the worker's own --- */

/* Stale ones lie between others, so that they are not taken back; with one
 * more than there is room for half of it comes free, and is used at once. */
static enum cf_status fill_own(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    for (int i = 0; i < STALE / 2; i++)
        submit_and_forget();
    for (int i = 0; i < STALE; i++)
        stale[i] = submit(executor, give_object, NULL, 0);
    for (int i = 0; i < STALE / 2; i++)
        submit_and_forget();
    make_stale();
    if (destroyed != 0)
        abort();
    submit_and_forget();
    if (destroyed != STALE)
        abort();
    return cf_return(task, NULL, 0);
}

static void fill_from_inside(void)
{
    struct cf_future *future = submit(executor, fill_own, NULL, 0);

    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
}

static void all_run_that(void (*fill)(void), int tasks)
{
    struct cf_options options = {.max_workers = 1};

    ran = destroyed = 0;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    sem_init(&is_full, 0, 0);
    sem_init(&are_stale, 0, 0);
    sem_init(&is_over, 0, 0);
    fill();
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    assert_int_equal(ran, tasks);
    cf_executor_destroy(executor);
}

static void what_a_stale_entry_calls_may_submit_from_outside(void **state)
{
    (void)state;
    all_run_that(fill_from_outside, 2 * ROOM + STALE);
}

static void what_a_stale_entry_calls_may_submit_from_a_task(void **state)
{
    (void)state;
    all_run_that(fill_from_inside, 2 * STALE + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_stale_entry_calls_may_submit_from_outside),
        cmocka_unit_test(what_a_stale_entry_calls_may_submit_from_a_task),
    };
    return cmocka_run_group_tests_name("stale_entries", tests, NULL, NULL);
}
