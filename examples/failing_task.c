/* SPDX-License-Identifier: MIT */
/* One task among many fails: its error is reported, the rest go on. */
#include <cf/cf.h>

#include <errno.h>
#include <stdio.h>

static enum cf_status invert(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int n = *(const int *)arg;
    double inverse;

    (void)arg_bytes; /* always one int */
    if (n == 0)
        return cf_raise(task, EDOM, "cannot invert %d", n);
    inverse = 1.0 / n;
    return cf_return(task, &inverse, sizeof inverse);
}

static void report(int n, struct cf_future *future)
{
    double inverse;
    struct cf_error error;

    if (cf_result(future, 0, &inverse, sizeof inverse) == CF_OK)
        printf("1 / %d = %g\n", n, inverse);
    else if (cf_future_error(future, 0, &error) == CF_OK)
        printf("1 / %d: %s (code %d, raised at %s:%d)\n", n, error.message,
               error.code, error.file, error.line);
}

int main(void)
{
    const int inputs[] = {-2, -1, 0, 1, 2, 4};
    const size_t count = sizeof inputs / sizeof inputs[0];
    struct cf_executor *executor;
    struct cf_iterator *results;
    struct cf_future *future; /* lent by the iterator: nothing to release */
    enum cf_status status;

    if (cf_executor_create(CF_THREAD, NULL, &executor) != CF_OK ||
        cf_map(executor, invert, inputs, sizeof inputs[0], count, NULL,
               &results) != CF_OK) {
        fprintf(stderr, "failing_task: %s\n", cf_last_error().text);
        return 1;
    }
    for (size_t i = 0; (status = cf_next(results, &future)) == CF_OK; i++)
        report(inputs[i], future);

    cf_iterator_release(results);
    cf_executor_destroy(executor);
    return status == CF_END ? 0 : 1;
}
