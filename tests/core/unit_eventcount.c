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

#include <cmocka.h>

#include "clock.h"
#include "eventcount.h"
#include "lock.h"

enum { PLAYERS = 4, PASSES = 100000 };

static struct cfi_eventcount event;
static _Atomic int ball;

static void *play(void *argument)
{
    int me = (int)(intptr_t)argument, seen;

    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&event);
        seen = atomic_load(&ball);
        if (seen < PASSES && seen % PLAYERS != me) {
            cfi_eventcount_wait(&event, key, INT64_MAX);
            continue;
        }
        cfi_eventcount_cancel(&event);
        if (seen >= PASSES)
            return NULL;
        atomic_store(&ball, seen + 1);
        cfi_eventcount_notify(&event, CFI_EVERYBODY);
    }
}

static void no_wake_is_lost(void **state)
{
    pthread_t players[PLAYERS];
    (void)state;
    for (intptr_t i = 0; i < PLAYERS; i++)
        pthread_create(&players[i], NULL, play, (void *)i);
    for (int i = 0; i < PLAYERS; i++)
        pthread_join(players[i], NULL);
    assert_true(ball >= PASSES);
    assert_int_equal(event.sleepers, 0);
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
        cmocka_unit_test(a_wait_ends_at_its_deadline_and_not_before),
        cmocka_unit_test(the_epoch_may_wrap),
        cmocka_unit_test(a_lock_lets_one_in),
        cmocka_unit_test(a_deadline_does_not_overflow),
    };
    return cmocka_run_group_tests_name("eventcount", tests, NULL, NULL);
}
