/* SPDX-License-Identifier: MIT */
/*
 * No wake is lost: threads hand a ball to each other 10^5 times, each asleep
 * until it is its turn, with nothing to wake them but the eventcount. A lost
 * wake is a hang, which the test's time limit shows.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "eventcount.h"
#include "lock.h"

enum { PLAYERS = 4, PASSES = 100000 };

static struct cfi_eventcount event;
static _Atomic int ball;

static bool calls_the_next_alone;

/* Whose turn it is next has a kind of its own, as each. */
static void pass_on(int seen)
{
    if (calls_the_next_alone && seen + 1 < PASSES)
        cfi_eventcount_notify_kind(&event, 1u << (seen + 1) % PLAYERS, true);
    else
        cfi_eventcount_notify(&event, CFI_EVERYBODY);
}

static void *play(void *argument)
{
    int me = (int)(intptr_t)argument, seen;

    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&event);
        seen = atomic_load(&ball);
        if (seen < PASSES && seen % PLAYERS != me) {
            cfi_eventcount_wait_as(&event, key, INT64_MAX, 1u << me);
            continue;
        }
        cfi_eventcount_cancel(&event);
        if (seen >= PASSES)
            return NULL;
        atomic_store(&ball, seen + 1);
        pass_on(seen);
    }
}

static void play_it(bool by_kind)
{
    pthread_t players[PLAYERS];

    ball = 0;
    calls_the_next_alone = by_kind;
    for (intptr_t i = 0; i < PLAYERS; i++)
        pthread_create(&players[i], NULL, play, (void *)i);
    for (int i = 0; i < PLAYERS; i++)
        pthread_join(players[i], NULL);
    assert_true(ball >= PASSES);
    assert_int_equal(event.sleepers, 0);
}

static void no_wake_is_lost(void **state)
{
    (void)state;
    play_it(false);
}

static void none_is_lost_where_one_kind_is_called(void **state)
{
    (void)state;
    play_it(true);
}

static void *sleep_as_the_second(void *argument)
{
    struct cfi_eventcount *quiet = argument;

    while (cfi_eventcount_prepare(quiet) == 0)
        cfi_eventcount_wait_as(quiet, 0, INT64_MAX, 1u << 1);
    cfi_eventcount_cancel(quiet);
    return NULL;
}

static void another_is_woken_where_none_of_that_kind_sleeps(void **state)
{
    struct cfi_eventcount quiet = {0};
    pthread_t sleeper;

    (void)state;
    pthread_create(&sleeper, NULL, sleep_as_the_second, &quiet);
    usleep(
        20000); /* then it sleeps, most likely; if not, it need not be woken */
    cfi_eventcount_notify_kind(&quiet, 1u << 0, true);
    pthread_join(sleeper, NULL);
}

static void a_wait_ends_at_its_deadline_and_not_before(void **state)
{
    (void)state;
    struct cfi_eventcount quiet = {0};
    int64_t deadline_ns = cfi_deadline_ns(20000000);
    uint32_t key = cfi_eventcount_prepare(&quiet);

    while (cfi_eventcount_wait(&quiet, key, deadline_ns))
        key = cfi_eventcount_prepare(&quiet);
    assert_true(cfi_now_ns() >= deadline_ns);
}

static void the_epoch_may_wrap(void **state)
{
    (void)state;
    struct cfi_eventcount wrapping = {.epoch = UINT32_MAX};
    uint32_t key = cfi_eventcount_prepare(&wrapping);
    cfi_eventcount_notify(&wrapping, 1);
    assert_int_equal(wrapping.epoch, 0);
    assert_true(cfi_eventcount_wait(&wrapping, key, INT64_MAX));
    assert_int_equal(wrapping.sleepers, 0);
}

static struct cfi_lock lock;
static long counter;

static void *count(void *argument)
{
    (void)argument;
    for (int i = 0; i < PASSES; i++) {
        cfi_lock(&lock);
        counter++;
        cfi_unlock(&lock);
    }
    return NULL;
}

static void a_lock_lets_one_in(void **state)
{
    pthread_t players[PLAYERS];
    (void)state;
    for (int i = 0; i < PLAYERS; i++)
        pthread_create(&players[i], NULL, count, NULL);
    for (int i = 0; i < PLAYERS; i++)
        pthread_join(players[i], NULL);
    assert_int_equal(counter, (long)PLAYERS * PASSES);
}

static void a_deadline_does_not_overflow(void **state)
{
    (void)state;
    assert_true(cfi_deadline_ns(INT64_MAX) == INT64_MAX);
    assert_true(cfi_deadline_ns(INT64_MAX - 1) == INT64_MAX);
    assert_true(cfi_deadline_ns(0) == INT64_MIN);
    assert_true(cfi_deadline_ns(INT64_MIN) == INT64_MIN);
    assert_true(cfi_deadline_ns(1) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_wake_is_lost),
        cmocka_unit_test(none_is_lost_where_one_kind_is_called),
        cmocka_unit_test(another_is_woken_where_none_of_that_kind_sleeps),
        cmocka_unit_test(a_wait_ends_at_its_deadline_and_not_before),
        cmocka_unit_test(the_epoch_may_wrap),
        cmocka_unit_test(a_lock_lets_one_in),
        cmocka_unit_test(a_deadline_does_not_overflow),
    };
    return cmocka_run_group_tests_name("eventcount", tests, NULL, NULL);
}
