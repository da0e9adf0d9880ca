/* SPDX-License-Identifier: MIT */
/*
 * soak_hosts KILLS: so many hosts, each with four busy worker processes, are
 * killed one after the other. A second later none of its workers, nor the
 * process that started them, is alive. At the end nothing of the library's is
 * in /dev/shm, and nothing in the temporary folder, which is one of their own.
 * Prints the longest time that it took.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cf/cf.h>

enum { WORKERS = 4 };

static void must_be(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "soak_hosts: not so: %s\n", what);
    exit(1);
}

/* How many names in a folder have `part` in them. */
static size_t count_names(const char *path, const char *part)
{
    size_t count = 0;
    const struct dirent *entry;
    DIR *listing = opendir(path);
    must_be(listing != NULL, "folders can be listed");
    while ((entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.' && strstr(entry->d_name, part) != NULL;
    closedir(listing);
    return count;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Tells who it is, and who its parent is, and never ends. */
static enum cf_status work_for_ever(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    int pids[] = {getpid(), getppid()};
    (void)task;
    (void)arg_bytes;
    if (write(*(const int *)arg, pids, sizeof pids) != sizeof pids)
        return CF_SYSTEM;
    for (;;)
        (void)getppid();
}

static _Noreturn void be_host(int told)
{
    struct cf_options options = {.max_workers = WORKERS,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    struct cf_future *future;

    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
        _exit(1);
    for (int i = 0; i < WORKERS; i++)
        if (cf_submit(executor, work_for_ever, &told, sizeof told, &future) !=
            CF_OK)
            _exit(1);
    for (;;)
        pause();
}

static int watch(int pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    must_be(pidfd >= 0, "a worker works until its host is killed");
    return pidfd;
}

/* Returns how long its processes outlived it. */
static int64_t kill_a_host(void)
{
    int told[2], pids[2], watched[WORKERS + 1];

    must_be(pipe(told) == 0, "there are pipes");
    int host = fork();
    if (host == 0)
        be_host(told[1]);
    for (int i = 0; i < WORKERS; i++) {
        must_be(read(told[0], pids, sizeof pids) == sizeof pids,
                "each worker tells who it is");
        watched[i] = watch(pids[0]);
    }
    watched[WORKERS] = watch(pids[1]);
    int64_t killed_ns = now_ns();
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    for (int i = 0; i <= WORKERS; i++) {
        struct pollfd end = {.fd = watched[i], .events = POLLIN};
        int64_t rest_ms = 1000 - (now_ns() - killed_ns) / 1000000;
        must_be(poll(&end, 1, rest_ms > 0 ? (int)rest_ms : 0) == 1,
                "all end within a second");
        close(watched[i]);
    }
    close(told[0]);
    close(told[1]);
    return now_ns() - killed_ns;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/soak_hosts-XXXXXX";
    int64_t longest_ns = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: %s KILLS\n", argv[0]);
        return 2;
    }
    must_be(mkdtemp(folder) != NULL && setenv("TMPDIR", folder, 1) == 0,
            "there is a temporary folder");
    long kills = strtol(argv[1], NULL, 10);
    size_t shared = count_names("/dev/shm", "cf");
    for (long i = 0; i < kills; i++) {
        int64_t took_ns = kill_a_host();
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
    }
    must_be(count_names("/dev/shm", "cf") <= shared, "/dev/shm is as it was");
    must_be(rmdir(folder) == 0, "the temporary folder is empty");
    printf("%ld hosts killed, each with %d busy workers: all were gone after "
           "%.1f ms at the latest, and nothing was left\n",
           kills, WORKERS, (double)longest_ns / 1e6);
    return 0;
}
