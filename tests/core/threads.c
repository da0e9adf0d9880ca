/* SPDX-License-Identifier: MIT */
/* What the thread backend promises beyond what all backends do. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "shared.h"

static struct cf_executor *start(size_t workers)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = workers, .start_all = true};

    assert_int_equal(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

static enum cf_status empty(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    return cf_return(task, NULL, 0);
}

static void collect(struct cf_future *future)
{
    assert_int_equal(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
}

/* --- an array's last items --- */

static sem_t beside[2];

/* The last two wait for each other; with one worker for both they cannot. */
static void meet_at_the_end(const void *item, void *result)
{
    struct timespec until;
    int i = *(const int *)item;

    *(int *)result = 0;
    if (i > 1)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    sem_post(&beside[i]);
    *(int *)result = sem_timedwait(&beside[1 - i], &until);
}

static void the_last_items_of_an_array_go_to_all_workers(void **state)
{
    enum { COUNT = 160 };
    int items[COUNT], results[COUNT];
    struct cf_executor *executor = start(2);

    (void)state;
    for (int i = 0; i < COUNT; i++)
        items[i] = COUNT - 1 - i;
    sem_init(&beside[0], 0, 0);
    sem_init(&beside[1], 0, 0);
    assert_int_equal(cf_map_into(executor, meet_at_the_end, items,
                                 sizeof items[0], results, sizeof results[0],
                                 COUNT, NULL),
                     CF_OK);
    assert_int_equal(results[COUNT - 2], 0);
    assert_int_equal(results[COUNT - 1], 0);
    cf_executor_destroy(executor);
    sem_destroy(&beside[0]);
    sem_destroy(&beside[1]);
}

/* --- tasks that submit themselves again --- */

static _Atomic bool is_enough;

static enum cf_status go_on(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    if (!atomic_load(&is_enough))
        for (int i = 0; i < 2; i++)
            cf_future_release(submit(cf_task_executor(task), empty, NULL, 0));
    if (!atomic_load(&is_enough))
        cf_future_release(submit(cf_task_executor(task), go_on, NULL, 0));
    return cf_return(task, NULL, 0);
}

static enum cf_status say_enough(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    atomic_store(&is_enough, true);
    return cf_return(task, NULL, 0);
}

/* A task that maps, and an item that waits for it: a circle. */
static struct {
    sem_t is_in; /* the item, on a worker of its own */
    pthread_t mapper;
    struct cf_future *mapping;
    struct cf_waiter *waiter;
    atomic_bool is_written;
} circle;

static void wait_for_the_mapper(const void *item, void *result)
{
    if (pthread_equal(pthread_self(), circle.mapper)) {
        sem_wait(&circle.is_in);
        sem_post(&circle.is_in);
        return;
    }
    (void)!cf_waiter_of_this_thread(&circle.waiter);
    sem_post(&circle.is_in);
    (void)!cf_result_view(circle.mapping, CF_FOREVER, NULL, NULL);
    *(int *)result = *(const int *)item;
    circle.is_written = true;
}

static enum cf_status map_in_a_circle(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    int items[2] = {1, 2}, results[2];

    (void)arg_bytes;
    circle.mapper = pthread_self();
    if (!gate_pass(arg)) /* until `mapping` is there */
        return cf_raise(task, 1, "the gate is broken");
    enum cf_status status =
        cf_map_into(cf_task_executor(task), wait_for_the_mapper, items,
                    sizeof items[0], results, sizeof results[0], 2, NULL);
    if (status != CF_DEADLOCK && status != CF_OK)
        return cf_raise(task, 2, "%s", cf_status_name(status));
    return circle.is_written ? CF_OK : cf_raise(task, 3, "it still writes");
}

/* Which side is told of the circle depends on who waits last; on a slow machine
 * that may be the item, which shows less. */
static void nothing_is_written_once_an_array_was_given_back(void **state)
{
    struct cf_executor *executor = start(2);
    struct gate gate;

    (void)state;
    gate_make(&gate);
    sem_init(&circle.is_in, 0, 0);
    circle.mapping = submit(executor, map_in_a_circle, &gate, sizeof gate);
    gate_await(&gate, 1);
    gate_open(&gate, 1);
    sem_wait(&circle.is_in);
    sem_post(&circle.is_in);
    (void)!cf_wait(&circle.mapping, 1, CF_ALL_COMPLETED, 100000000, NULL);
    cf_interrupt(circle.waiter); /* the item's wait ends, if it still is */
    assert_status(cf_result(circle.mapping, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(circle.mapping);
    cf_executor_destroy(executor);
    sem_destroy(&circle.is_in);
    gate_close(&gate);
}

static void tasks_that_submit_tasks_keep_nobody_outside_waiting(void **state)
{
    struct cf_executor *executor = start(1);

    (void)state;
    struct cf_future *first = submit(executor, go_on, NULL, 0);
    collect(first);
    collect(submit(executor, say_enough, NULL, 0)); /* or never comes back */
    cf_executor_destroy(executor);
}

/* --- what is taken along with a long task --- */

static enum cf_status wait_for_it(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    (void)arg_bytes;
    while (sem_wait(*(sem_t *const *)arg) != 0)
        ;
    return cf_return(task, NULL, 0);
}

static enum cf_status post_it(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    (void)arg_bytes;
    sem_post(*(sem_t *const *)arg);
    return cf_return(task, NULL, 0);
}

/* Short tasks are taken several at a time; one of them is not short after all,
 * and ends only when those behind it have run. */
static void what_was_taken_along_with_a_long_task_is_run_by_others(void **state)
{
    enum { SHORT = 5000, BEHIND = 40 };
    struct cf_executor *executor = start(2);
    struct cf_future *futures[SHORT + 1 + BEHIND];
    sem_t semaphore, *at = &semaphore;

    (void)state;
    assert_int_equal(sem_init(&semaphore, 0, 0), 0);
    for (int turn = 0; turn < 20; turn++) {
        size_t count = 0;
        while (count < SHORT)
            futures[count++] = submit(executor, empty, NULL, 0);
        futures[count++] = submit(executor, wait_for_it, &at, sizeof at);
        while (count < SHORT + BEHIND)
            futures[count++] = submit(executor, empty, NULL, 0);
        futures[count++] = submit(executor, post_it, &at, sizeof at);
        for (size_t i = 0; i < count; i++)
            collect(futures[i]);
    }
    sem_destroy(&semaphore);
    cf_executor_destroy(executor);
}

static _Atomic size_t started;
static size_t started_before;

static enum cf_status count_it(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    atomic_fetch_add(&started, 1);
    return cf_return(task, NULL, 0);
}

/* Lets the long task end; tells how many were counted before. */
static enum cf_status post_and_tell(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    started_before = atomic_load(&started);
    return post_it(task, arg, arg_bytes);
}

/* The same where the other worker has enough to do that came later: what was
 * taken along is not kept until that has ended. */
static void what_was_taken_along_is_run_before_all_that_came_later(void **state)
{
    enum { SHORT = 5000, LATER = 50000 };
    struct cf_executor *executor = start(2);
    struct cf_future **futures = calloc(SHORT + LATER, sizeof *futures);
    struct gate gate;
    sem_t semaphore, *at = &semaphore;
    size_t count = 0;

    (void)state;
    assert_non_null(futures);
    assert_int_equal(sem_init(&semaphore, 0, 0), 0);
    gate_make(&gate);
    while (count < 2) /* so that all of it is queued before any is taken */
        futures[count++] = submit(executor, wait_at_gate, &gate, sizeof gate);
    gate_await(&gate, 2);
    while (count < SHORT)
        futures[count++] = submit(executor, empty, NULL, 0);
    futures[count++] = submit(executor, wait_for_it, &at, sizeof at);
    futures[count++] = submit(executor, post_and_tell, &at, sizeof at);
    while (count < SHORT + LATER)
        futures[count++] = submit(executor, count_it, NULL, 0);
    gate_open(&gate, 2);
    for (size_t i = 0; i < count; i++)
        collect(futures[i]);
    assert_true(started_before < LATER / 2);
    gate_close(&gate);
    sem_destroy(&semaphore);
    free(futures);
    cf_executor_destroy(executor);
}

/* --- CPU and memory --- */

static double cpu_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void skip_with_a_sanitizer(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* it has memory, and a thread, of its own, which count as well */
#endif
}

static void idle_workers_use_no_cpu(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    struct cf_executor *executor;

    executor = start(64);
    for (int i = 0; i < 1000; i++)
        collect(submit(executor, empty, NULL, 0));
    pause_ms(400); /* asleep within 50 us; what a burst left is gone by now */
    double before_s = cpu_s();
    pause_ms(1000);
    assert_true(cpu_s() - before_s < 1e-3);
    cf_executor_destroy(executor);
}

static size_t resident_bytes(void)
{
    size_t all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu", &all, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void a_task_that_waits_takes_192_bytes_and_gives_them_back(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    enum { MANY = 300000 };
    struct cf_executor *executor = start(1);
    struct cf_future **futures = calloc(MANY, sizeof *futures);
    sem_t semaphore, *at = &semaphore;

    assert_non_null(futures);
    for (size_t i = 0; i < MANY; i++)
        futures[i] = NULL; /* has its pages */
    assert_int_equal(sem_init(&semaphore, 0, 0), 0);
    struct cf_future *gate = submit(executor, wait_for_it, &at, sizeof at);
    size_t before = resident_bytes();
    for (size_t i = 0; i < MANY; i++)
        futures[i] = submit(executor, empty, NULL, 0);
    size_t used = resident_bytes() - before;
    assert_true(used <= (size_t)MANY * 192);
    sem_post(&semaphore);
    collect(gate);
    for (size_t i = 0; i < MANY; i++)
        collect(futures[i]);
    cf_executor_destroy(executor);
    assert_true(resident_bytes() < before + used / 4);
    free(futures);
    sem_destroy(&semaphore);
}

/* --- entries of tasks that a waiter ran itself --- */

static enum cf_status spawn_and_wait(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    enum { FAN = 100, ROUNDS = 2000 };
    struct cf_future *futures[FAN];

    (void)arg, (void)arg_bytes;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < FAN; i++)
            futures[i] = submit(cf_task_executor(task), empty, NULL, 0);
        for (int i = 0; i < FAN; i++) /* from the middle outwards */
            collect(futures[(FAN / 2 + i) % FAN]);
    }
    return cf_return(task, NULL, 0);
}

static void tasks_run_by_their_waiter_leave_no_memory_behind(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    struct cf_executor *executor = start(1);

    collect(submit(executor, empty, NULL, 0));
    size_t before = resident_bytes();
    collect(submit(executor, spawn_and_wait, NULL, 0));
    assert_true(resident_bytes() < before + 2000000);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_items_of_an_array_go_to_all_workers),
        cmocka_unit_test(nothing_is_written_once_an_array_was_given_back),
        cmocka_unit_test(tasks_that_submit_tasks_keep_nobody_outside_waiting),
        cmocka_unit_test(
            what_was_taken_along_with_a_long_task_is_run_by_others),
        cmocka_unit_test(
            what_was_taken_along_is_run_before_all_that_came_later),
        cmocka_unit_test(idle_workers_use_no_cpu),
        cmocka_unit_test(a_task_that_waits_takes_192_bytes_and_gives_them_back),
        cmocka_unit_test(tasks_run_by_their_waiter_leave_no_memory_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
