/* SPDX-License-Identifier: MIT */
/*
 * One program on any backend. The constant is the one line to change; the
 * environment may change it too:
 *
 *     CF_BACKEND=process ./one_line_switch
 *     CF_BACKEND=mpi mpirun -n 5 ./one_line_switch
 */
#include <cf/cf.h>

#include <stdio.h>
#include <stdlib.h>

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
    const struct cf_backend *backend = CF_THREAD; /* or CF_PROCESS, ... */
    const char *name = getenv("CF_BACKEND");
    struct cf_executor *executor;
    struct cf_future *future;
    int five = 5, result;

    cf_worker_entry(); /* where MPI's other ranks stay */
    if ((name != NULL && cf_backend_find(name, &backend) != CF_OK) ||
        cf_executor_create(backend, NULL, &executor) != CF_OK ||
        cf_submit(executor, square, &five, sizeof five, &future) != CF_OK ||
        cf_result(future, CF_FOREVER, &result, sizeof result) != CF_OK) {
        fprintf(stderr, "one_line_switch: %s\n", cf_last_error().text);
        return 1;
    }
    printf("%d on %s\n", result, cf_backend_name(backend));

    cf_future_release(future);
    cf_executor_destroy(executor);
    return 0;
}
