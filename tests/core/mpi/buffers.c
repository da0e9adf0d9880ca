/* SPDX-License-Identifier: MIT */
/*
 * Buffers of tasks on ranks: how often they go there, when they are gone from
 * there, and what becomes of a task whose buffer cannot go or come back. What
 * the tasks see in them is asked by the conformance program.
 */
#include "ranks.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fifo.h"

#define MIB ((size_t)1 << 20)

static struct cf_buffer *buffer_of(size_t bytes, int value)
{
    struct cf_buffer *buffer = NULL;

    CHECK(cf_buffer_create(bytes, &buffer) == CF_OK);
    memset(cf_buffer_data(buffer), value, bytes);
    return buffer;
}

static struct cf_future *submit_with(struct cf_executor *executor,
                                     cf_function *function,
                                     struct cf_buffer *buffer)
{
    struct cf_call call = {.buffers = &buffer, .buffer_count = 1};
    struct cf_future *future = NULL;

    CHECK(cf_submit_call(executor, function, NULL, 0, &call, &future) == CF_OK);
    return future;
}

static size_t result_of(struct cf_future *future)
{
    size_t result = 0;

    CHECK(cf_result(future, CF_FOREVER, &result, sizeof result) == CF_OK);
    cf_future_release(future);
    return result;
}

static struct cf_error error_of(struct cf_future *future)
{
    struct cf_error error;

    CHECK(cf_future_error(future, CF_FOREVER, &error) == CF_OK);
    return error;
}

/* Of one byte in 64. */
static enum cf_status sum(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    struct cf_buffer *buffer = cf_task_buffer(task, 0);
    const unsigned char *bytes = cf_buffer_data(buffer);
    size_t total = 0;

    (void)arg;
    (void)arg_bytes;
    for (size_t i = 0; i < cf_buffer_bytes(buffer); i += 64)
        total += bytes[i];
    return cf_return(task, &total, sizeof total);
}

/* It crosses once to each rank, whatever number of tasks and of executors. */
static void once_to_each_rank(void)
{
    struct cf_options options = {.max_workers = 3};
    struct cf_buffer *buffer = buffer_of(8 * MIB, 3);
    struct cf_future *futures[50];
    uint64_t sent = 0;

    for (int i = 0; i < 3; i++) {
        struct cf_executor *executor = executor_of(&options);
        for (int k = 0; k < 50; k++)
            futures[k] = submit_with(executor, sum, buffer);
        for (int k = 0; k < 50; k++)
            CHECK(result_of(futures[k]) == 3 * 8 * MIB / 64);
        sent += cf_executor_stats(executor).buffers_sent;
        cf_executor_destroy(executor);
    }
    CHECK(sent >= 1 && sent <= 3);
    cf_buffer_release(buffer);
}

/* How many buffers the process has mapped. */
static size_t count_buffers(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[4096];
    size_t count = 0;

    if (maps == NULL)
        return SIZE_MAX;
    while (fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, "/memfd:cf-buffer") != NULL;
    fclose(maps);
    return count;
}

static enum cf_status tell_buffers(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    size_t count = count_buffers();

    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &count, sizeof count);
}

/* The host's own reference may be the transport's for a turn or two more; so
 * many tasks are many turns. */
static void check_none_is_left(struct cf_executor *executor)
{
    size_t count = 1;

    for (int i = 0; i < 1000 && count > 0; i++)
        count = result_of(submit(executor, tell_buffers, NULL, 0));
    CHECK(count == 0);
    CHECK(count_buffers() == 0);
}

/* Ranks keep what the host has, and no longer than that. */
static void gone_with_the_hosts(const struct cf_backend *inside)
{
    struct cf_options options = {.max_workers = 1, .rank_backend = inside};
    struct cf_executor *executor = executor_of(&options);

    for (int i = 0; i < 40; i++) {
        struct cf_buffer *buffer = buffer_of(MIB / 4, i);
        struct cf_future *future = submit_with(executor, sum, buffer);
        if (i % 2 == 0) /* the task has the last reference */
            cf_buffer_release(buffer);
        CHECK(result_of(future) == (size_t)i * MIB / 4 / 64);
        if (i % 2 != 0)
            cf_buffer_release(buffer);
    }
    CHECK(cf_executor_stats(executor).buffers_sent == 40);
    check_none_is_left(executor);
    cf_executor_destroy(executor);
}

static enum cf_status die_with_it(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    raise(SIGKILL);
    return CF_OK;
}

/* A worker process inside a rank takes nothing with it. */
static void a_dead_worker_loses_none(void)
{
    struct cf_options options = {.max_workers = 1, .rank_backend = CF_PROCESS};
    struct cf_executor *executor = executor_of(&options);
    struct cf_buffer *buffer = buffer_of(MIB, 2);
    struct cf_future *future = submit_with(executor, die_with_it, buffer);

    CHECK(error_of(future).status == CF_CRASHED);
    cf_future_release(future);
    CHECK(result_of(submit_with(executor, sum, buffer)) == 2 * MIB / 64);
    CHECK(cf_executor_stats(executor).buffers_sent == 1);
    cf_buffer_release(buffer);
    check_none_is_left(executor);
    cf_executor_destroy(executor);
}

/* Does not come back when it is asked; then looks at its buffer once more. */
static enum cf_status get_lost_with_it(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    if (!fifo_wait_at(arg))
        return cf_raise(task, 1, "nobody came to the fifo");
    return sum(task, arg, arg_bytes);
}

/* So many bytes a file of the rank may have from now on. */
static enum cf_status limit_files(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct rlimit limit;

    (void)arg_bytes;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return CF_SYSTEM;
    limit.rlim_cur = *(const rlim_t *)arg;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? cf_return(task, arg, 8)
                                                : CF_SYSTEM;
}

static void limit_files_there(struct cf_executor *executor, rlim_t bytes)
{
    CHECK(result_of(submit(executor, limit_files, &bytes, sizeof bytes)) ==
          bytes);
}

/* A rank that cannot take a buffer fails the task, which is told from one that
 * ran there by its text alone; the next task has it sent again. */
static void refused(struct cf_executor *executor)
{
    struct cf_buffer *buffer = buffer_of(MIB, 5);
    uint64_t written_off = cf_executor_stats(executor).written_off;
    struct cf_future *future;

    limit_files_there(executor, 4096);
    future = submit_with(executor, sum, buffer);
    struct cf_error error = error_of(future);
    CHECK(error.status == CF_EXCEPTION && error.code == CF_SYSTEM);
    CHECK(strstr(error.message, "could not take a buffer") != NULL);
    struct cf_future_info info = cf_future_info(future);
    CHECK(cf_executor_stats(executor).written_off == written_off);
    CHECK(info.attempt == 1 && info.worker == 0);
    CHECK(info.pid != 0 && info.pid != getpid() && info.host[0] != '\0');
    CHECK(info.started_ns >= info.submitted_ns && info.submitted_ns > 0);
    CHECK(info.finished_ns >= info.started_ns);
    cf_future_release(future);
    limit_files_there(executor, RLIM_INFINITY);
    CHECK(result_of(submit_with(executor, sum, buffer)) == 5 * MIB / 64);
    cf_buffer_release(buffer);
}

/* How often it was called with this buffer. */
static enum cf_status count_up(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    size_t *count = cf_buffer_data(cf_task_buffer(task, 0));

    (void)arg;
    (void)arg_bytes;
    ++*count;
    return cf_return(task, count, sizeof *count);
}

/* A task that names another one beside it which the rank cannot take has it sent
 * again; and what tasks have written there stays. */
static void what_a_rank_has_stays_as_it_is_there(void)
{
    struct cf_options options = {.max_workers = 1};
    struct cf_executor *executor = executor_of(&options);
    struct cf_buffer *both[] = {buffer_of(4096, 0), buffer_of(MIB, 0)};
    struct cf_call call = {.buffers = both, .buffer_count = 2};
    struct cf_future *future;

    CHECK(result_of(submit_with(executor, count_up, both[0])) == 1);
    limit_files_there(executor, 65536);
    CHECK(cf_submit_call(executor, count_up, NULL, 0, &call, &future) == CF_OK);
    CHECK(error_of(future).code == CF_SYSTEM);
    cf_future_release(future);
    CHECK(result_of(submit_with(executor, count_up, both[0])) == 2);
    limit_files_there(executor, RLIM_INFINITY);
    CHECK(cf_submit_call(executor, count_up, NULL, 0, &call, &future) == CF_OK);
    CHECK(result_of(future) == 3);
    cf_buffer_release(both[0]);
    cf_buffer_release(both[1]);
    check_none_is_left(executor);
    cf_executor_destroy(executor);
}

/* Though it lacked another of the task's, and none is sent again. */
static void what_a_rank_has_is_gone_after_it_lacked_another(void)
{
    struct cf_options options = {.max_workers = 1};
    struct cf_executor *executor = executor_of(&options);
    struct cf_buffer *both[] = {buffer_of(4096, 0), buffer_of(MIB, 0)};
    struct cf_call call = {.buffers = both, .buffer_count = 2};
    struct cf_future *future;

    limit_files_there(executor, 65536);
    CHECK(cf_submit_call(executor, count_up, NULL, 0, &call, &future) == CF_OK);
    CHECK(error_of(future).code == CF_SYSTEM);
    cf_future_release(future);
    limit_files_there(executor, RLIM_INFINITY);
    cf_buffer_release(both[0]);
    cf_buffer_release(both[1]);
    check_none_is_left(executor);
    cf_executor_destroy(executor);
}

/* What is written off keeps its buffer, and is counted until it comes back. */
static void a_lost_task_keeps_its_own(void)
{
    struct cf_options options = {.max_workers = 1, .record_times = true};
    struct cf_executor *executor = executor_of(&options);
    struct cf_buffer *buffer = buffer_of(MIB, 7);
    struct cf_call call = {.buffers = &buffer,
                           .buffer_count = 1,
                           .timeout_ns = 1000000,
                           .grace_ns = 1000000};
    struct cf_future *lost;
    struct fifo may_come_back;

    fifo_make(&may_come_back);
    CHECK(cf_submit_call(executor, get_lost_with_it, may_come_back.path,
                         sizeof may_come_back.path, &call, &lost) == CF_OK);
    CHECK(error_of(lost).status == CF_EXPIRED);
    cf_future_release(lost);
    cf_buffer_release(buffer);
    CHECK(cf_executor_stats(executor).written_off == 1);
    refused(executor);
    CHECK(cf_executor_stats(executor).written_off == 1);
    fifo_let_go_on(&may_come_back);
    while (cf_executor_stats(executor).written_off > 0)
        result_of(submit(executor, tell_buffers, NULL, 0));
    fifo_remove(&may_come_back);
    check_none_is_left(executor);
    cf_executor_destroy(executor);
}

static enum cf_status make_buffer(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct cf_buffer *buffer;
    enum cf_status status = cf_buffer_create(20 * MIB, &buffer);

    (void)arg;
    (void)arg_bytes;
    if (status != CF_OK)
        return status;
    memset(cf_buffer_data(buffer), 9, 20 * MIB); /* two messages of MPI */
    status = cf_return_buffer(task, buffer);
    cf_buffer_release(buffer);
    return status;
}

/* A host that cannot take what comes back fails the task, and goes on. */
static void results(void)
{
    struct cf_options options = {.max_workers = 1, .rank_backend = CF_PROCESS};
    struct cf_executor *executor = executor_of(&options);
    struct cf_buffer *buffer;
    struct rlimit limit, small;

    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    small = limit;
    small.rlim_cur = 4096;
    struct cf_future *future = submit(executor, make_buffer, NULL, 0);
    CHECK(cf_result_buffer(future, CF_FOREVER, &buffer) == CF_OK);
    CHECK(cf_buffer_bytes(buffer) == 20 * MIB);
    CHECK(((char *)cf_buffer_data(buffer))[20 * MIB - 1] == 9);
    cf_buffer_release(buffer);
    cf_future_release(future);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    future = submit(executor, make_buffer, NULL, 0);
    struct cf_error error = error_of(future);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(error.status == CF_EXCEPTION && error.code == CF_SYSTEM);
    CHECK(strstr(error.message, "buffer of 20971520 bytes") != NULL);
    cf_future_release(future);
    check_none_is_left(executor);
    cf_executor_destroy(executor);
}

void buffers(const struct cf_backend *inside)
{
    gone_with_the_hosts(inside);
    if (inside == CF_PROCESS) {
        results();
        a_dead_worker_loses_none();
    } else {
        once_to_each_rank();
        what_a_rank_has_stays_as_it_is_there();
        what_a_rank_has_is_gone_after_it_lacked_another();
        a_lost_task_keeps_its_own();
    }
}
