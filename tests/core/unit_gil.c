/* SPDX-License-Identifier: MIT */
/*
 * The rule of the shared lock: one thread computes, a request is answered at
 * the next checkpoint by handing over, a blocking section lets others in, and
 * a task that never looks is not interrupted. A section that a task leaves open,
 * or ends twice, changes nothing of that for the tasks after it.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <cf/cf.h>

#include "gil.h"
#include "task_impl.h"

enum { THREADS = 3, TURNS = 5 };

struct shared {
    struct cfi_gil gil;
    _Atomic int inside;
    _Atomic int most_inside;
    _Atomic int handed_over[THREADS]; /* how often each let another in */
    _Atomic int turns;
};

struct player {
    struct shared *shared;
    int number;
};

static void be_inside(struct shared *shared)
{
    int inside = atomic_fetch_add(&shared->inside, 1) + 1;
    if (inside > atomic_load(&shared->most_inside))
        atomic_store(&shared->most_inside, inside);
    atomic_fetch_sub(&shared->inside, 1);
}

static bool had_all_their_turns(struct shared *shared)
{
    for (int i = 0; i < THREADS; i++)
        if (atomic_load(&shared->handed_over[i]) < TURNS)
            return false;
    return true;
}

/* Computes until everybody has handed over often enough: with a holder that
 * does not answer a request, or a waiter that is passed over, that never is. */
static void *compute(void *argument)
{
    struct player *player = argument;
    struct shared *shared = player->shared;

    cfi_gil_acquire(&shared->gil);
    while (!had_all_their_turns(shared)) {
        be_inside(shared);
        uint32_t switches = atomic_load(&shared->gil.switches);
        cfi_gil_checkpoint(&shared->gil);
        if (atomic_load(&shared->gil.switches) != switches)
            atomic_fetch_add(&shared->handed_over[player->number], 1);
    }
    cfi_gil_release(&shared->gil);
    return NULL;
}

static void one_thread_computes_at_a_time_and_each_gets_its_turn(void **state)
{
    (void)state;
    static struct shared shared;
    struct player players[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        players[i] = (struct player){&shared, i};
        pthread_create(&threads[i], NULL, compute, &players[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(shared.most_inside, 1);
    assert_int_equal(shared.gil.held, 0);
}

static void *wait_for_the_lock(void *argument)
{
    struct shared *shared = argument;
    cfi_gil_acquire(&shared->gil);
    atomic_store(&shared->turns, 1);
    cfi_gil_release(&shared->gil);
    return NULL;
}

static void
a_holder_hands_over_at_a_checkpoint_and_only_when_asked(void **state)
{
    (void)state;
    static struct shared shared;
    pthread_t other;

    cfi_gil_acquire(&shared.gil);
    uint32_t switches = shared.gil.switches;
    cfi_gil_checkpoint(&shared.gil); /* nobody asked */
    assert_int_equal(shared.gil.switches, switches);
    pthread_create(&other, NULL, wait_for_the_lock, &shared);
    while (atomic_load(&shared.gil.drop_request) == 0)
        ; /* computing, as far as the other thread can tell */
    assert_int_equal(shared.turns, 0); /* not without our checkpoint */
    cfi_gil_checkpoint(&shared.gil);
    assert_int_equal(shared.turns, 1); /* it had the lock in between */
    cfi_gil_release(&shared.gil);
    pthread_join(other, NULL);
}

static enum cf_status pass_the_baton(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    const int *ends = arg; /* read from [0], write to [1] */
    char byte;
    (void)arg_bytes;
    cf_blocking_begin(task);
    int is_through = read(ends[0], &byte, 1) == 1 && write(ends[1], "", 1) == 1;
    cf_blocking_end(task);
    return is_through ? CF_OK : cf_raise(task, 1, "no baton");
}

static void a_blocking_section_lets_the_others_in(void **state)
{
    (void)state;
    int pipes[3][2], ends[2][2];
    struct cf_executor *executor;
    struct cf_future *futures[2];

    for (int i = 0; i < 3; i++)
        assert_int_equal(pipe(pipes[i]), 0);
    /* the first task waits for the second: under a lock that a blocking
     * section keeps, neither would end */
    ends[0][0] = pipes[1][0], ends[0][1] = pipes[2][1];
    ends[1][0] = pipes[0][0], ends[1][1] = pipes[1][1];
    assert_int_equal(cf_executor_create(CF_GIL,
                                        &(struct cf_options){.max_workers = 2},
                                        &executor),
                     CF_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(cf_submit(executor, pass_the_baton, ends[i],
                                   sizeof ends[i], &futures[i]),
                         CF_OK);
    assert_int_equal(write(pipes[0][1], "", 1), 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
    for (int i = 0; i < 3; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

static enum cf_status leave_sections_open(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    cf_blocking_begin(task);
    cf_blocking_begin(task);
    return CF_OK;
}

static enum cf_status end_what_is_not_open(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    cf_blocking_end(task);
    return CF_OK;
}

/* The only worker, so that the lock is free in the section. */
static enum cf_status look_at_the_lock(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    const struct cfi_gil *gil = task->worker->gil;
    uint32_t before = gil->held;

    (void)arg, (void)arg_bytes;
    cf_blocking_begin(task);
    uint32_t inside = gil->held;
    cf_blocking_end(task);
    return before == 1 && inside == 0 && gil->held == 1
               ? CF_OK
               : cf_raise(task, 1, "the lock is not kept as it should be");
}

static void a_section_ends_with_its_task(void **state)
{
    (void)state;
    static cf_function *const spoilers[] = {leave_sections_open,
                                            end_what_is_not_open};
    struct cf_executor *executor;
    struct cf_future *futures[2];

    assert_int_equal(cf_executor_create(CF_GIL,
                                        &(struct cf_options){.max_workers = 1},
                                        &executor),
                     CF_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(cf_submit(executor, spoilers[i], NULL, 0, &futures[0]),
                         CF_OK);
        assert_int_equal(
            cf_submit(executor, look_at_the_lock, NULL, 0, &futures[1]), CF_OK);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(cf_result(futures[k], CF_FOREVER, NULL, 0), CF_OK);
            cf_future_release(futures[k]);
        }
    }
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_computes_at_a_time_and_each_gets_its_turn),
        cmocka_unit_test(
            a_holder_hands_over_at_a_checkpoint_and_only_when_asked),
        cmocka_unit_test(a_blocking_section_lets_the_others_in),
        cmocka_unit_test(a_section_ends_with_its_task),
    };
    return cmocka_run_group_tests_name("gil", tests, NULL, NULL);
}
