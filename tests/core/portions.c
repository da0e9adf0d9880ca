/* SPDX-License-Identifier: MIT */
/* What a worker has taken along, or steals, is for a moment in nobody's queue;
 * whoever looks at the queues then misses nothing by it. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <cf/promise.h>

#include "shared.h"

enum { WORKERS = 2, WARM = 600, EXECUTORS = 60, EACH = 32, SHUTDOWNS = 1500 };

static struct cf_executor *start(void)
{
    struct cf_options options = {.max_workers = WORKERS, .start_all = true};
    struct cf_executor *executor;

    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

static void spin(int64_t ns)
{
    struct timespec from, now;

    clock_gettime(CLOCK_MONOTONIC, &from);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec -
               from.tv_nsec <
           ns);
}

static void run_all(struct cf_executor *executor, cf_function *function,
                    const void *args, size_t arg_bytes, size_t count,
                    struct cf_future **futures)
{
    assert_status(
        cf_submit_many(executor, function, args, arg_bytes, count, futures),
        CF_OK);
}

static void collect(struct cf_future **futures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
}

/* --- who goes away has somebody in his place --- */

/* Of three, the first goes away after a while, the second waits for the third. */
struct part {
    enum { WARMS, GOES_AWAY, WAITS, POSTS } what;
    int spin_ns;
    sem_t *semaphore;
    struct cf_future *promise;
};

static enum cf_status play(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    const struct part *part = arg;

    (void)task, (void)arg_bytes;
    if (part->what == GOES_AWAY) {
        spin(part->spin_ns);
        return cf_result(part->promise, CF_FOREVER, NULL, 0);
    }
    while (part->what == WAITS && sem_wait(part->semaphore) != 0)
        ;
    if (part->what == POSTS)
        sem_post(part->semaphore);
    return CF_OK;
}

static void play_three(struct cf_executor *executor, int spin_ns)
{
    struct cf_future *futures[3];
    struct part parts[3];
    sem_t semaphore;

    sem_init(&semaphore, 0, 0);
    for (int i = 0; i < 3; i++)
        parts[i] = (struct part){
            .what = GOES_AWAY + i, .spin_ns = spin_ns, .semaphore = &semaphore};
    assert_status(cf_future_create(&parts[0].promise), CF_OK);
    run_all(executor, play, parts, sizeof parts[0], 3, futures);
    assert_status(cf_result(futures[2], 20000000000, NULL, 0), CF_OK);
    assert_status(cf_future_set_result(parts[0].promise, NULL, 0), CF_OK);
    collect(futures, 3);
    cf_future_release(parts[0].promise);
    sem_destroy(&semaphore);
}

static void what_is_on_its_way_is_run_though_its_worker_goes_away(void **state)
{
    static struct part warm[WARM];
    struct cf_future *futures[WARM];
    unsigned spin_ns = 0;

    (void)state;
    for (int i = 0; i < EXECUTORS; i++) {
        struct cf_executor *executor = start();
        run_all(executor, play, warm, sizeof warm[0], WARM, futures);
        collect(futures, WARM);
        for (int k = 0; k < EACH; k++) {
            spin_ns = (spin_ns + 7919) % 120000;
            play_three(executor, (int)spin_ns + 1000);
        }
        cf_executor_destroy(executor);
    }
}

/* --- a shutdown that cancels --- */

static _Atomic int is_shut, late;

static enum cf_status begin(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)task, (void)arg_bytes;
    if (atomic_load(&is_shut))
        atomic_fetch_add(&late, 1);
    spin(*(const int *)arg);
    return CF_OK;
}

/* Numbers below `most`, the same ones each time. */
static int draw(uint64_t *state, int most)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (int)((*state >> 33) % (uint64_t)most);
}

static void after_a_shutdown_that_cancels_each_worker_starts_one(void **state)
{
    enum { MOST = 3000, LEAST = 200, SHORT = 150, LONG_NS = 30000 };
    static struct cf_future *futures[MOST];
    uint64_t drawn = 1;

    (void)state;
    for (int round = 0; round < SHUTDOWNS; round++) {
        struct cf_executor *executor = start();
        int count = LEAST + draw(&drawn, MOST - LEAST);
        atomic_store(&is_shut, 0);
        atomic_store(&late, 0);
        for (int i = 0; i < count; i++) {
            /* behind the long ones others steal */
            int ns = i >= SHORT && draw(&drawn, 40) == 0 ? LONG_NS : 0;
            futures[i] = submit(executor, begin, &ns, sizeof ns);
        }
        spin(draw(&drawn, 100000));
        (void)!cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0);
        atomic_store(&is_shut, 1);
        cf_executor_destroy(executor);
        assert_true(late <= WORKERS); /* who had claimed one just then */
        for (int i = 0; i < count; i++)
            cf_future_release(futures[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_on_its_way_is_run_though_its_worker_goes_away),
        cmocka_unit_test(after_a_shutdown_that_cancels_each_worker_starts_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
