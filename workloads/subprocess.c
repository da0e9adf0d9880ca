/* SPDX-License-Identifier: MIT */
/*
 * Starts a program and waits for it, without a shell: posix_spawn, which is
 * what Python's subprocess uses as well where it can. The program does nothing,
 * so what is left is the kernel making and ending a process.
 *
 * It gets /dev/null three times and no other descriptor, and no blocked signal.
 * It stays in the process group of the sample, which is how it ends where that
 * is ended early; in the trial before, which has a limit of its own, it leads a
 * group that can be ended without us. Where we are killed, a watch ends it: a
 * death signal of its own would come with the end of the thread that started it,
 * reach none of its children, and take a slower way to start than posix_spawn.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "refuse.h"
#include "watch.h"

enum { TRIAL_MS = 10000 }; /* for the run before anything is measured */

/* A task's output, so without padding. */
struct ending {
    uint64_t number;
    uint64_t status; /* as waitpid() gives it; 0: it exited with 0 */
};

/* An item: this, and the program's path. */
struct head {
    uint64_t number;
};

struct programs {
    struct wl_watch *watch;
    uint64_t items[]; /* each a head and the path */
};

static int set_up_descriptors(posix_spawn_file_actions_t *actions)
{
    int wrong = 0;

    for (int fd = 0; fd < 3 && wrong == 0; fd++)
        wrong = posix_spawn_file_actions_addopen(actions, fd, "/dev/null",
                                                 O_RDWR, 0);
    return wrong != 0 ? wrong
                      : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static int set_up_attributes(posix_spawnattr_t *attributes, bool has_group)
{
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                (has_group ? POSIX_SPAWN_SETPGROUP : 0);
    sigset_t none, all;
    int wrong;

    sigemptyset(&none);
    sigfillset(&all);
    wrong = posix_spawnattr_setflags(attributes, (short)flags);
    if (wrong == 0)
        wrong = posix_spawnattr_setsigmask(attributes, &none);
    if (wrong == 0)
        wrong = posix_spawnattr_setsigdefault(attributes, &all);
    return wrong;
}

/* 0 and the process's number, or an errno. */
static int spawn(const char *path, bool has_group, pid_t *pid)
{
    char *const argv[] = {(char *)path, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int wrong = posix_spawn_file_actions_init(&actions);

    if (wrong != 0)
        return wrong;
    wrong = posix_spawnattr_init(&attributes);
    if (wrong != 0)
        goto destroy_actions;
    wrong = set_up_descriptors(&actions);
    if (wrong == 0)
        wrong = set_up_attributes(&attributes, has_group);
    if (wrong == 0)
        wrong = posix_spawn(pid, path, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
destroy_actions:
    posix_spawn_file_actions_destroy(&actions);
    return wrong;
}

/* Kills it and what it started, unless it ends within `limit_ms`. */
static void end_after(pid_t pid, int limit_ms)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0),
                         .events = POLLIN};

    if (poll(&end, 1, limit_ms) <= 0)
        kill(-pid, SIGKILL);
    if (end.fd >= 0)
        close(end.fd);
}

/* Runs it to its end, or for at most `limit_ms` (0: as long as the sample). 0
 * and how it ended, or an errno. */
static int run(const char *path, int limit_ms, int *status)
{
    pid_t pid;
    int wrong = spawn(path, limit_ms > 0, &pid);

    if (wrong != 0)
        return wrong;
    if (limit_ms > 0)
        end_after(pid, limit_ms);
    while (waitpid(pid, status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static enum cf_status subprocess_task(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    const struct head *head = arg;
    const char *path = (const char *)(head + 1); /* it ends with a 0 */
    struct ending ending = {.number = head->number};
    int status = 0;
    int wrong;

    (void)arg_bytes;
    cf_blocking_begin(task);
    wrong = run(path, 0, &status);
    cf_blocking_end(task);
    if (wrong != 0)
        return cf_raise(task, wrong, "%s: %s", path, strerror(wrong));
    ending.status = (uint64_t)status;
    return cf_return(task, &ending, sizeof ending);
}

static bool is_program(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
           access(path, X_OK) == 0;
}

/* Finds `command` along PATH, absolute folders only; false: nowhere. */
static bool look_up(const char *command, char *path, size_t path_bytes)
{
    const char *at = getenv("PATH");
    size_t folder;

    if (strchr(command, '/') != NULL) {
        char *real = realpath(command, NULL);
        int length = real == NULL ? -1 : snprintf(path, path_bytes, "%s", real);
        free(real);
        return length >= 0 && (size_t)length < path_bytes && is_program(path);
    }
    for (; at != NULL; at = at[folder] == ':' ? at + folder + 1 : NULL) {
        folder = strcspn(at, ":");
        int length =
            snprintf(path, path_bytes, "%.*s/%s", (int)folder, at, command);
        if (*at == '/' && (size_t)length < path_bytes && is_program(path))
            return true;
    }
    return false;
}

/* The path, once it has been seen to work. */
static enum cf_status try_command(const struct wl_setup *setup, char *path,
                                  size_t path_bytes)
{
    const char *command = setup->values[0].text;
    int status, wrong;

    if (*command == '\0' || !look_up(command, path, path_bytes))
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "command=%.100s: no such program", command);
    wrong = run(path, TRIAL_MS, &status);
    if (wrong != 0)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "command=%.100s: %s", command, strerror(wrong));
    if (status != 0)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "command=%.100s: ends with %s %d, not with 0", command,
                         WIFEXITED(status) ? "code" : "signal",
                         WIFEXITED(status) ? WEXITSTATUS(status)
                                           : WTERMSIG(status));
    return CF_OK;
}

/* NULL without memory. */
static struct programs *make_programs(const char *path, size_t tasks,
                                      size_t item_bytes)
{
    struct programs *programs =
        calloc(1, sizeof *programs + tasks * item_bytes);
    char *item;

    if (programs == NULL)
        return NULL;
    item = (char *)programs->items;
    for (size_t i = 0; i < tasks; i++, item += item_bytes) {
        struct head head = {i};
        memcpy(item, &head, sizeof head);
        memcpy(item + sizeof head, path, strlen(path) + 1);
    }
    return programs;
}

static enum cf_status subprocess_prepare(const struct wl_setup *setup,
                                         struct wl_work *work)
{
    char path[PATH_MAX] = "";
    struct wl_watch *watch = NULL;
    enum cf_status status =
        wl_watch_start(&watch, setup->why, setup->why_bytes);
    size_t item_bytes;
    struct programs *programs;

    *work = (struct wl_work){0};
    if (status != CF_OK)
        return status;
    status = try_command(setup, path, sizeof path);
    if (status != CF_OK)
        goto stop_watch;
    item_bytes = (sizeof(struct head) + strlen(path) + 8) & ~(size_t)7;
    programs = make_programs(path, setup->tasks, item_bytes);
    if (programs == NULL) {
        status =
            wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                      "no memory for the arguments of %zu tasks", setup->tasks);
        goto stop_watch;
    }
    programs->watch = watch;
    *work = (struct wl_work){programs->items, item_bytes, programs};
    return CF_OK;
stop_watch:
    wl_watch_stop(watch);
    return status;
}

static bool subprocess_verify(const struct wl_work *work, size_t i,
                              const void *output, size_t output_bytes)
{
    struct ending right = {.number = i};

    (void)work;
    return output_bytes == sizeof right &&
           memcmp(output, &right, sizeof right) == 0;
}

static void subprocess_dispose(struct wl_work *work)
{
    struct programs *programs = work->data;

    if (programs == NULL)
        return;
    wl_watch_stop(programs->watch);
    free(programs);
}

static const struct wl_parameter parameters[] = {
    {.name = "command",
     .about = "what to run: a path, or a name to find along PATH",
     .standard = "true",
     .kind = WL_TEXT},
    {0},
};

const struct wl_workload wl_subprocess = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "subprocess",
    .about = "starts a program that does nothing and waits for it",
    .limit = "the kernel, which makes and ends processes; then the cores",
    .klass = WL_MIXED,
    .parameters = parameters,
    .task = subprocess_task,
    .prepare = subprocess_prepare,
    .verify = subprocess_verify,
    .dispose = subprocess_dispose,
};
