/* SPDX-License-Identifier: MIT */
/*
 * Futures that who has their entry claims by a plain store: what all others see
 * of them, and do to them. What no interleaving may show is searched by
 * tests/models/bound.pml; here it meets real store buffers.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "shared.h"

#include "barrier.h"
#include "future_bound.h"

enum { ROUNDS = 200, TASKS = 300, WORKERS = 2 };

/* An executor whose futures nobody has unbound yet, whatever was at its place. */
static struct cf_executor *start(size_t workers)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = workers, .start_all = true};

    for (size_t i = 0; i < CFI_BONDS; i++)
        atomic_store(&cfi_unbound[i], 0);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

static enum cf_status count(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)task, (void)arg_bytes;
    atomic_fetch_add(*(_Atomic int *const *)arg, 1);
    return CF_OK;
}

/* Two tasks: the first runs, and waits at the gate; the second waits for it. */
struct scene {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *running, *pending;
    _Atomic int runs;
};

static void open_scene(struct scene *scene)
{
    _Atomic int *runs = &scene->runs;

    *scene = (struct scene){0};
    gate_make(&scene->gate);
    scene->executor = start(1);
    scene->running =
        submit(scene->executor, wait_at_gate, &scene->gate, sizeof scene->gate);
    gate_await(&scene->gate, 1);
    scene->pending = submit(scene->executor, count, &runs, sizeof runs);
    assert_true(cfi_future_is_bound(scene->running));
    assert_true(cfi_future_is_bound(scene->pending));
}

/* The first has run, the second as often as is said. */
static void close_scene(struct scene *scene, int runs)
{
    gate_open(&scene->gate, 1);
    assert_status(cf_result(scene->running, CF_FOREVER, NULL, 0), CF_OK);
    assert_status(cf_result(scene->pending, CF_FOREVER, NULL, 0),
                  runs > 0 ? CF_OK : CF_CANCELLED);
    cf_future_release(scene->running);
    cf_future_release(scene->pending);
    cf_executor_destroy(scene->executor);
    assert_int_equal(scene->runs, runs);
    gate_close(&scene->gate);
}

static void a_task_that_runs_is_seen_running(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    assert_true(cf_running(scene.running));
    assert_false(cf_running(scene.pending));
    assert_true(cfi_future_is_bound(scene.running));
    assert_true(cfi_future_is_bound(scene.pending));
    close_scene(&scene, 1);
}

static void a_task_that_runs_cannot_be_cancelled(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    assert_false(cf_cancel(scene.running));
    assert_true(cf_running(scene.running));
    assert_false(cfi_future_is_bound(scene.running));
    close_scene(&scene, 1);
}

static void what_was_cancelled_never_runs(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    assert_true(cf_cancel(scene.pending));
    assert_true(cf_running(scene.running)); /* of another entry */
    close_scene(&scene, 0);
}

static void after_a_cancel_its_executor_binds_no_more(void **state)
{
    struct scene scene;
    _Atomic int runs = 0, *counted = &runs;

    (void)state;
    open_scene(&scene);
    assert_true(cf_cancel(scene.pending));
    struct cf_future *later =
        submit(scene.executor, count, &counted, sizeof counted);
    assert_false(cfi_future_is_bound(later));
    close_scene(&scene, 0);
    assert_status(cf_result(later, CF_FOREVER, NULL, 0), CF_OK);
    assert_int_equal(runs, 1);
    cf_future_release(later);
}

static enum cf_status stay_until_asked(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    (void)arg_bytes;
    if (!gate_pass(arg))
        return CF_EXCEPTION;
    return cf_stopping(task) ? cf_return(task, "asked", 6) : CF_OK;
}

static void a_task_that_runs_is_asked_to_end(void **state)
{
    struct gate gate;
    char result[6] = "";

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = start(1);
    struct cf_future *future =
        submit(executor, stay_until_asked, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_true(cfi_future_is_bound(future));
    assert_true(cfi_future_ask(future));
    gate_open(&gate, 1);
    assert_status(cf_result(future, CF_FOREVER, result, sizeof result), CF_OK);
    assert_string_equal(result, "asked");
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void what_a_shutdown_cancels_unbinds_no_other(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    assert_status(cf_shutdown(scene.executor, CF_SHUTDOWN_CANCEL, 0),
                  CF_TIMEOUT);
    assert_true(cf_cancelled(scene.pending));
    assert_false(cfi_future_may_be_unbound(scene.running));
    close_scene(&scene, 0);
}

static enum cf_status raise_it(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    return cf_raise(task, 1, "as it was told");
}

static void a_task_that_fails_unbinds_no_other(void **state)
{
    struct cf_executor *executor = start(1);
    struct cf_future *future = submit(executor, raise_it, NULL, 0);

    (void)state;
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_EXCEPTION);
    assert_false(cfi_future_may_be_unbound(future));
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- with store buffers --- */

struct race {
    struct cf_future *futures[TASKS];
    _Atomic int runs[TASKS];
    bool cancelled[TASKS];
    _Atomic size_t submitted;
    size_t first; /* to be cancelled */
};

/* Just behind the submitter, where workers take them at the same time. */
static void *cancel_some(void *argument)
{
    struct race *race = argument;

    for (size_t i = race->first; i < TASKS; i += 7) {
        while (atomic_load(&race->submitted) <= i)
            ;
        race->cancelled[i] = cf_cancel(race->futures[i]);
    }
    return NULL;
}

static void each_task_runs_or_is_cancelled(void **state)
{
    static struct race race;
    pthread_t other;
    size_t cancelled = 0;

    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        memset(&race, 0, sizeof race);
        race.first = round % TASKS;
        struct cf_executor *executor = start(WORKERS);
        assert_int_equal(pthread_create(&other, NULL, cancel_some, &race), 0);
        for (size_t i = 0; i < TASKS; i++) {
            _Atomic int *runs = &race.runs[i];
            race.futures[i] = submit(executor, count, &runs, sizeof runs);
            atomic_store(&race.submitted, i + 1);
        }
        pthread_join(other, NULL);
        for (size_t i = 0; i < TASKS; i++) {
            assert_status(cf_result(race.futures[i], CF_FOREVER, NULL, 0),
                          race.cancelled[i] ? CF_CANCELLED : CF_OK);
            assert_int_equal(race.runs[i], race.cancelled[i] ? 0 : 1);
            cf_future_release(race.futures[i]);
            cancelled += race.cancelled[i];
        }
        cf_executor_destroy(executor);
    }
    print_message("%zu cancelled\n", cancelled);
}

static int need_a_barrier(void **state)
{
    (void)state;
    cfi_barrier_all_announce(true);
    if (cfi_barrier_all_exists())
        return 0;
    print_message("skipped: no barrier in all threads is to be had here\n");
    exit(77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_that_runs_is_seen_running),
        cmocka_unit_test(a_task_that_runs_cannot_be_cancelled),
        cmocka_unit_test(what_was_cancelled_never_runs),
        cmocka_unit_test(after_a_cancel_its_executor_binds_no_more),
        cmocka_unit_test(a_task_that_runs_is_asked_to_end),
        cmocka_unit_test(what_a_shutdown_cancels_unbinds_no_other),
        cmocka_unit_test(a_task_that_fails_unbinds_no_other),
        cmocka_unit_test(each_task_runs_or_is_cancelled),
    };
    return cmocka_run_group_tests(tests, need_a_barrier, NULL);
}
