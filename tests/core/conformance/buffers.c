/* SPDX-License-Identifier: MIT */
/* Memory that tasks share with their host: the same on every backend. */
#include "conformance.h"

#include <string.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static const char *const has_copies = "a rank has a copy of its own";

static struct cf_buffer *buffer_result(struct cf_future *future)
{
    struct cf_buffer *buffer;
    const void *view;
    size_t bytes;
    assert_status(cf_result_buffer(future, CF_FOREVER, &buffer), CF_OK);
    assert_non_null(buffer);
    assert_status(cf_result_view(future, 0, &view, &bytes), CF_OK);
    assert_ptr_equal(view, buffer);
    assert_int_equal(bytes, 0);
    return buffer;
}

/* What the first byte is; it becomes its complement. Returns the pid. */
static enum cf_status turn_round(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct cf_buffer *buffer = cf_task_buffer(task, 0);
    unsigned char *bytes = cf_buffer_data(buffer);
    int pid = getpid();

    (void)arg;
    (void)arg_bytes;
    if (buffer == NULL || cf_task_buffer(task, 1) != NULL)
        return cf_raise(task, 1, "not one buffer");
    for (size_t i = 0; i < cf_buffer_bytes(buffer); i++)
        bytes[i] = (unsigned char)~bytes[i];
    return cf_return(task, &pid, sizeof pid);
}

static void what_one_side_writes_the_other_reads(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_MPI, has_copies);
    struct cf_executor *executor = executor_of(2);
    struct cf_buffer *buffer = buffer_of(MIB);
    unsigned char *bytes = cf_buffer_data(buffer);

    assert_int_equal(cf_buffer_bytes(buffer), MIB);
    for (size_t i = 0; i < MIB; i++)
        assert_int_equal(bytes[i], 0);
    for (int round = 0; round < 4; round++) { /* new there, then known */
        memset(bytes, round + 1, MIB);
        struct cf_future *future =
            submit_with(executor, turn_round, NULL, 0, &buffer, 1);
        int pid = int_result(future);
        assert_true((pid == getpid()) == !is_remote());
        for (size_t i = 0; i < MIB; i += 997)
            assert_int_equal(bytes[i], (unsigned char)~(round + 1));
        cf_future_release(future);
    }
    assert_ptr_equal(cf_buffer_data(buffer), bytes);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

static void a_buffer_lasts_until_its_task_has_ended(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *first =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    struct cf_buffer *kept = buffer_of(100);
    memset(cf_buffer_data(kept), 7, 100);

    /* no call of ours has it any more when its task starts */
    struct cf_buffer *buffer = buffer_of(100);
    struct cf_buffer *both[] = {buffer, kept};
    struct cf_future *future =
        submit_with(executor, turn_round, NULL, 0, &buffer, 1);
    struct cf_future *cancelled =
        submit_with(executor, turn_round, NULL, 0, both, 2);
    cf_buffer_release(buffer);
    assert_true(cf_cancel(cancelled));
    gate_open(&gate, 1);
    int_result(future);
    assert_int_equal(*(unsigned char *)cf_buffer_data(kept), 7);
    cf_buffer_release(kept);
    cf_future_release(first);
    cf_future_release(future);
    cf_future_release(cancelled);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* Fills its part of the second buffer from that of the first. */
static enum cf_status double_part(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const size_t part = *(const size_t *)arg, numbers = 1000;
    const int *from = cf_buffer_data(cf_task_buffer(task, 0));
    int *to = cf_buffer_data(cf_task_buffer(task, 1));

    (void)arg_bytes;
    for (size_t i = part * numbers; i < (part + 1) * numbers; i++)
        to[i] = 2 * from[i];
    return CF_OK;
}

static void check_doubled(struct cf_buffer *const *buffers, size_t count,
                          struct cf_iterator *iterator)
{
    struct cf_future *future;
    int *to = cf_buffer_data(buffers[1]);
    size_t parts = 0;

    for (; cf_next(iterator, &future) == CF_OK; parts++)
        assert_status(cf_result(future, 0, NULL, 0), CF_OK);
    cf_iterator_release(iterator);
    assert_int_equal(parts, count / 1000);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(to[i], 2 * (int)i);
    memset(to, 0, count * sizeof *to);
}

struct parts {
    size_t next;
    size_t count;
};

static bool next_part(void *context, const void **arg, size_t *arg_bytes)
{
    struct parts *parts = context;
    static size_t part;

    part = parts->next++;
    *arg = &part;
    *arg_bytes = sizeof part;
    return part < parts->count;
}

static void a_map_works_on_parts_of_one_buffer(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_MPI, has_copies);
    enum { NUMBERS = 20000 };
    struct cf_executor *executor = executor_of(3);
    struct cf_buffer *buffers[] = {buffer_of(NUMBERS * sizeof(int)),
                                   buffer_of(NUMBERS * sizeof(int))};
    int *from = cf_buffer_data(buffers[0]);
    size_t parts[NUMBERS / 1000];
    struct cf_map_options options = {.buffers = buffers, .buffer_count = 2};
    struct cf_iterator *iterator;

    for (int i = 0; i < NUMBERS; i++)
        from[i] = i;
    for (size_t i = 0; i < NUMBERS / 1000; i++)
        parts[i] = i;
    assert_status(cf_map(executor, double_part, parts, sizeof parts[0],
                         NUMBERS / 1000, &options, &iterator),
                  CF_OK);
    check_doubled(buffers, NUMBERS, iterator);

    /* the array of them is the caller's again after the call */
    struct parts pulled = {.count = NUMBERS / 1000};
    struct cf_buffer *array[] = {buffers[0], buffers[1]};
    options.buffers = array;
    assert_status(cf_map_from(executor, double_part, next_part, &pulled,
                              &options, &iterator),
                  CF_OK);
    memset(array, 0, sizeof array);
    check_doubled(buffers, NUMBERS, iterator);

    cf_buffer_release(buffers[0]);
    cf_buffer_release(buffers[1]);
    cf_executor_destroy(executor);
}

/* A buffer of so many bytes, each its own number. */
static enum cf_status make_buffer(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    size_t bytes = *(const size_t *)arg;
    struct cf_buffer *buffer;

    (void)arg_bytes;
    enum cf_status status = cf_buffer_create(bytes, &buffer);
    if (status != CF_OK)
        return status;
    unsigned char *data = cf_buffer_data(buffer);
    for (size_t i = 0; i < bytes; i++)
        data[i] = (unsigned char)i;
    /* what was given before is replaced */
    status = cf_return(task, "bytes", 5);
    if (status == CF_OK)
        status = cf_return_buffer(task, buffer);
    if (status == CF_OK)
        status = cf_return_buffer(task, buffer);
    cf_buffer_release(buffer);
    return status;
}

static void assert_numbered(struct cf_buffer *buffer, size_t bytes)
{
    const unsigned char *data = cf_buffer_data(buffer);

    assert_int_equal(cf_buffer_bytes(buffer), bytes);
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(data[i], (unsigned char)i);
}

/* Returns the buffer that the number names. */
static enum cf_status pass_on(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    (void)arg_bytes;
    return cf_return_buffer(task, cf_task_buffer(task, *(const size_t *)arg));
}

static void a_result_may_be_a_buffer(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    size_t sizes[] = {1, 5000, MIB};
    struct cf_future *futures[3], *next;
    struct cf_buffer *buffers[3];

    for (size_t i = 0; i < 3; i++)
        futures[i] = submit(executor, make_buffer, &sizes[i], sizeof sizes[i]);
    for (size_t i = 0; i < 3; i++) {
        buffers[i] = buffer_result(futures[i]);
        cf_future_release(futures[i]); /* the buffer is its own */
    }
    /* it goes on to the next task as any other does */
    size_t first = 0;
    next = submit_with(executor, pass_on, &first, sizeof first, buffers, 1);
    struct cf_buffer *passed = buffer_result(next);
    assert_numbered(passed, sizes[0]);
    cf_buffer_release(passed);
    cf_future_release(next);
    cf_executor_destroy(executor); /* and outlives the executor */
    assert_numbered(buffers[1], sizes[1]);
    assert_numbered(buffers[2], sizes[2]);
    for (size_t i = 0; i < 3; i++)
        cf_buffer_release(buffers[i]);
}

static void a_task_may_return_what_it_was_given(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_buffer *all[CF_MOST_BUFFERS];
    size_t last = CF_MOST_BUFFERS - 1, none = CF_MOST_BUFFERS;

    for (size_t i = 0; i < CF_MOST_BUFFERS; i++)
        all[i] = buffer_of(i + 1);
    struct cf_future *future = submit_with(executor, pass_on, &last,
                                           sizeof last, all, CF_MOST_BUFFERS);
    struct cf_buffer *buffer = buffer_result(future);
    assert_true(backend == CF_MPI ? buffer != all[last] : buffer == all[last]);
    assert_int_equal(cf_buffer_bytes(buffer), last + 1);
    cf_buffer_release(buffer);
    cf_future_release(future);

    /* one that it was not given is the task's error */
    struct cf_error error;
    future = submit_with(executor, pass_on, &none, sizeof none, all,
                         CF_MOST_BUFFERS);
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_INVALID);
    cf_future_release(future);
    for (size_t i = 0; i < CF_MOST_BUFFERS; i++)
        cf_buffer_release(all[i]);
    cf_executor_destroy(executor);
}

/* Keeps its buffer in the worker; a later task finds it there. */
static enum cf_status keep_or_tell(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    static struct cf_buffer *kept;
    int number;

    (void)arg;
    (void)arg_bytes;
    if (kept == NULL) {
        kept = cf_buffer_retain(cf_task_buffer(task, 0));
        return CF_OK;
    }
    number = *(int *)cf_buffer_data(kept);
    cf_buffer_release(kept);
    kept = NULL;
    return cf_return(task, &number, sizeof number);
}

static void a_reference_outlasts_the_task_and_the_host_s(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_buffer *buffer = buffer_of(sizeof(int));
    *(int *)cf_buffer_data(buffer) = 42;
    struct cf_future *future =
        submit_with(executor, keep_or_tell, NULL, 0, &buffer, 1);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_buffer_release(buffer);
    cf_future_release(future);
    future = submit(executor, keep_or_tell, NULL, 0);
    assert_int_equal(int_result(future), 42);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void executors_share_a_buffer_side_by_side(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_MPI, has_copies);
    struct cf_executor *one = executor_of(1), *other;
    struct cf_options options = {.max_workers = 1};
    struct cf_buffer *buffer = buffer_of(64);
    unsigned char *bytes = cf_buffer_data(buffer);

    assert_status(cf_executor_create(CF_THREAD, &options, &other), CF_OK);
    for (int round = 0; round < 3; round++) {
        struct cf_future *future =
            submit_with(one, turn_round, NULL, 0, &buffer, 1);
        int_result(future);
        cf_future_release(future);
        assert_int_equal(bytes[63], 0xff);
        future = submit_with(other, turn_round, NULL, 0, &buffer, 1);
        int_result(future);
        cf_future_release(future);
        assert_int_equal(bytes[63], 0);
        cf_executor_destroy(one); /* the buffer outlives it, and goes on */
        one = executor_of(1);
    }
    cf_executor_destroy(one);
    cf_executor_destroy(other);
    cf_buffer_release(buffer);
}

static void wrong_buffers_are_refused(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_buffer *buffer = NULL, *many[CF_MOST_BUFFERS + 1] = {0};
    struct cf_future *future;
    struct cf_call call = {.buffers = many, .buffer_count = 1};

    assert_status(cf_buffer_create(0, &buffer), CF_INVALID);
    assert_status(cf_buffer_create(1, NULL), CF_INVALID);
    assert_status(cf_buffer_create(SIZE_MAX, &buffer), CF_NOMEM);
    assert_status(cf_buffer_create(SIZE_MAX / 4, &buffer), CF_NOMEM);
    assert_null(buffer);
    assert_null(cf_buffer_data(NULL));
    assert_int_equal(cf_buffer_bytes(NULL), 0);
    assert_null(cf_buffer_retain(NULL));
    cf_buffer_release(NULL);

    assert_status(cf_submit_call(executor, square, NULL, 0, &call, &future),
                  CF_INVALID);
    assert_null(future);
    call.buffer_count = CF_MOST_BUFFERS + 1;
    assert_status(cf_submit_call(executor, square, NULL, 0, &call, &future),
                  CF_INVALID);
    future = submit_int(executor, square, 3);
    assert_status(cf_result_buffer(future, CF_FOREVER, &buffer), CF_INVALID);
    assert_null(buffer);
    assert_int_equal(int_result(future), 9);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int run_buffer_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_side_writes_the_other_reads),
        cmocka_unit_test(a_buffer_lasts_until_its_task_has_ended),
        cmocka_unit_test(a_map_works_on_parts_of_one_buffer),
        cmocka_unit_test(a_result_may_be_a_buffer),
        cmocka_unit_test(a_task_may_return_what_it_was_given),
        cmocka_unit_test(a_reference_outlasts_the_task_and_the_host_s),
        cmocka_unit_test(executors_share_a_buffer_side_by_side),
        cmocka_unit_test(wrong_buffers_are_refused),
    };
    return cmocka_run_group_tests_name("buffers", tests, NULL, NULL);
}
