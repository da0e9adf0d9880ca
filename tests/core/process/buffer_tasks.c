/* SPDX-License-Identifier: MIT */
#include "buffer_tasks.h"

#include <dirent.h>
#include <string.h>

enum cf_status count_up(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    struct cf_buffer *buffer;

    (void)arg;
    (void)arg_bytes;
    for (size_t i = 0; (buffer = cf_task_buffer(task, i)) != NULL; i++)
        ++*(int *)cf_buffer_data(buffer);
    return CF_OK;
}

enum cf_status make_one(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    struct cf_buffer *buffer;

    (void)arg;
    (void)arg_bytes;
    if (cf_buffer_create(100, &buffer) != CF_OK)
        return CF_SYSTEM;
    memset(cf_buffer_data(buffer), 5, 100);
    enum cf_status status = cf_return_buffer(task, buffer);
    cf_buffer_release(buffer);
    return status;
}

int count_descriptors(void)
{
    DIR *list = opendir("/proc/self/fd");
    int count = -3; /* ".", "..", and the list itself */
    while (readdir(list) != NULL)
        count++;
    closedir(list);
    return count;
}

enum cf_status count_open(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    int count = count_descriptors();
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &count, sizeof count);
}

void assert_counts_up(struct cf_executor *executor, struct cf_buffer *buffer)
{
    int *number = cf_buffer_data(buffer), before = *number;
    struct cf_future *future =
        submit_with(executor, count_up, NULL, 0, &buffer, 1);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    assert_int_equal(*number, before + 1);
    cf_future_release(future);
}

void run_int(struct cf_executor *executor, cf_function *function, int number)
{
    struct cf_future *future = submit_int(executor, function, number);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
}
