/* SPDX-License-Identifier: MIT */
/* Maps a heavy function over an array; the results come in input order. Threads
 * are enough for it: C has no GIL. */
#include <cf/cf.h>

#include <inttypes.h>
#include <stdio.h>

static enum cf_status heavy(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    uint64_t n = *(const uint64_t *)arg;
    uint64_t sum = 0;

    (void)arg_bytes; /* always one number */
    for (uint64_t i = 0; i < n; i++)
        sum += i * i;
    return cf_return(task, &sum, sizeof sum);
}

int main(void)
{
    const uint64_t inputs[] = {100000, 200000, 300000};
    const size_t count = sizeof inputs / sizeof inputs[0];
    struct cf_executor *executor;
    struct cf_iterator *results;
    struct cf_future *future; /* lent by the iterator: nothing to release */
    enum cf_status status;
    uint64_t sum;

    if (cf_executor_create(CF_THREAD, NULL, &executor) != CF_OK ||
        cf_map(executor, heavy, inputs, sizeof inputs[0], count, NULL,
               &results) != CF_OK) {
        fprintf(stderr, "map: %s\n", cf_last_error().text);
        return 1;
    }
    for (size_t i = 0; (status = cf_next(results, &future)) == CF_OK; i++) {
        status = cf_result(future, 0, &sum, sizeof sum);
        if (status != CF_OK)
            break;
        printf("heavy(%" PRIu64 ") = %" PRIu64 "\n", inputs[i], sum);
    }
    if (status != CF_END)
        fprintf(stderr, "map: %s\n", cf_status_name(status));

    cf_iterator_release(results);
    cf_executor_destroy(executor);
    return status == CF_END ? 0 : 1;
}
