/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct cf_executor *executor_with(size_t workers, bool start_all)
{
    struct cf_options options = {
        .max_workers = workers,
        .start_all = start_all,
        .record_times = true,
        .start_method = CF_START_FORK}; /* tasks use the host's memory */
    struct cf_executor *executor;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

struct cf_executor *full_executor(size_t workers)
{
    return executor_with(workers, true);
}

struct cf_executor *lazy_executor(size_t workers)
{
    return executor_with(workers, false);
}

void *shared_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

enum cf_status stand_at_gate(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int pid = getpid();

    (void)arg_bytes;
    if (!gate_pass(arg))
        return cf_raise(task, errno, "the gate is broken");
    return cf_return(task, &pid, sizeof pid);
}

struct cf_future *occupy(struct cf_executor *executor, struct gate *gate)
{
    struct cf_future *future =
        submit(executor, stand_at_gate, gate, sizeof *gate);

    gate_await(gate, 1);
    return future;
}

enum cf_status tell_pid(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    int pid = getpid();
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &pid, sizeof pid);
}

enum cf_status tell_host(struct cf_task *task, const void *arg,
                         size_t arg_bytes)
{
    int pid = getppid();
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &pid, sizeof pid);
}

enum cf_status loop(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    while (!cf_stopping(task))
        ;
    return CF_OK;
}

enum cf_status nap(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    usleep((unsigned)*(const int *)arg);
    return CF_OK;
}

enum cf_status die(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    int how = *(const int *)arg;
    (void)arg_bytes;
    if (how >= 2000)
        _exit(how - 2000);
    if (how >= 1000)
        exit(how - 1000);
    raise(how);
    return cf_raise(task, 1, "still alive");
}

int int_result(struct cf_future *future)
{
    int number = -1;
    assert_status(cf_result(future, CF_FOREVER, &number, sizeof number), CF_OK);
    cf_future_release(future);
    return number;
}

struct cf_error error_of(struct cf_future *future)
{
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    return error;
}

void assert_told(struct cf_future *future, enum cf_status status)
{
    const void *result;
    struct cf_buffer *buffer;

    assert_status(error_of(future).status, status);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), status);
    assert_status(cf_result_view(future, CF_FOREVER, &result, NULL), status);
    assert_status(cf_result_buffer(future, CF_FOREVER, &buffer), status);
}

void assert_serves(struct cf_executor *executor)
{
    struct cf_future *futures[10];
    for (int i = 0; i < 10; i++)
        futures[i] = submit_int(executor, square, i);
    for (int i = 0; i < 10; i++)
        assert_int_equal(int_result(futures[i]), i * i);
}

void make_trips(struct cf_executor *executor, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(int_result(submit_int(executor, square, i)), i * i);
}

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int watch_process(int pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool ends_within(int pidfd, int timeout_ms)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return poll(&end, 1, timeout_ms) == 1;
}

static bool read_line_of(const char *thread, const char *file, const char *name,
                         char *line, size_t room)
{
    char path[300];
    bool is_found = false;

    snprintf(path, sizeof path, "/proc/self/task/%s/%s", thread, file);
    FILE *stream = fopen(path, "r");
    while (!is_found && stream != NULL && fgets(line, (int)room, stream))
        is_found = strncmp(line, name, strlen(name)) == 0;
    if (stream != NULL)
        fclose(stream);
    return is_found;
}

long sleeps_of(const char *name)
{
    static const char counter[] = "voluntary_ctxt_switches:";
    DIR *threads = opendir("/proc/self/task");
    struct dirent *thread;
    char line[200];
    long sleeps = -1;

    while (threads != NULL && (thread = readdir(threads)) != NULL)
        if (read_line_of(thread->d_name, "comm", name, line, sizeof line) &&
            read_line_of(thread->d_name, "status", counter, line, sizeof line))
            sleeps = strtol(line + strlen(counter), NULL, 10);
    if (threads != NULL)
        closedir(threads);
    return sleeps;
}

bool is_sanitized(void)
{
    const char *sanitizer = getenv("CF_SANITIZE");
    return sanitizer != NULL && sanitizer[0] != '\0';
}
