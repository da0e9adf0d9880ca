/* SPDX-License-Identifier: MIT */
/* Whom a worker wakes when it has answered. That no answer is left lying by
 * that is searched by tests/models/bell.pml. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bell.h"

struct wakes {
    uint32_t waiters;
    uint32_t drainer;
};

/* What one more ring of a new worker's does. */
static struct wakes ring(struct cfi_bell *bell)
{
    struct wakes before = {bell->waiters.epoch, bell->drainer.epoch};
    struct cfi_ringer ringer = {0};

    cfi_bell_ring(bell, &ringer);
    return (struct wakes){bell->waiters.epoch - before.waiters,
                          bell->drainer.epoch - before.drainer};
}

static void the_drainer_is_woken_where_nobody_waits(void **state)
{
    struct cfi_bell bell = {0};

    (void)state;
    assert_int_equal(ring(&bell).drainer, 0); /* it is awake */
    cfi_seat_prepare(&bell.drainer);
    assert_int_equal(ring(&bell).drainer, 1);
    cfi_seat_prepare(&bell.waiters);
    struct wakes wakes = ring(&bell);
    assert_int_equal(wakes.waiters, 1);
    assert_int_equal(wakes.drainer, 0);
}

static void nobody_is_woken_while_somebody_looks(void **state)
{
    struct cfi_bell bell = {0};

    (void)state;
    cfi_seat_prepare(&bell.drainer);
    cfi_bell_look_begin(&bell);
    cfi_bell_look_begin(&bell);
    cfi_bell_look_end(&bell);
    assert_int_equal(ring(&bell).drainer, 0);
    cfi_bell_look_end(&bell);
    assert_int_equal(ring(&bell).drainer, 1);
}

/* It may stand still for longer than a wake takes. */
static void a_waiter_is_woken_though_another_one_looks(void **state)
{
    struct cfi_bell bell = {0};

    (void)state;
    cfi_seat_prepare(&bell.waiters);
    cfi_bell_look_begin(&bell);
    assert_int_equal(ring(&bell).waiters, 1);
}

static void one_ring_is_enough_for_each_sleep(void **state)
{
    struct cfi_bell bell = {0};
    struct cfi_ringer ringer = {0};

    (void)state;
    cfi_seat_prepare(&bell.drainer);
    cfi_bell_ring(&bell, &ringer);
    cfi_bell_ring(&bell, &ringer);
    assert_int_equal(bell.drainer.epoch, 1);
    cfi_seat_leave(&bell.drainer);
    cfi_seat_prepare(&bell.drainer);
    cfi_bell_ring(&bell, &ringer);
    assert_int_equal(bell.drainer.epoch, 2);
}

static void an_intake_is_told_once_and_if_asked_for(void **state)
{
    struct cfi_bell bell = {0};
    struct cfi_ringer ringer = {0};

    (void)state;
    cfi_seat_prepare(&bell.drainer);
    cfi_bell_tell_intake(&bell, &ringer);
    assert_int_equal(bell.drainer.epoch, 0);
    bell.intake_awaited = 1;
    cfi_bell_tell_intake(&bell, &ringer);
    assert_int_equal(bell.drainer.epoch, 1);
    assert_int_equal(bell.intake_awaited, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_drainer_is_woken_where_nobody_waits),
        cmocka_unit_test(nobody_is_woken_while_somebody_looks),
        cmocka_unit_test(a_waiter_is_woken_though_another_one_looks),
        cmocka_unit_test(one_ring_is_enough_for_each_sleep),
        cmocka_unit_test(an_intake_is_told_once_and_if_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
