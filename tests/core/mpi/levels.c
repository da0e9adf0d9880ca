/* SPDX-License-Identifier: MIT */
/*
 * levels WHO: which level of threads MPI was initialised with, by libcf or by
 * the program, and what the backend mpi then can do. Rank 0 says so on stdout.
 */
#include <cf/cf.h>

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fifo.h"
#include "ranks.h"

static enum cf_status tell_level(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    int level = -1;

    (void)arg;
    (void)arg_bytes;
    MPI_Query_thread(&level); /* any thread may ask that */
    return cf_return(task, &level, sizeof level);
}

/* A message to itself, from a worker's thread. */
static enum cf_status use_mpi(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    int rank, back = 0;

    (void)arg_bytes;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Sendrecv(arg, 1, MPI_INT, rank, 7, &back, 1, MPI_INT, rank, 7,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    back += rank > 0 ? 1000 : 0;
    return cf_return(task, &back, sizeof back);
}

static int result_of(const struct cf_options *options, cf_function *function,
                     int number)
{
    struct cf_executor *executor;
    struct cf_future *future;
    int result;

    CHECK(cf_executor_create(CF_MPI, options, &executor) == CF_OK);
    CHECK(cf_submit(executor, function, &number, sizeof number, &future) ==
          CF_OK);
    CHECK(cf_result(future, CF_FOREVER, &result, sizeof result) == CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    return result;
}

static enum cf_status stay(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)arg_bytes;
    if (!fifo_say_there(arg))
        return cf_raise(task, 1, "nobody came to the fifo");
    sleep(30);
    return CF_OK;
}

/* A program that has initialised MPI may end it with tasks under way: they are
 * broken, and nobody waits for what a rank still runs. */
static void what_has_not_ended_with_mpi_is_broken(void)
{
    struct cf_options options = {.max_workers = 1};
    struct cf_executor *executor = executor_of(&options);
    struct cf_future *futures[3], *late;
    struct cf_error error;
    struct fifo runs;

    fifo_make(&runs);
    for (int i = 0; i < 3; i++)
        futures[i] = submit(executor, stay, runs.path, sizeof runs.path);
    fifo_wait_for(&runs, 1);
    fifo_remove(&runs);
    MPI_Finalize();
    for (int i = 0; i < 3; i++) {
        CHECK(cf_future_error(futures[i], CF_FOREVER, &error) == CF_OK);
        CHECK(error.status == CF_BROKEN);
        CHECK(strcmp(error.message, "MPI has ended") == 0);
        CHECK(!cf_cancel(futures[i]) && !cf_running(futures[i]));
        cf_future_release(futures[i]);
    }
    CHECK(cf_submit(executor, stay, "", 1, &late) == CF_BROKEN);
    CHECK(cf_shutdown(executor, CF_SHUTDOWN_STOP, CF_FOREVER) == CF_OK);
    cf_executor_destroy(executor);
    CHECK(cf_executor_create(CF_MPI, &options, &executor) == CF_UNSUPPORTED);
}

/* One thread makes every call, unless the program has promised more. */
static void check(const char *who)
{
    const struct cf_options asks = {.tasks_use_mpi = true};
    const struct cf_options inside = {.tasks_use_mpi = true,
                                      .rank_backend = CF_PROCESS};
    struct cf_executor *executor;

    if (strcmp(who, "less") == 0) {
        const char *why = cf_backend_missing(CF_MPI);
        CHECK(why != NULL && strstr(why, "MPI_THREAD_SERIALIZED") != NULL);
        CHECK(cf_executor_create(CF_MPI, NULL, &executor) == CF_UNSUPPORTED);
        return;
    }
    CHECK(cf_backend_missing(CF_MPI) == NULL);
    CHECK(cf_executor_create(CF_MPI, &inside, &executor) == CF_UNSUPPORTED);
    if (strcmp(who, "multiple") == 0) {
        CHECK(result_of(&asks, use_mpi, 7) == 1007);
        CHECK(result_of(NULL, tell_level, 0) == MPI_THREAD_MULTIPLE);
        return;
    }
    CHECK(cf_executor_create(CF_MPI, &asks, &executor) == CF_UNSUPPORTED);
    CHECK(strstr(cf_last_error().text, "MPI_THREAD_MULTIPLE"));
    CHECK(result_of(NULL, tell_level, 0) == (strcmp(who, "libcf") == 0
                                                 ? MPI_THREAD_FUNNELED
                                                 : MPI_THREAD_SERIALIZED));
}

int main(int argc, char **argv)
{
    const char *who = argc == 2 ? argv[1] : "";
    bool ends_it = strcmp(who, "ends_it") == 0;
    int wanted = ends_it || strcmp(who, "multiple") == 0 ? MPI_THREAD_MULTIPLE
                 : strcmp(who, "serialized") == 0        ? MPI_THREAD_SERIALIZED
                                                         : MPI_THREAD_FUNNELED;
    bool is_program = strcmp(who, "libcf") != 0;
    int given = wanted;

    if (is_program)
        MPI_Init_thread(&argc, &argv, wanted, &given);
    if (given < wanted) {
        printf("skipped: this MPI gives no more than %d\n", given);
        MPI_Finalize();
        return 77;
    }
    cf_worker_entry();
    if (ends_it)
        what_has_not_ended_with_mpi_is_broken();
    else
        check(who);
    printf("%s: done\n", who);
    if (is_program && !ends_it)
        MPI_Finalize();
    return 0;
}
