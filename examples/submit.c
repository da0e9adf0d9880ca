/* SPDX-License-Identifier: MIT */
/* Submits one task and waits for its result. Prints 25. */
#include <cf/cf.h>

#include <stdio.h>

static enum cf_status square(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int n = *(const int *)arg;
    int squared = n * n;

    (void)arg_bytes; /* always one int */
    return cf_return(task, &squared, sizeof squared);
}

int main(void)
{
    struct cf_executor *executor;
    struct cf_future *future;
    int five = 5, result;

    if (cf_executor_create(CF_THREAD, NULL, &executor) != CF_OK ||
        cf_submit(executor, square, &five, sizeof five, &future) != CF_OK ||
        cf_result(future, CF_FOREVER, &result, sizeof result) != CF_OK) {
        fprintf(stderr, "submit: %s\n", cf_last_error().text);
        return 1;
    }
    printf("%d\n", result);

    cf_future_release(future);
    cf_executor_destroy(executor);
    return 0;
}
