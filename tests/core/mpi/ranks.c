/* SPDX-License-Identifier: MIT */
/*
 * ranks PART: what only a job of several ranks can promise, one part a run.
 * Rank 0 says what it saw on stdout.
 */
#include <cf/cf.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ranks.h"

static enum cf_status echo(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static enum cf_status fail(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)arg_bytes;
    return cf_raise(task, *(const int *)arg, "it went wrong");
}

static enum cf_status name_host(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    char host[256] = "";
    (void)arg;
    (void)arg_bytes;
    gethostname(host, sizeof host - 1);
    return cf_return(task, host, sizeof host);
}

static enum cf_status pid_of_worker(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    size_t where[2] = {(size_t)getpid(), cf_worker_index(task)};
    (void)arg;
    (void)arg_bytes;
    usleep(20000); /* so that every worker gets some */
    return cf_return(task, where, sizeof where);
}

/* An error of a task is its future's alone. */
static void errors(void)
{
    struct cf_executor *executor = executor_of(NULL);
    char host[256] = "";
    int seven = 7, result;
    struct cf_error error;
    struct cf_future *bad = submit(executor, fail, &seven, sizeof seven);
    struct cf_future *good = submit(executor, echo, &seven, sizeof seven);

    CHECK(cf_future_error(bad, CF_FOREVER, &error) == CF_OK);
    CHECK(error.status == CF_EXCEPTION && error.code == 7);
    CHECK(strcmp(error.message, "it went wrong") == 0);
    CHECK(strstr(error.file, "ranks.c") != NULL && error.line > 0);
    CHECK(cf_result(good, CF_FOREVER, &result, sizeof result) == CF_OK);
    cf_future_release(bad);
    cf_future_release(good);
    for (int i = 0; i < 30; i++) { /* several ranks */
        good = submit(executor, name_host, NULL, 0);
        CHECK(cf_result(good, CF_FOREVER, host, sizeof host) == CF_OK);
        CHECK(strcmp(cf_future_info(good).host, host) == 0);
        cf_future_release(good);
    }
    cf_executor_destroy(executor);
}

static void a_worker_is_on_no_machine_before_it_has_begun(void)
{
    struct cf_executor *executor =
        executor_of(&(struct cf_options){.max_workers = 2});
    char host[256] = "";

    CHECK(cf_executor_host(executor, 0)[0] == '\0');
    struct cf_future *future = submit(executor, name_host, NULL, 0);
    CHECK(cf_result(future, CF_FOREVER, host, sizeof host) == CF_OK);
    CHECK(strcmp(cf_executor_host(executor, 0), host) == 0);
    CHECK(cf_executor_host(executor, 1)[0] == '\0');
    CHECK(cf_executor_host(executor, 2 + 0)[0] != '\0'); /* to stand in */
    CHECK(cf_executor_host(executor, 4)[0] == '\0');
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Says who runs it, then does not come back for long. */
static enum cf_status get_lost(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    while (!cf_stopping(task))
        usleep(1000);
    usleep(700000);
    return CF_OK;
}

/* A task is given up on each of two ranks: who stands in for its worker there
 * has an index of his own, behind all workers. */
static void losses(void)
{
    struct cf_executor *executor =
        executor_of(&(struct cf_options){.max_workers = 2});
    struct cf_call call = {.name = "lost",
                           .timeout_ns = 1000000,
                           .grace_ns = 1000000,
                           .retries = 3};
    struct cf_future *futures[8];
    size_t seen = 0, where[2];
    struct cf_error error;

    for (int i = 0; i < 2; i++)
        CHECK(cf_submit_call(executor, get_lost, NULL, 0, &call, &futures[i]) ==
              CF_OK);
    for (int i = 0; i < 2; i++) {
        CHECK(cf_future_error(futures[i], CF_FOREVER, &error) == CF_OK);
        CHECK(error.status == CF_EXPIRED && error.rung == CF_RUNG_ABANDONED);
        CHECK(cf_future_info(futures[i]).attempt == 1); /* it may still run */
        cf_future_release(futures[i]);
    }
    CHECK(cf_executor_stats(executor).written_off == 2);
    for (int i = 0; i < 8; i++)
        futures[i] = submit(executor, pid_of_worker, NULL, 0);
    for (int i = 0; i < 8; i++) {
        CHECK(cf_result(futures[i], CF_FOREVER, where, sizeof where) == CF_OK);
        CHECK(cf_future_info(futures[i]).worker == where[1]);
        CHECK(cf_future_info(futures[i]).host[0] != '\0');
        CHECK(where[1] == 2 || where[1] == 3);
        seen |= where[1];
        cf_future_release(futures[i]);
    }
    CHECK(seen == (2 | 3));
    cf_executor_destroy(executor);
}

/* Each rank has so many workers inside; indexes are dense over all. */
static void layout(const struct cf_backend *inside)
{
    struct cf_options options = {
        .max_workers = 5, .rank_workers = 2, .rank_backend = inside};
    struct cf_executor *executor = executor_of(&options);
    struct cf_future *futures[40];
    size_t seen[5] = {0}, where[2];

    CHECK(cf_executor_workers(executor) == 5);
    for (int i = 0; i < 40; i++)
        futures[i] = submit(executor, pid_of_worker, NULL, 0);
    for (int i = 0; i < 40; i++) {
        CHECK(cf_result(futures[i], CF_FOREVER, where, sizeof where) == CF_OK);
        CHECK(where[1] < 5);
        CHECK(cf_future_info(futures[i]).worker == where[1]);
        CHECK(cf_future_info(futures[i]).pid == (int64_t)where[0]);
        CHECK(seen[where[1]] == 0 || seen[where[1]] == where[0]);
        seen[where[1]] = where[0];
        cf_future_release(futures[i]);
    }
    for (int i = 0; i < 5; i++)
        CHECK(seen[i] != 0);
    /* threads share a rank's process, processes do not */
    CHECK((seen[0] == seen[1]) == (inside == CF_THREAD));
    CHECK(seen[0] != seen[2] && seen[2] != seen[4]);
    cf_executor_destroy(executor);
}

/* As many workers as there may be, in one rank, and every name that a task can
 * have there. */
static void a_rank_may_have_all_the_workers(void)
{
    struct cf_executor *executor = executor_of(
        &(struct cf_options){.max_workers = 65536, .rank_workers = 65536});
    enum { AT_ONCE = 10 };
    struct cf_future *futures[AT_ONCE];
    int result;

    CHECK(cf_executor_workers(executor) == 65536);
    for (int i = 0; i < 66000; i += AT_ONCE) {
        for (int k = 0; k < AT_ONCE; k++)
            futures[k] = submit(executor, echo, &i, sizeof i);
        for (int k = 0; k < AT_ONCE; k++) {
            CHECK(cf_result(futures[k], 10000000000, &result, sizeof result) ==
                  CF_OK);
            CHECK(result == i);
            cf_future_release(futures[k]);
        }
    }
    cf_executor_destroy(executor);
}

/* More than one message of MPI takes. */
static void large(void)
{
    size_t bytes = (size_t)40 << 20, got;
    struct cf_executor *executor = executor_of(NULL);
    unsigned char *arg = malloc(bytes);
    const void *result;

    CHECK(arg != NULL);
    for (size_t i = 0; i < bytes; i++)
        arg[i] = (unsigned char)(i * 31 >> 4);
    struct cf_future *future = submit(executor, echo, arg, bytes);
    CHECK(cf_result_view(future, CF_FOREVER, &result, &got) == CF_OK);
    CHECK(got == bytes && memcmp(result, arg, bytes) == 0);
    cf_future_release(future);
    free(arg);
    cf_executor_destroy(executor);
}

static enum cf_status twice(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    char *space = cf_return_space(task, 2 * arg_bytes);

    if (space == NULL)
        return CF_NOMEM;
    memcpy(space, arg, arg_bytes);
    memcpy(space + arg_bytes, arg, arg_bytes);
    return CF_OK;
}

/* Around the size from which payloads go apart, smaller and larger than the
 * argument, several under way at once, some of them taken back. */
static void payloads(const struct cf_backend *inside)
{
    struct cf_executor *executor = executor_of(
        &(struct cf_options){.max_workers = 2, .rank_backend = inside});
    struct cf_call call = {.name = "twice or once", .retries = 1};
    size_t sizes[] = {32767, 32768, 32769, 16384, 100000, 16383};
    enum { COUNT = 36 };
    static unsigned char arg[100000];
    struct cf_future *futures[COUNT];
    const unsigned char *result;
    size_t got;

    for (size_t i = 0; i < sizeof arg; i++)
        arg[i] = (unsigned char)(i * 131 >> 3);
    for (size_t i = 0; i < COUNT; i++)
        CHECK(cf_submit_call(executor, i % 2 == 0 ? echo : twice, arg + i,
                             sizes[i / 6] - i, i % 3 == 0 ? &call : NULL,
                             &futures[i]) == CF_OK);
    for (size_t i = COUNT; i-- > 0;) {
        size_t bytes = sizes[i / 6] - i, times = i % 2 + 1;
        if (i % 5 == 0 && cf_cancel(futures[i])) {
            cf_future_release(futures[i]);
            continue;
        }
        CHECK(cf_result_view(futures[i], CF_FOREVER, (const void **)&result,
                             &got) == CF_OK);
        CHECK(got == times * bytes);
        for (size_t part = 0; part < times; part++)
            CHECK(memcmp(result + part * bytes, arg + i, bytes) == 0);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
}

/* What lies in no loaded object is refused, and nothing jumps anywhere. */
static void strangers(void)
{
    struct cf_executor *executor = executor_of(NULL);
    struct cf_future *future;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(cf_submit(executor, (cf_function *)(uintptr_t)page, NULL, 0,
                    &future) == CF_UNSUPPORTED);
    cf_executor_destroy(executor);
}

/* Executors one after the other, and with fewer workers than ranks. */
static void many(void)
{
    for (size_t i = 0; i < 60; i++) {
        struct cf_executor *executor =
            executor_of(&(struct cf_options){.max_workers = 1 + i % 3});
        size_t result = 0;
        struct cf_future *future = submit(executor, echo, &i, sizeof i);
        CHECK(cf_result(future, CF_FOREVER, &result, sizeof result) == CF_OK);
        CHECK(result == i);
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
}

static enum cf_status create_inside(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct cf_executor *inside;
    enum cf_status status = cf_executor_create(CF_MPI, NULL, &inside);
    (void)arg;
    (void)arg_bytes;

    if (status == CF_OK)
        cf_executor_destroy(inside);
    return cf_return(task, &status, sizeof status);
}

/* It serves; nobody would run what was submitted there. */
static void a_rank_has_no_executors_of_ranks(void)
{
    struct cf_executor *executor = executor_of(NULL);
    struct cf_future *future = submit(executor, create_inside, NULL, 0);
    enum cf_status status = CF_OK;

    CHECK(cf_result(future, CF_FOREVER, &status, sizeof status) == CF_OK);
    CHECK(status == CF_UNSUPPORTED);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* The other rank runs another program: it refuses, and jumps nowhere. */
static void foreign(void)
{
    struct cf_executor *executor =
        executor_of(&(struct cf_options){.record_times = true});
    struct cf_future *future = submit(executor, echo, NULL, 0);
    struct cf_error error;

    CHECK(cf_future_error(future, CF_FOREVER, &error) == CF_OK);
    CHECK(error.status == CF_UNSUPPORTED);
    CHECK(strstr(error.message, "has not loaded the object") != NULL);
    struct cf_future_info info = cf_future_info(future);
    CHECK(info.attempt == 1 && info.pid != 0 && info.pid != getpid());
    CHECK(info.started_ns >= info.submitted_ns && info.submitted_ns > 0);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* All that ends well, in one job. */
static void whole(void)
{
    errors();
    a_rank_has_no_executors_of_ranks();
    a_worker_is_on_no_machine_before_it_has_begun();
    losses();
    layout(CF_THREAD);
    layout(CF_PROCESS);
    a_rank_may_have_all_the_workers();
    large();
    payloads(CF_THREAD);
    payloads(CF_PROCESS);
    strangers();
    many();
    buffers(CF_THREAD);
    buffers(CF_PROCESS);
    handlers();
    shutdowns(CF_THREAD);
    shutdowns(CF_PROCESS);
}

int main(int argc, char **argv)
{
    const char *part = argc == 2 ? argv[1] : "";
    if (strcmp(part, "at_exit") == 0)
        atexit(destroy_at_exit);
    cf_worker_entry();
    if (strcmp(part, "whole") == 0)
        whole();
    else if (strcmp(part, "left_behind") == 0)
        left_behind();
    else if (strcmp(part, "at_exit") == 0) {
        an_executor_may_be_destroyed_after_mpi_has_ended();
        return 0;
    } else if (strcmp(part, "foreign") == 0)
        foreign();
    else if (strcmp(part, "killed") == 0)
        death(SIGKILL);
    else if (strcmp(part, "exits") == 0)
        death(0);
    else
        return 2;
    printf("%s: done\n", part);
    return 0;
}
