/* SPDX-License-Identifier: MIT */
/* An object that is loaded while the workers run. */
#include <cf/task.h>

CF_API enum cf_status late_task(struct cf_task *task, const void *arg,
                                size_t arg_bytes);

enum cf_status late_task(struct cf_task *task, const void *arg,
                         size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}
