/* SPDX-License-Identifier: MIT */
/* What buffers promise where a worker has a copy of its own, too: what goes
 * there, how often, and what comes back. */
#include "conformance.h"

#include <string.h>

#define MIB     ((size_t)1 << 20)
#define PARTS   20
#define NUMBERS 1000 /* in each part */

/* Every byte becomes its complement. */
static enum cf_status turn_round(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct cf_buffer *buffer = cf_task_buffer(task, 0);
    unsigned char *bytes = cf_buffer_data(buffer);

    (void)arg;
    (void)arg_bytes;
    for (size_t i = 0; i < cf_buffer_bytes(buffer); i++)
        bytes[i] = (unsigned char)~bytes[i];
    return cf_return_buffer(task, buffer);
}

static void a_buffer_comes_back_as_its_task_left_it(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);

    for (int round = 0; round < 3; round++) {
        struct cf_buffer *buffer = buffer_of(MIB + 1), *back;
        memset(cf_buffer_data(buffer), round, MIB + 1);
        struct cf_future *future =
            submit_with(executor, turn_round, NULL, 0, &buffer, 1);
        assert_status(cf_result_buffer(future, CF_FOREVER, &back), CF_OK);
        cf_future_release(future);
        assert_int_equal(cf_buffer_bytes(back), MIB + 1);
        for (size_t i = 0; i <= MIB; i += 1024)
            assert_int_equal(((unsigned char *)cf_buffer_data(back))[i],
                             (unsigned char)~round);
        cf_buffer_release(buffer);
        cf_buffer_release(back);
    }
    cf_executor_destroy(executor);
}

/* Its own number in each place. */
static struct cf_buffer *numbers_of(size_t bytes)
{
    struct cf_buffer *buffer = buffer_of(bytes);

    for (size_t i = 0; i < bytes / sizeof(int); i++)
        ((int *)cf_buffer_data(buffer))[i] = (int)i;
    return buffer;
}

/* The sum of its part of the buffer. */
static enum cf_status sum_part(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    size_t part = *(const size_t *)arg;
    const int *from = cf_buffer_data(cf_task_buffer(task, 0));
    int sum = 0;

    (void)arg_bytes;
    for (size_t i = part * NUMBERS; i < (part + 1) * NUMBERS; i++)
        sum += from[i];
    return cf_return(task, &sum, sizeof sum);
}

static int sum_of(int part)
{
    return NUMBERS * (part * NUMBERS) + (NUMBERS - 1) * NUMBERS / 2;
}

static void check_sums(struct cf_iterator *iterator)
{
    struct cf_future *future;
    int part = 0;

    for (; cf_next(iterator, &future) == CF_OK; part++)
        assert_int_equal(int_result(future), sum_of(part));
    cf_iterator_release(iterator);
    assert_int_equal(part, PARTS);
}

static bool pull_part(void *context, const void **arg, size_t *arg_bytes)
{
    size_t *next = context;
    static size_t part;

    part = (*next)++;
    *arg = &part;
    *arg_bytes = sizeof part;
    return part < PARTS;
}

static void a_map_reads_parts_of_one_buffer(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(3);
    struct cf_buffer *buffer = numbers_of(PARTS * NUMBERS * sizeof(int));
    struct cf_map_options options = {.buffers = &buffer, .buffer_count = 1};
    struct cf_iterator *iterator;
    size_t parts[PARTS], pulled = 0;

    for (size_t i = 0; i < PARTS; i++)
        parts[i] = i;
    assert_status(cf_map(executor, sum_part, parts, sizeof parts[0], PARTS,
                         &options, &iterator),
                  CF_OK);
    check_sums(iterator);
    assert_status(cf_map_from(executor, sum_part, pull_part, &pulled, &options,
                              &iterator),
                  CF_OK);
    check_sums(iterator);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

static void each_worker_is_sent_a_buffer_once(void **state)
{
    (void)state;
    enum { TASKS = 50 };
    struct cf_executor *executor = executor_of(3);
    struct cf_buffer *buffer = numbers_of(8 * MIB);
    struct cf_future *futures[TASKS];

    for (size_t i = 0; i < TASKS; i++)
        futures[i] = submit_with(executor, sum_part, &i, sizeof i, &buffer, 1);
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(int_result(futures[i]), sum_of(i));
        cf_future_release(futures[i]);
    }
    uint64_t sent = cf_executor_stats(executor).buffers_sent;
    assert_in_range(sent, is_remote() ? 1 : 0, is_remote() ? 3 : 0);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

int run_copy_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_comes_back_as_its_task_left_it),
        cmocka_unit_test(a_map_reads_parts_of_one_buffer),
        cmocka_unit_test(each_worker_is_sent_a_buffer_once),
    };
    return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
