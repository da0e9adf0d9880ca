/* SPDX-License-Identifier: MIT */
/*
 * out_of_memory BACKEND: the n-th allocation of the library fails, for n = 1,
 * 2, ... until a whole scenario passes without reaching n; once, and from then
 * on. Every call answers with a status (CF_NOMEM, or a future that says so),
 * nothing hangs, no worker is killed, nothing is lost: what was allocated is
 * freed in the end. And once amid a long array.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "injection.h"
#include "shared.h"

static const struct cf_backend *backend;

/* --- the scenario: everything once, and no result needed --- */

static enum cf_status large_result(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    char bytes[4000] = {0};
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, bytes, sizeof bytes);
}

static enum cf_status raise(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_raise(task, 5, "on purpose");
}

static void nothing(struct cf_future *future, void *context)
{
    (void)future;
    (void)context;
}

/* A status, whichever: it came. No worker had to die for it. */
static void any(enum cf_status status)
{
    assert_string_not_equal(cf_status_name(status), "CF_?");
    assert_string_not_equal(cf_status_name(status), "CF_CRASHED");
}

/* A task that submits another one, to whose executor it may be news that tasks
 * do so. */
__attribute__((unused)) static enum cf_status
pass_on(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    struct cf_future *future;
    int number = 0;

    enum cf_status status =
        cf_submit(cf_task_executor(task), square, arg, arg_bytes, &future);
    if (status != CF_OK)
        return status;
    status = cf_result(future, CF_FOREVER, &number, sizeof number);
    cf_future_release(future);
    return status != CF_OK ? status : cf_return(task, &number, sizeof number);
}

static void submit_and_wait(struct cf_executor *executor, cf_function *function)
{
    struct cf_future *future;
    struct cf_error error;
    int number = 3;
    enum cf_status status =
        cf_submit_call(executor, function, &number, sizeof number,
                       &(struct cf_call){.name = "named"}, &future);
    if (status != CF_OK) {
        assert_null(future);
        return;
    }
    any(cf_add_done_callback(future, nothing, NULL));
    any(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL));
    any(cf_future_error(future, CF_FOREVER, &error));
    any(error.status);
    assert_non_null(error.message);
    cf_future_release(future);
}

static void drain(enum cf_status status, struct cf_iterator **made)
{
    struct cf_iterator *iterator = *made; /* after the call that made it */
    struct cf_future *future;

    if (status != CF_OK) {
        assert_null(iterator);
        return;
    }
    while (cf_next(iterator, &future) == CF_OK)
        assert_true(cf_done(future));
    cf_iterator_release(iterator);
}

static bool pull(void *context, const void **arg, size_t *arg_bytes)
{
    int *number = context;
    *arg = number;
    *arg_bytes = sizeof *number;
    return ++*number <= 6;
}

static void double_it(const void *item, void *result)
{
    *(int *)result = 2 * *(const int *)item;
}

static void map_all_ways(struct cf_executor *executor)
{
    int items[6] = {1, 2, 3, 4, 5, 6}, results[6], number = 0;
    struct cf_iterator *iterator = NULL;
    struct cf_future *futures[6];

    drain(cf_map(executor, square, items, sizeof items[0], 6, NULL, &iterator),
          &iterator);
    struct cf_map_options unordered = {.unordered = true};
    iterator = NULL;
    drain(cf_map(executor, square, items, sizeof items[0], 6, &unordered,
                 &iterator),
          &iterator);
    iterator = NULL;
    drain(cf_map_from(executor, square, pull, &number, NULL, &iterator),
          &iterator);
    any(cf_map_into(executor, double_it, items, sizeof items[0], results,
                    sizeof results[0], 6, NULL));
    any(cf_submit_many(executor, square, items, sizeof items[0], 6, futures));
    for (int i = 0; i < 6; i++)
        cf_future_release(futures[i]);
}

static void promise(void)
{
    struct cf_future *future;
    char bytes[100] = {0};

    if (cf_future_create(&future) != CF_OK)
        return;
    any(cf_add_done_callback(future, nothing, NULL));
    if (cf_future_set_result(future, bytes, sizeof bytes) != CF_OK)
        cf_cancel(future);
    assert_true(cf_done(future));
    cf_future_release(future);
}

static enum cf_status return_shared(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct cf_buffer *made;
    (void)arg;
    (void)arg_bytes;
    if (cf_buffer_create(1, &made) != CF_OK)
        return cf_return_buffer(task, cf_task_buffer(task, 0));
    enum cf_status status = cf_return_buffer(task, made);
    cf_buffer_release(made);
    return status;
}

static void share(struct cf_executor *executor)
{
    struct cf_buffer *buffer = NULL, *returned;
    struct cf_future *future;
    struct cf_call call = {.buffers = &buffer, .buffer_count = 1};

    if (cf_buffer_create(1, &buffer) != CF_OK) {
        assert_null(buffer);
        return;
    }
    if (cf_submit_call(executor, return_shared, NULL, 0, &call, &future) ==
        CF_OK) {
        any(cf_result_buffer(future, CF_FOREVER, &returned));
        cf_buffer_release(returned);
        cf_future_release(future);
    }
    cf_buffer_release(buffer);
}

/* Branches that find no room run all the same. */
static enum cf_status add_one(struct cf_task *task, void *arg)
{
    (void)task;
    ++*(int *)arg;
    return CF_OK;
}

static enum cf_status divide(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    enum { COUNT = 100 };
    struct cf_branch branches[COUNT];
    int ran[COUNT] = {0}, sum = 0;
    (void)arg;
    (void)arg_bytes;

    for (int i = 0; i < COUNT; i++)
        cf_branch_fork(task, &branches[i], add_one, &ran[i]);
    for (int i = COUNT - 1; i >= 0; i--)
        any(cf_branch_join(task, &branches[i]));
    for (int i = 0; i < COUNT; i++)
        sum += ran[i];
    return cf_return(task, &sum, sizeof sum);
}

static void divide_and_wait(struct cf_executor *executor)
{
    struct cf_future *future;
    int sum;

    if (cf_submit(executor, divide, NULL, 0, &future) != CF_OK)
        return;
    if (cf_result(future, CF_FOREVER, &sum, sizeof sum) == CF_OK)
        assert_int_equal(sum, 100);
    cf_future_release(future);
}

static void do_everything(void)
{
    /* forked even where a sanitizer's thread would have them exec'ed, by calls
     * that allocate past this file's count */
    struct cf_options options = {
        .max_workers = 2, .record_times = true, .start_method = CF_START_FORK};
    struct cf_executor *executor;

    promise();
    if (cf_executor_create(backend, &options, &executor) != CF_OK) {
        assert_null(executor);
        return;
    }
    submit_and_wait(executor, square);
    submit_and_wait(executor, large_result);
    submit_and_wait(executor, raise);
#ifndef __SANITIZE_THREAD__ /* a process with threads ends a second later */
    submit_and_wait(executor, pass_on);
#endif
    divide_and_wait(executor);
    map_all_ways(executor);
    share(executor);
    any(cf_join(executor, CF_FOREVER));
    cf_executor_destroy(executor);
}

static void fail_each_in_turn(bool sticky)
{
    long n = 0, before = live_blocks();

    do {
        n++;
        fail_allocation(n, sticky);
        do_everything();
        fail_no_allocation();
        assert_int_equal(live_blocks(), before);
    } while (has_allocation_failed());
    assert_true(n > 10); /* the allocator was really ours */
    print_message("%s: %ld allocations failed in turn\n",
                  cf_backend_name(backend), n - 1);
}

static void each_allocation_may_fail_once(void **state)
{
    (void)state;
    fail_each_in_turn(false);
}

static void all_allocations_may_fail_from_some_moment_on(void **state)
{
    (void)state;
    fail_each_in_turn(true);
}

static enum cf_status add_up(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int sum = 0;

    for (size_t i = 0; i < arg_bytes / sizeof(int); i++)
        sum += ((const int *)arg)[i];
    return cf_return(task, &sum, sizeof sum);
}

/* Items too large for a block that is kept, so that each is an allocation. */
struct item {
    int numbers[100];
};

/* How many were submitted. */
static size_t check_those_before(struct cf_future **futures, size_t count,
                                 enum cf_status status)
{
    size_t made = 0;
    int sum;

    while (made < count && futures[made] != NULL) {
        assert_status(cf_result(futures[made], CF_FOREVER, &sum, sizeof sum),
                      CF_OK);
        assert_int_equal(sum, made);
        cf_future_release(futures[made++]);
    }
    assert_true(status == CF_NOMEM ? made < count : made == count);
    for (size_t i = made; i < count; i++)
        assert_null(futures[i]);
    return made;
}

static void where_memory_ends_amid_an_array_the_first_go_on(void **state)
{
    enum { COUNT = 4000 };
    static struct item items[COUNT];
    static struct cf_future *futures[COUNT];
    struct cf_options options = {.max_workers = 2,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    long before = live_blocks();
    int failed = 0, parted = 0;
    (void)state;

    for (int i = 0; i < COUNT; i++)
        items[i].numbers[i % 100] = i;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    for (long n = 500; n < COUNT; n += 500) {
        fail_allocation(n, false);
        enum cf_status status = cf_submit_many(executor, add_up, items,
                                               sizeof items[0], COUNT, futures);
        fail_no_allocation();
        assert_true(status == CF_OK || status == CF_NOMEM);
        size_t made = check_those_before(futures, COUNT, status);
        failed += status == CF_NOMEM;
        parted += status == CF_NOMEM && made > 0;
    }
    assert_true(failed > 0);
    if (backend != CF_OPENMP) /* to which an array is one piece of work */
        assert_true(parted > 0);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    cf_executor_destroy(executor);
    assert_int_equal(live_blocks(), before);
}

/* Neither has the worker memory for the results, nor, from some moment on, the
 * host to be told so. Nothing is written to them. */
static void an_array_for_whose_failure_is_no_memory_is_nomem(void **state)
{
    size_t bytes = (size_t)1 << 45;
    struct cf_options options = {
        .max_workers = 1, .start_all = true, .start_method = CF_START_FORK};
    struct cf_executor *executor;
    int item = 1;
    long n = 0;
    (void)state;

    if (backend != CF_PROCESS)
        skip(); /* the workers have the host's memory */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* they end who asks for that much */
#endif
    void *results = mmap(NULL, bytes, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(results, MAP_FAILED);
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    do {
        fail_allocation(++n, true);
        enum cf_status status = cf_map_into(
            executor, double_it, &item, sizeof item, results, bytes, 1, NULL);
        fail_no_allocation();
        assert_status(status, CF_NOMEM);
        assert_status(cf_last_error().status, CF_NOMEM);
    } while (has_allocation_failed());
    assert_true(n > 2);
    cf_executor_destroy(executor);
    assert_int_equal(munmap(results, bytes), 0);
}

int main(int argc, char **argv)
{
    if (argc != 2 || cf_backend_find(argv[1], &backend) == CF_INVALID) {
        fprintf(stderr, "usage: out_of_memory BACKEND\n");
        return 2;
    }
    if (cf_backend_missing(backend) != NULL) {
        printf("skipped: %s\n", cf_backend_missing(backend));
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail_once),
        cmocka_unit_test(all_allocations_may_fail_from_some_moment_on),
        cmocka_unit_test(where_memory_ends_amid_an_array_the_first_go_on),
        cmocka_unit_test(an_array_for_whose_failure_is_no_memory_is_nomem),
    };
    return cmocka_run_group_tests_name("out of memory", tests, NULL, NULL);
}
