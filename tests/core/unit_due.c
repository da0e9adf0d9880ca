/* SPDX-License-Identifier: MIT */
/* When the drainer of a process host is woken for what is due at its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "process_host.h"

#define RETRY_NS ((int64_t)100000000)

/* A host with one worker, whose task has one behind it, or not. */
struct scene {
    struct cfi_host host;
    struct cfi_bell bell;
    struct cfi_lane lane, *lanes;
};

static struct cfi_host *prepare(struct scene *scene)
{
    scene->lanes = &scene->lane;
    scene->host.board.bell = &scene->bell;
    scene->host.lanes = &scene->lanes;
    scene->host.lanes_used = 1;
    scene->lane.load = 1;
    return &scene->host;
}

static uint32_t wakes_by(struct cfi_host *host, enum cfi_due due)
{
    struct cfi_seat *seat = &host->board.bell->drainer;
    uint32_t before = seat->epoch;

    cfi_host_note_due(host, due);
    return seat->epoch - before;
}

static void a_look_wakes_who_sleeps_until_a_later_try(void **state)
{
    static struct scene scene;
    struct cfi_host *host = prepare(&scene);
    int64_t now_ns = cfi_now_ns();

    (void)state;
    host->absent = 1;
    host->retry_ns = now_ns + RETRY_NS;
    assert_int_equal(wakes_by(host, CFI_DUE_RETRY), 1);
    assert_true(cfi_host_due_ns(host, now_ns) == host->retry_ns);
    host->lanes[0]->load = 2;
    assert_int_equal(wakes_by(host, CFI_DUE_LOOK), 1);
    assert_true(cfi_host_due_ns(host, now_ns) < host->retry_ns);
}

static void who_is_to_look_soon_is_not_woken_again(void **state)
{
    static struct scene scene;
    struct cfi_host *host = prepare(&scene);
    int64_t now_ns = cfi_now_ns();

    (void)state;
    assert_true(cfi_host_due_ns(host, now_ns) == INT64_MAX);
    host->lanes[0]->load = 2;
    assert_int_equal(wakes_by(host, CFI_DUE_LOOK), 1);
    int64_t look_ns = cfi_host_due_ns(host, now_ns);
    assert_int_equal(wakes_by(host, CFI_DUE_LOOK), 0);
    host->absent = 1;
    host->retry_ns = now_ns + RETRY_NS;
    assert_int_equal(wakes_by(host, CFI_DUE_RETRY), 0);
    assert_true(cfi_host_due_ns(host, now_ns) == look_ns);

    host->lanes[0]->load = 1;
    assert_true(cfi_host_due_ns(host, now_ns) == host->retry_ns);
    host->absent = 0;
    assert_true(cfi_host_due_ns(host, now_ns) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_wakes_who_sleeps_until_a_later_try),
        cmocka_unit_test(who_is_to_look_soon_is_not_woken_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
