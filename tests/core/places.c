/* SPDX-License-Identifier: MIT */
/*
 * Where workers come up for an array: on different processors, wherever they have
 * slept. Here they are put to sleep on one, whose kernel would rather wake them
 * there again; each binds itself for that and takes it back.
 */
#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shared.h"

enum { WORKERS = 2, ROUNDS = 30, ITEMS = 2 };

static cpu_set_t all;
static size_t first_cpu, second_cpu;

static cpu_set_t only(size_t cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    return cpus;
}

static int find_two_cpus(void **state)
{
    (void)state;
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return -1;
    while (!CPU_ISSET(first_cpu, &all))
        first_cpu++;
    second_cpu = first_cpu + 1;
    while (second_cpu < CPU_SETSIZE && !CPU_ISSET(second_cpu, &all))
        second_cpu++;
    return 0;
}

/* --- workers that sleep on the first processor --- */

static long times_slept(void)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

static _Thread_local long slept_before;

struct gathering {
    sem_t are_in;
    sem_t may_leave;
    bool stays_bound;
};

static enum cf_status go_to_the_first(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct gathering *gathering = *(struct gathering *const *)arg;
    cpu_set_t there = only(first_cpu);

    (void)task, (void)arg_bytes;
    sem_post(&gathering->are_in);
    while (sem_wait(&gathering->may_leave) != 0)
        ;
    sched_setaffinity(0, sizeof there, &there);
    if (!gathering->stays_bound)
        sched_setaffinity(0, sizeof all, &all);
    slept_before = times_slept();
    return CF_OK;
}

/* Each worker has one of the tasks, since none ends before all have begun. Then
 * they look for work for 20 us, and sleep, mostly: who has not is told apart by
 * `has_slept`. */
static void gather(struct cf_executor *executor, bool stays_bound)
{
    struct gathering gathering = {.stays_bound = stays_bound};
    struct gathering *at = &gathering;
    struct cf_future *futures[WORKERS];

    sem_init(&gathering.are_in, 0, 0);
    sem_init(&gathering.may_leave, 0, 0);
    for (int i = 0; i < WORKERS; i++)
        futures[i] = submit(executor, go_to_the_first, &at, sizeof at);
    for (int i = 0; i < WORKERS; i++)
        while (sem_wait(&gathering.are_in) != 0)
            ;
    for (int i = 0; i < WORKERS; i++)
        sem_post(&gathering.may_leave);
    for (int i = 0; i < WORKERS; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
    usleep(2000);
}

static struct cf_executor *start_two(void)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = WORKERS, .start_all = true};

    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

/* --- an array --- */

struct place {
    int cpu;
    int may_use; /* so many processors */
    bool has_slept;
    pid_t thread;
};

static struct place place_here(void)
{
    cpu_set_t cpus;
    int cpu = sched_getcpu();

    return (struct place){
        .cpu = cpu,
        .may_use = sched_getaffinity(0, sizeof cpus, &cpus) == 0
                       ? CPU_COUNT(&cpus)
                       : 0,
        .has_slept = times_slept() > slept_before,
        .thread = gettid(),
    };
}

/* --- whom the caller wakes --- */

static _Thread_local int wakes; /* of a certain thread */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    long arguments[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    wakes += number == SYS_futex &&
             (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAKE_BITSET;
    return __real_syscall(number, arguments[0], arguments[1], arguments[2],
                          arguments[3], arguments[4], arguments[5]);
}

static _Atomic int inside;

/* Ends when each of two has one: so two threads take part. */
static void meet(const void *item, void *result)
{
    struct place place = place_here();

    (void)item;
    atomic_fetch_add(&inside, 1);
    while (atomic_load(&inside) < ITEMS)
        sched_yield();
    *(struct place *)result = place;
}

static void fill(struct cf_executor *executor, bool caller_helps,
                 struct place *places)
{
    struct cf_map_options options = {.chunk = 1, .caller_helps = caller_helps};
    int items[ITEMS] = {0};

    atomic_store(&inside, 0);
    assert_status(cf_map_into(executor, meet, items, sizeof items[0], places,
                              sizeof places[0], ITEMS, &options),
                  CF_OK);
}

/* --- the promises --- */

/* The workers sleep on the first processor; the caller is on each in turn. */
static void fill_again_and_again(bool caller_helps)
{
    struct cf_executor *executor = start_two();
    int asleep[2] = {0}, apart[2] = {0}, called[2] = {0};

    for (int round = 0; round < ROUNDS; round++) {
        struct place places[ITEMS];
        int on = round % 2;
        cpu_set_t own = only(on == 0 ? first_cpu : second_cpu);
        gather(executor, false);
        sched_setaffinity(0, sizeof own, &own);
        wakes = 0;
        fill(executor, caller_helps, places);
        int woken = wakes;
        sched_setaffinity(0, sizeof all, &all);
        assert_int_not_equal(places[0].thread, places[1].thread);
        if (!places[0].has_slept || !places[1].has_slept)
            continue; /* nobody to be called */
        asleep[on]++;
        apart[on] += places[0].cpu != places[1].cpu;
        called[on] += woken == ITEMS - caller_helps;
    }
    cf_executor_destroy(executor);
    for (int on = 0; on < 2; on++) {
        /* not each: on a busy machine the kernel may move who has come up, and
         * who sleeps by then may not have slept when it was to be called */
        assert_true(apart[on] * 2 >= asleep[on]);
        assert_true(called[on] * 2 >= asleep[on]);
    }
}

static void those_who_slept_on_one_processor_fill_an_array_on_two(void **state)
{
    (void)state;
    if (second_cpu == CPU_SETSIZE)
        skip();
    fill_again_and_again(false);
}

static void a_worker_fills_it_beside_who_takes_part(void **state)
{
    (void)state;
    if (second_cpu == CPU_SETSIZE)
        skip();
    fill_again_and_again(true);
}

static void an_item_may_use_every_processor(void **state)
{
    struct cf_executor *executor = start_two();

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct place places[ITEMS];
        gather(executor, false);
        fill(executor, false, places);
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(places[i].may_use, CPU_COUNT(&all));
    }
    cf_executor_destroy(executor);
}

static void a_worker_that_has_bound_itself_stays_there(void **state)
{
    struct cf_executor *executor = start_two();

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct place places[ITEMS];
        gather(executor, true);
        fill(executor, false, places);
        for (int i = 0; i < ITEMS; i++) {
            assert_int_equal(places[i].may_use, 1);
            assert_int_equal(places[i].cpu, first_cpu);
        }
    }
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_who_slept_on_one_processor_fill_an_array_on_two),
        cmocka_unit_test(a_worker_fills_it_beside_who_takes_part),
        cmocka_unit_test(an_item_may_use_every_processor),
        cmocka_unit_test(a_worker_that_has_bound_itself_stays_there),
    };
    return cmocka_run_group_tests_name("places", tests, find_two_cpus, NULL);
}
