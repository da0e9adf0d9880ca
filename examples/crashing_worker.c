/* SPDX-License-Identifier: MIT */
/* A worker process dies in the middle of a task: that one task has an error,
 * the rest go on. Threads would all have died with it. */
#include <cf/cf.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum cf_status square(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int n = *(const int *)arg;
    int squared = n * n;

    (void)arg_bytes; /* always one int */
    if (n == 3)
        abort(); /* a bug */
    return cf_return(task, &squared, sizeof squared);
}

static void report(int n, struct cf_future *future)
{
    int squared;
    struct cf_error error;

    if (cf_result(future, 0, &squared, sizeof squared) == CF_OK)
        printf("%d * %d = %d\n", n, n, squared);
    else if (cf_future_error(future, 0, &error) == CF_OK)
        printf("%d * %d: %s, signal %d (%s)\n", n, n,
               cf_status_name(error.status), error.signal,
               strsignal(error.signal));
}

int main(void)
{
    const int inputs[] = {1, 2, 3, 4, 5, 6};
    const size_t count = sizeof inputs / sizeof inputs[0];
    struct cf_executor *executor;
    struct cf_iterator *results;
    struct cf_future *future; /* lent by the iterator: nothing to release */
    enum cf_status status;

    if (cf_executor_create(CF_PROCESS, NULL, &executor) != CF_OK ||
        cf_map(executor, square, inputs, sizeof inputs[0], count, NULL,
               &results) != CF_OK) {
        fprintf(stderr, "crashing_worker: %s\n", cf_last_error().text);
        return 1;
    }
    for (size_t i = 0; (status = cf_next(results, &future)) == CF_OK; i++)
        report(inputs[i], future);

    cf_iterator_release(results);
    cf_executor_destroy(executor);
    return status == CF_END ? 0 : 1;
}
