/* SPDX-License-Identifier: MIT */
/* What can be asked of a future: is it done, tell me when, wait but not long. */
#include <cf/cf.h>

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define SECONDS INT64_C(1000000000) /* time-outs are in nanoseconds */

static enum cf_status slow_square(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    int n = *(const int *)arg;
    int squared = n * n;

    (void)arg_bytes; /* always one int */
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    return cf_return(task, &squared, sizeof squared);
}

/* Runs in the worker's thread, when the future is final. */
static void keep_result(struct cf_future *future, void *context)
{
    if (cf_result(future, 0, context, sizeof(int)) != CF_OK)
        *(int *)context = -1;
}

static const char *yes_or_no(bool answer)
{
    return answer ? "yes" : "no";
}

int main(void)
{
    struct cf_executor *executor;
    struct cf_future *future;
    int five = 5, result, seen_by_callback = 0;
    enum cf_status status;

    if (cf_executor_create(CF_THREAD, NULL, &executor) != CF_OK ||
        cf_submit(executor, slow_square, &five, sizeof five, &future) !=
            CF_OK ||
        cf_add_done_callback(future, keep_result, &seen_by_callback) != CF_OK) {
        fprintf(stderr, "future: %s\n", cf_last_error().text);
        return 1;
    }

    printf("done at once? %s\n", yes_or_no(cf_done(future)));

    /* A time-out ends the wait, not the task: wait again if you like. */
    status = cf_result(future, SECONDS / 10, &result, sizeof result);
    printf("after 0.1 s: %s\n", cf_status_name(status));

    status = cf_result(future, 5 * SECONDS, &result, sizeof result);
    if (status != CF_OK) {
        fprintf(stderr, "future: %s\n", cf_status_name(status));
        return 1;
    }
    printf("within 5 s: %d\n", result);
    printf("done now? %s\n", yes_or_no(cf_done(future)));

    cf_future_release(future);
    cf_executor_destroy(executor); /* waits for the callbacks, too */
    printf("the callback saw %d\n", seen_by_callback);
    return 0;
}
