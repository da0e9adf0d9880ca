/* SPDX-License-Identifier: MIT */
/* Buffers between processes, and workers, when something runs out: descriptors
 * of the host or of a worker, address space, room in a worker's post. Who lacks
 * it says so, and goes on when it is there again. */
#include "buffer_tasks.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* This process may have `more` descriptors than it has. Returns the limit as
 * it was. */
static struct rlimit allow_descriptors(int more)
{
    struct rlimit before, limit;
    int highest = dup(0);
    close(highest); /* the lowest free one: what is above stays closed off */
    getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    limit.rlim_cur = (rlim_t)(highest + more);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void a_host_without_descriptors_is_told(void **state)
{
    (void)state;
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer;
    struct rlimit before = allow_descriptors(0);
    enum cf_status made = cf_buffer_create(100, &buffer);
    int code = cf_last_error().system_errno;
    struct cf_future *future = submit(executor, make_one, NULL, 0);
    struct cf_error error = error_of(future);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_status(made, CF_SYSTEM);
    assert_int_equal(code, EMFILE);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, CF_SYSTEM);
    cf_future_release(future);

    future = submit(executor, make_one, NULL, 0);
    assert_status(cf_result_buffer(future, CF_FOREVER, &buffer), CF_OK);
    assert_counts_up(executor, buffer);
    cf_buffer_release(buffer);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static enum cf_status limit_worker(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    static struct rlimit before;
    (void)task;
    (void)arg_bytes;
    if (*(const int *)arg != 0)
        before = allow_descriptors(0);
    else
        setrlimit(RLIMIT_NOFILE, &before);
    return CF_OK;
}

static void assert_fails_with(struct cf_executor *executor,
                              struct cf_buffer *buffer, int code)
{
    struct cf_future *future =
        submit_with(executor, count_up, NULL, 0, &buffer, 1);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, code);
    assert_non_null(strstr(error.message, "lacks a buffer"));
    cf_future_release(future);
}

static void a_worker_without_descriptors_is_given_it_again_later(void **state)
{
    (void)state;
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *known = buffer_of(100), *new = buffer_of(100);
    assert_counts_up(executor, known);
    run_int(executor, limit_worker, 1);
    assert_fails_with(executor, new, CF_SYSTEM);
    assert_counts_up(executor, known); /* mapped already */
    assert_serves(executor);
    run_int(executor, limit_worker, 0);
    assert_counts_up(executor, new);
    cf_buffer_release(known);
    cf_buffer_release(new);
    cf_executor_destroy(executor);
}

static void a_host_without_address_space_is_told(void **state)
{
    (void)state;
    if (is_sanitized()) {
        print_message("skipped: a sanitizer's shadow needs all there is\n");
        skip();
    }
    struct rlimit before, none = {0};
    struct cf_buffer *buffer;
    int descriptors = count_descriptors();
    getrlimit(RLIMIT_AS, &before);
    none.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_AS, &none);
    enum cf_status status = cf_buffer_create(1 << 20, &buffer);
    setrlimit(RLIMIT_AS, &before);
    assert_status(status, CF_NOMEM);
    assert_null(buffer);
    getrlimit(RLIMIT_FSIZE, &before);
    none = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
    status = cf_buffer_create(1 << 20, &buffer); /* and no SIGXFSZ */
    setrlimit(RLIMIT_FSIZE, &before);
    assert_status(status, CF_SYSTEM);
    assert_int_equal(count_descriptors(), descriptors);
}

/* Tasks that were taken back leave their buffers in the worker's post, more than
 * it has room for: the next tasks wait until it was emptied. */
static void more_buffers_than_a_post_holds_arrive_all_the_same(void **state)
{
    enum { TASKS = 40, KEPT = 4, ALL = TASKS * CF_MOST_BUFFERS };
    static struct cf_buffer *buffers[ALL];
    static struct cf_future *futures[TASKS];
    struct rlimit before, most;
    struct gate gate;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    if (before.rlim_max < ALL + 200) {
        print_message("skipped: %d descriptors are allowed, a buffer needs one "
                      "on both sides\n",
                      (int)before.rlim_max);
        skip();
    }
    most = before;
    most.rlim_cur = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &most);
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    for (int i = 0; i < ALL; i++)
        buffers[i] = buffer_of(sizeof(int));
    struct cf_future *busy = occupy(executor, &gate);
    for (int i = 0; i < TASKS; i++) {
        futures[i] =
            submit_with(executor, count_up, NULL, 0,
                        &buffers[i * CF_MOST_BUFFERS], CF_MOST_BUFFERS);
        assert_true(i >= TASKS - KEPT || cf_cancel(futures[i]));
    }
    gate_open(&gate, 1);
    int_result(busy);
    for (int i = 0; i < TASKS; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0),
                      i >= TASKS - KEPT ? CF_OK : CF_CANCELLED);
        cf_future_release(futures[i]);
    }
    for (int i = 0; i < ALL; i++) {
        assert_int_equal(*(int *)cf_buffer_data(buffers[i]),
                         i >= (TASKS - KEPT) * CF_MOST_BUFFERS);
        cf_buffer_release(buffers[i]);
    }
    cf_executor_destroy(executor);
    setrlimit(RLIMIT_NOFILE, &before);
    gate_close(&gate);
}

/* The most that can be mapped at once. */
static size_t free_address_space(void)
{
    size_t low = 0, high = (size_t)1 << 40;

    while (high - low > 1 << 20) {
        size_t middle = low + (high - low) / 2;
        void *map = mmap(NULL, middle, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (map == MAP_FAILED) {
            high = middle;
        } else {
            munmap(map, middle);
            low = middle;
        }
    }
    return low;
}

/* Allows this process 4 GiB. Returns the limit as it was. */
static struct rlimit allow_little_address_space(void)
{
    struct rlimit before, limit;

    getrlimit(RLIMIT_AS, &before);
    limit = before;
    limit.rlim_cur = (rlim_t)4 << 30;
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    return before;
}

static void an_executor_leaves_address_space_to_the_program(void **state)
{
    (void)state;
    if (is_sanitized())
        skip(); /* they map terabytes */
    struct rlimit before = allow_little_address_space();
    size_t there_was = free_address_space();
    struct cf_executor *executor = full_executor(4);
    size_t there_is = free_address_space();
    assert_serves(executor);
    assert_status(cf_set_workers(executor, 16), CF_OK); /* they start at once */
    size_t in_the_end = free_address_space();
    assert_serves(executor);
    cf_executor_destroy(executor);
    setrlimit(RLIMIT_AS, &before);
    assert_true(there_is > there_was / 3);
    assert_true(in_the_end > there_was / 3);
}

struct dive {
    struct gate gate;
    int depth;
};

/* Waits for another one, which has a limit and so is run by another worker; the
 * last stands at the gate. */
static enum cf_status dive(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    struct cf_call call = {.timeout_ns = INT64_C(3600000000000)};
    struct dive below = *(const struct dive *)arg;
    struct cf_future *future;

    if (below.depth-- == 0)
        return gate_pass(&below.gate) ? CF_OK : CF_SYSTEM;
    if (cf_submit_call(cf_task_executor(task), dive, &below, arg_bytes, &call,
                       &future) != CF_OK)
        return CF_SYSTEM;
    enum cf_status status = cf_result(future, CF_FOREVER, NULL, 0);
    cf_future_release(future);
    return status;
}

static void spare_workers_leave_address_space_too(void **state)
{
    struct cf_options options = {.max_workers = 1,
                                 .max_spare_workers = 8,
                                 .start_method = CF_START_FORK};
    struct dive first = {.depth = 8};
    struct cf_executor *executor;

    (void)state;
    if (is_sanitized())
        skip(); /* they map terabytes */
    gate_make(&first.gate);
    struct rlimit before = allow_little_address_space();
    size_t there_was = free_address_space();
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *future = submit(executor, dive, &first, sizeof first);
    gate_await(&first.gate, 1);
    size_t there_is = free_address_space();
    setrlimit(RLIMIT_AS, &before);
    gate_open(&first.gate, 1);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&first.gate);
    assert_true(there_is > there_was / 3);
}

/* --- workers --- */

static void a_first_worker_that_cannot_start_refuses_the_task(void **state)
{
    struct cf_executor *executor = lazy_executor(2);
    struct cf_future *future;

    (void)state;
    struct rlimit before = allow_descriptors(0);
    enum cf_status status = cf_submit(executor, square, NULL, 0, &future);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_status(status, CF_AGAIN);
    assert_null(future);
    struct rlimit small = {.rlim_cur = 4096};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    status = cf_submit(executor, square, NULL, 0, &future);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_status(status, CF_AGAIN);
    assert_non_null(strstr(cf_last_error().text, "files may have 4096 bytes"));
    assert_serves(executor);
    assert_int_equal(cf_executor_workers(executor), 2);
    cf_executor_destroy(executor);
}

static void a_further_worker_that_cannot_start_is_started_later(void **state)
{
    struct cf_future *future;
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = lazy_executor(2);
    struct cf_future *busy = occupy(executor, &gate);
    struct rlimit before = allow_descriptors(0);
    assert_status(cf_join(NULL, 0), CF_INVALID);
    future = submit_int(executor, square, 3);
    assert_status(cf_last_error().status, CF_INVALID);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(int_result(future), 9);
    assert_true(cf_running(busy));
    gate_open(&gate, 1);
    int_result(busy);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* Kills its worker the first time. */
static enum cf_status die_once(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    if (cf_task_attempt(task) == 1)
        raise(SIGKILL);
    return square(task, arg, arg_bytes);
}

/* The only one, after a second one could not be started. */
static void a_worker_that_dies_before_the_next_try_is_replaced(void **state)
{
    struct cf_executor *executor = lazy_executor(2);
    struct cf_future *futures[3];
    int three = 3;

    (void)state;
    assert_int_equal(int_result(submit_int(executor, square, 1)), 1);
    struct rlimit before = allow_descriptors(0);
    for (int i = 0; i < 3; i++)
        futures[i] = submit_int(executor, nap, 1000);
    for (int i = 0; i < 3; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
    setrlimit(RLIMIT_NOFILE, &before);
    struct cf_future *future =
        submit_call(executor, die_once, &three, sizeof three,
                    (struct cf_call){.retries = 1});
    assert_int_equal(int_result(future), 9);
    cf_executor_destroy(executor);
}

static double cpu_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void a_worker_that_is_not_wanted_any_more_is_not_tried_for(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = lazy_executor(2);
    struct cf_future *busy = occupy(executor, &gate);
    struct rlimit before = allow_descriptors(0);
    struct cf_future *future = submit_int(executor, square, 3);
    assert_status(cf_set_workers(executor, 1), CF_OK);
    setrlimit(RLIMIT_NOFILE, &before);
    double begun_s = cpu_s();
    usleep(500000);
    double used_s = cpu_s() - begun_s;
    gate_open(&gate, 1);
    int_result(busy);
    assert_int_equal(int_result(future), 9);
    cf_executor_destroy(executor);
    gate_close(&gate);
    assert_true(used_s < 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_without_descriptors_is_told),
        cmocka_unit_test(a_worker_without_descriptors_is_given_it_again_later),
        cmocka_unit_test(a_host_without_address_space_is_told),
        cmocka_unit_test(more_buffers_than_a_post_holds_arrive_all_the_same),
        cmocka_unit_test(an_executor_leaves_address_space_to_the_program),
        cmocka_unit_test(spare_workers_leave_address_space_too),
        cmocka_unit_test(a_first_worker_that_cannot_start_refuses_the_task),
        cmocka_unit_test(a_further_worker_that_cannot_start_is_started_later),
        cmocka_unit_test(a_worker_that_dies_before_the_next_try_is_replaced),
        cmocka_unit_test(a_worker_that_is_not_wanted_any_more_is_not_tried_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
