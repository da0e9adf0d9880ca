/* SPDX-License-Identifier: MIT */
/* An object that is loaded while the workers run. It needs nothing of the
 * library, so that it can be loaded wherever that one is. */
#include <cf/executor.h>
#include <cf/iterator.h>

#ifndef ANSWER
#define ANSWER 43
#endif

CF_API cf_function late_task, late_answer;
CF_API cf_initializer late_initialize;
CF_API cf_item_function late_item;

enum cf_status late_task(struct cf_task *task, const void *arg,
                         size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

static int answer;

__attribute__((constructor)) static void find_answer(void)
{
    answer = ANSWER;
}

/* Fails with the answer as its code. */
enum cf_status late_answer(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return (enum cf_status)answer;
}

enum cf_status late_initialize(size_t worker, const void *arg, size_t arg_bytes,
                               void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    *state = &answer;
    return CF_OK;
}

void late_item(const void *item, void *result)
{
    *(int *)result = answer + *(const int *)item;
}
