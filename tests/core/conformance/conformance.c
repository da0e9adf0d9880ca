/* SPDX-License-Identifier: MIT */
/*
 * conformance BACKEND [START_METHOD]: asks the same promises of every backend. What a backend
 * cannot promise is skipped with its reason.
 */
#include "conformance.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct cf_backend *backend;
static enum cf_start_method start_method;

#undef cf_executor_create

enum cf_status create_by_method(const struct cf_backend *with,
                                const struct cf_options *options,
                                struct cf_executor **executor)
{
    struct cf_options all = {0};

    if (options == NULL && start_method == CF_START_AUTO)
        return cf_executor_create(with, NULL, executor);
    if (options != NULL)
        all = *options;
    all.start_method = start_method;
    return cf_executor_create(with, &all, executor);
}

static bool find_method(const char *name)
{
    static const char *const names[] = {"auto", "fork", "forkserver", "spawn"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        start_method = (enum cf_start_method)i;
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

bool is_serial(void)
{
    return backend == CF_SERIAL;
}

bool is_remote(void)
{
    return backend == CF_PROCESS || backend == CF_MPI;
}

struct cf_executor *executor_of(size_t workers)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = workers, .record_times = true};
    assert_status(create_by_method(backend, &options, &executor), CF_OK);
    return executor;
}

enum cf_status stand_at_gate(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    const struct gate *gate = arg;
    int one = 1;
    char byte;
    (void)arg_bytes;

    cf_blocking_begin(task);
    bool is_through = tell(gate->out[1], 0) && hear(gate->in[0], &byte);
    cf_blocking_end(task);
    if (!is_through)
        return cf_raise(task, 1, "the gate is broken");
    return cf_return(task, &one, sizeof one);
}

enum cf_status work_until_asked(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const struct gate *gate = arg;
    int seven = 7;
    (void)arg_bytes;

    if (!tell(gate->out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    while (!cf_stopping(task))
        ;
    return cf_return(task, &seven, sizeof seven);
}

enum cf_status echo(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

enum cf_status fail_with(struct cf_task *task, const void *arg,
                         size_t arg_bytes)
{
    int code = *(const int *)arg;
    (void)arg_bytes;
    return cf_raise(task, code, "failed with %d", code);
}

enum cf_status return_code(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    return (enum cf_status) * (const int *)arg;
}

enum cf_status odd_ones_fail(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int n = *(const int *)arg;
    if (n % 2 != 0)
        return cf_raise(task, n, "%d is odd", n);
    return cf_return(task, arg, arg_bytes);
}

int int_result(struct cf_future *future)
{
    int result;
    assert_status(cf_result(future, CF_FOREVER, &result, sizeof result), CF_OK);
    return result;
}

struct cf_error outcome_of(struct cf_future *future)
{
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    return error;
}

/* For the other ranks: see tell() in shared.h. */
static void be_found(void)
{
    const char *path = getenv("CF_TEST_HOST");
    FILE *file = path != NULL ? fopen(path, "we") : NULL;

    if (file == NULL)
        return;
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
}

int main(int argc, char **argv)
{
    cf_worker_entry();
    be_found();
    if (argc < 2 || argc > 3 ||
        cf_backend_find(argv[1], &backend) == CF_INVALID ||
        (argc == 3 && !find_method(argv[2]))) {
        fprintf(stderr, "usage: conformance BACKEND [START_METHOD]\n");
        return 2;
    }
    if (cf_backend_missing(backend) != NULL) {
        printf("skipped: %s\n", cf_backend_missing(backend));
        return 77;
    }
    int failed =
        run_future_tests() + run_cancel_tests() + run_wait_tests() +
        run_map_tests() + run_fill_tests() + run_pull_tests() +
        run_executor_tests() + run_submit_tests() + run_bound_tests() +
        run_nested_tests() + run_shutdown_tests() + run_worker_tests() +
        run_callback_tests() + run_ending_tests() + run_lost_worker_tests() +
        run_attempt_tests() + run_life_tests() + run_object_tests() +
        run_observer_tests() + run_spare_tests() + run_priority_tests() +
        run_buffer_tests() + run_copy_tests() + run_block_tests() +
        run_branch_tests() + run_inside_tests() + run_number_tests();
    return failed != 0;
}
