/* SPDX-License-Identifier: MIT */
/*
 * What every workload promises, on the backend that the first argument names:
 * its tasks give the right output, and no other output passes for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parameters.h"
#include "prepared.h"
#include "workloads.h"

enum { TASKS = 40, WORKERS = 4, TEXTS = 4 };

/* Short tasks: this is about outputs, not about time. */
static const struct {
    const char *name;
    const char *texts[TEXTS];
} quick[] = {
    {"empty", {NULL}},
    {"sum_squares", {"n=200003"}},
    {"primes", {"n=20000"}},
    {"sha256", {"bytes=70001", "rounds=3"}},
    {"json_parse", {"bytes=3000", "rounds=2"}},
    {"compress", {"bytes=2000", "level=1"}},
    {"matmul", {"n=50"}},
    {"skewed", {"n=50000", "ratio=30"}},
    {"fib", {"n=12", "cutoff=6"}},
    {"payload", {"in_bytes=70001", "out_bytes=3003"}},
    {"sqlite_read", {"rows=1000", "queries=20"}},
    {"stream", {"bytes=200008", "rounds=5"}},
    {"sleep", {"ms=1"}},
    {"http_get", {"delay_ms=1", "bytes=5000"}},
    {"tcp_echo", {"connections=7", "bytes=1001", "rounds=2"}},
    {"file_read", {"bytes=300001", "files=5"}},
    {"file_write", {"bytes=70001"}},
    {"sqlite_write", {"rows=3"}},
    {"mixed", {"cpu_ms=0.1", "wait_ms=1"}},
    {"subprocess", {NULL}},
    {"synthetic", {"curve=lock"}},
};

enum { COUNT = sizeof quick / sizeof quick[0] };

static const struct cf_backend *backend;

/* Can its tasks submit tasks? */
static enum cf_status reach(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    bool can = cf_task_executor(task) != NULL;

    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &can, sizeof can);
}

static bool can_nest(void)
{
    struct cf_executor *executor = must_create(backend, 1);
    struct cf_future *future;
    bool can = false;

    assert_int_equal(cf_submit(executor, reach, NULL, 0, &future), CF_OK);
    assert_int_equal(cf_result(future, CF_FOREVER, &can, sizeof can), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    return can;
}

/* fib is for backends where tasks can submit tasks. */
static bool is_for_us(size_t i)
{
    return strcmp(quick[i].name, "fib") != 0 || can_nest();
}

static void every_workload_is_in_the_list_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(wl_at(i)->name, quick[i].name);
    assert_null(wl_at(COUNT));
    assert_null(wl_find("nothing like it"));
    assert_string_equal(wl_find_nearest("sum_sqaures"), "sum_squares");
    assert_null(wl_find_nearest("zzzzzzzzzzzz"));
}

static void every_output_is_right(void **state)
{
    struct prepared prepared;
    struct cf_executor *executor;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        if (!is_for_us(i))
            continue;
        must_prepare(&prepared, quick[i].name, quick[i].texts, TASKS, 7);
        executor = must_create(backend, WORKERS);
        must_run(&prepared, executor);
        must_run(&prepared, executor); /* kept connections, too */
        cf_executor_destroy(executor);
        dispose(&prepared);
    }
}

/* Every one of an output's bytes, changed; and one byte more or less. */
static void refuse_what_is_near(struct prepared *prepared, size_t i,
                                const unsigned char *output, size_t bytes)
{
    const struct wl_workload *workload = prepared->workload;
    unsigned char *near = calloc(1, bytes + 1);

    assert_non_null(near);
    if (bytes > 0)
        memcpy(near, output, bytes);
    assert_true(workload->verify(&prepared->work, i, near, bytes));
    assert_false(workload->verify(&prepared->work, i, near, bytes + 1));
    for (size_t k = 0; k < bytes; k++) {
        near[k] ^= 0x10;
        assert_false(workload->verify(&prepared->work, i, near, bytes));
        assert_false(workload->verify(&prepared->work, i, near, k));
        near[k] ^= 0x10;
    }
    free(near);
}

static void a_changed_byte_is_refused(void **state)
{
    struct prepared prepared;
    struct cf_executor *executor;
    struct cf_future *future;
    const void *output;
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        if (!is_for_us(i))
            continue;
        must_prepare(&prepared, quick[i].name, quick[i].texts, 1, 7);
        executor = must_create(backend, WORKERS);
        assert_int_equal(cf_submit(executor, prepared.workload->task,
                                   prepared.work.items,
                                   prepared.work.item_bytes, &future),
                         CF_OK);
        assert_int_equal(cf_result_view(future, CF_FOREVER, &output, &bytes),
                         CF_OK);
        refuse_what_is_near(&prepared, 0, output, bytes);
        cf_future_release(future);
        cf_executor_destroy(executor);
        dispose(&prepared);
    }
}

static void a_task_that_cannot_submit_tasks_says_so(void **state)
{
    struct cf_executor *executor;
    struct prepared prepared;
    struct cf_future *future;
    struct cf_error error;

    (void)state;
    if (can_nest())
        skip();
    must_prepare(&prepared, "fib", NULL, 1, 0);
    executor = must_create(backend, 1);
    assert_int_equal(cf_submit(executor, prepared.workload->task,
                               prepared.work.items, prepared.work.item_bytes,
                               &future),
                     CF_OK);
    assert_int_equal(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.status, CF_EXCEPTION);
    assert_non_null(strstr(error.message, "cannot submit tasks"));
    cf_future_release(future);
    cf_executor_destroy(executor);
    dispose(&prepared);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_workload_is_in_the_list_once),
        cmocka_unit_test(every_output_is_right),
        cmocka_unit_test(a_changed_byte_is_refused),
        cmocka_unit_test(a_task_that_cannot_submit_tasks_says_so),
    };

    if (argc != 2 || cf_backend_find(argv[1], &backend) == CF_INVALID) {
        fprintf(stderr, "usage: %s BACKEND\n", argv[0]);
        return 2;
    }
    if (cf_backend_missing(backend) != NULL) {
        printf("skipped: %s\n", cf_backend_missing(backend));
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
