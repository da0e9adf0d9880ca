/* SPDX-License-Identifier: MIT */
/* Memory that large payloads left behind with worker processes. */
#include "process.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MIB ((size_t)1 << 20)

enum { LARGE = 16 };

static enum cf_status measure(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    const unsigned char *bytes = arg;
    size_t sum = 0;

    for (size_t i = 0; i < arg_bytes; i += 4096)
        sum += bytes[i];
    return cf_return(task, &sum, sizeof sum);
}

static enum cf_status fill(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    size_t bytes = *(const size_t *)arg;
    void *space = cf_return_space(task, bytes);

    (void)arg_bytes;
    if (space == NULL)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    memset(space, 7, bytes);
    return CF_OK;
}

/* Of regions: what of them is in memory, as this process has seen it. */
static size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[500];
    bool is_region = false;
    unsigned long begin, end;
    size_t kib, all = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
            is_region = strstr(line, "memfd:cf-worker") != NULL;
        else if (is_region && sscanf(line, "Rss: %zu kB", &kib) == 1)
            all += kib * 1024;
    }
    fclose(file);
    return all;
}

static void give(struct cf_executor *executor, size_t bytes)
{
    unsigned char *argument = malloc(bytes);
    size_t sum;

    assert_non_null(argument);
    memset(argument, 1, bytes);
    struct cf_future *future = submit(executor, measure, argument, bytes);
    assert_status(cf_result(future, CF_FOREVER, &sum, sizeof sum), CF_OK);
    assert_int_equal(sum, bytes / 4096);
    cf_future_release(future);
    free(argument);
}

static void get(struct cf_executor *executor, size_t bytes)
{
    const void *result;
    size_t result_bytes;

    struct cf_future *future = submit(executor, fill, &bytes, sizeof bytes);
    assert_status(cf_result_view(future, CF_FOREVER, &result, &result_bytes),
                  CF_OK);
    assert_int_equal(result_bytes, bytes);
    const unsigned char *filled = result;
    for (size_t i = 0; i < bytes; i += 4096)
        assert_int_equal(filled[i], 7);
    cf_future_release(future);
}

static void
what_large_payloads_left_in_a_workers_memory_is_given_back(void **state)
{
    struct timespec pause = {.tv_sec = 2};
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    give(executor, LARGE * MIB);
    get(executor, LARGE * MIB);
    nanosleep(&pause, NULL); /* 0.2 s idle, and 8 steps of 0.2 ms: ample time */
    size_t left = resident_bytes();
    assert_true(left > 0 && left < 8 * MIB); /* of 32 */
    /* and is there again when it is needed */
    give(executor, LARGE * MIB);
    get(executor, LARGE * MIB);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_large_payloads_left_in_a_workers_memory_is_given_back),
    };
    return cmocka_run_group_tests_name("trims", tests, NULL, NULL);
}
