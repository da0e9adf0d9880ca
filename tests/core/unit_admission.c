/* SPDX-License-Identifier: MIT */
/*
 * When a worker tells who waits until all are gone, and who is waited for: an
 * executor without threads, and a worker that is this thread, whose tasks are no
 * more than counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cf/cf.h>

#include "admission.h"
#include "executor_impl.h"
#include "task_impl.h"

static struct cfi_tally tally;
static struct cfi_worker worker;
static struct cf_executor *executor;

/* `count` tasks in epoch 0, of which the worker has counted one out, while
 * somebody waits. */
static void one_has_ended_of(size_t count)
{
    uint32_t epoch;

    assert_int_equal(cf_executor_create(CF_THREAD, NULL, &executor), CF_OK);
    tally = (struct cfi_tally){0};
    cfi_tally_add(executor, &tally);
    worker = (struct cfi_worker){.executor = executor, .tally = &tally};
    cfi_worker_set_current(&worker);
    assert_int_equal(cfi_executor_enter(executor, count, &epoch), CF_OK);
    assert_int_equal(epoch, 0);
    atomic_fetch_add(&executor->awaiting, 1);
    cfi_worker_ended_task(&worker, 0);
}

static bool has_told(void)
{
    return atomic_load(&executor->all_ended.epoch) != 0;
}

static void finish(void)
{
    cfi_worker_set_current(NULL);
    atomic_fetch_sub(&executor->awaiting, 1);
    assert_int_equal(cf_join(executor, 0), CF_OK);
    cf_executor_destroy(executor);
}

static void a_worker_that_goes_on_in_the_same_epoch_does_not_look(void **state)
{
    (void)state;
    one_has_ended_of(2);
    cfi_worker_begins_task(&worker, 0);
    assert_int_equal(worker.unsaid, 0);
    assert_false(has_told());
    cfi_worker_ended_task(&worker, 0);
    assert_false(has_told());
    cfi_worker_catch_up(&worker); /* there is no other */
    assert_true(has_told());
    finish();
}

static void a_worker_that_goes_on_in_the_other_epoch_tells_before(void **state)
{
    (void)state;
    one_has_ended_of(1);
    cfi_worker_begins_task(&worker, 1);
    assert_int_equal(worker.unsaid, 0);
    assert_true(has_told());
    finish();
}

static void a_worker_that_has_told_does_not_tell_again(void **state)
{
    (void)state;
    one_has_ended_of(1);
    cfi_worker_catch_up(&worker);
    assert_int_equal(atomic_load(&executor->all_ended.epoch), 1);
    cfi_worker_catch_up(&worker);
    cfi_worker_begins_task(&worker, 1);
    assert_int_equal(atomic_load(&executor->all_ended.epoch), 1);
    finish();
}

static uint32_t enter_one(void)
{
    uint32_t epoch;

    assert_int_equal(cfi_executor_enter(executor, 1, &epoch), CF_OK);
    return epoch;
}

/* Else it would wait for that, or for what comes while it waits for an elder. */
static void what_comes_after_each_of_three_joins_is_counted_apart(void **state)
{
    uint32_t epochs[CFI_EPOCHS], last;

    (void)state;
    assert_int_equal(cf_executor_create(CF_THREAD, NULL, &executor), CF_OK);
    for (uint32_t i = 0; i < CFI_EPOCHS; i++) {
        epochs[i] = enter_one();
        for (uint32_t before = 0; before < i; before++)
            assert_int_not_equal(epochs[i], epochs[before]);
        assert_int_equal(cf_join(executor, 1000000), CF_TIMEOUT);
        assert_int_equal(cf_join(executor, 0), CF_TIMEOUT); /* just looks */
    }
    last = enter_one(); /* no epoch is empty */
    assert_int_equal(last, epochs[CFI_EPOCHS - 1]);
    cfi_executor_withdraw(executor, 1, epochs[1]);
    assert_int_equal(cf_join(executor, 1000000), CF_TIMEOUT);
    assert_int_equal(enter_one(), epochs[1]);
    for (uint32_t i = 0; i < CFI_EPOCHS; i++)
        cfi_executor_withdraw(executor, 1, epochs[i]);
    cfi_executor_withdraw(executor, 1, last);
    assert_int_equal(cf_join(executor, CF_FOREVER), CF_OK);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_goes_on_in_the_same_epoch_does_not_look),
        cmocka_unit_test(a_worker_that_goes_on_in_the_other_epoch_tells_before),
        cmocka_unit_test(a_worker_that_has_told_does_not_tell_again),
        cmocka_unit_test(what_comes_after_each_of_three_joins_is_counted_apart),
    };
    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
