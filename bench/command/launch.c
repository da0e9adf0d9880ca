/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn, then a wait for whichever comes first: its end, its output, its
 * time-out.
 *
 * The end is seen by a pidfd and the leader stays a zombie until its group has
 * been killed: so long the number of the group can be nobody else's. A child in
 * the background may hold the pipe open for ever; after the leader's end only
 * what is already in the pipe is read.
 */
#include "launch.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

/* --- starting --- */

/* What become 0, 1 and 2 of the command; below 0: /dev/null. */
struct standard {
    int fds[3];
};

static int set_up_descriptors(posix_spawn_file_actions_t *actions,
                              const struct standard *standard)
{
    int error = 0;

    for (int fd = 0; fd < 3 && error == 0; fd++)
        error = standard->fds[fd] < 0
                    ? posix_spawn_file_actions_addopen(actions, fd, "/dev/null",
                                                       O_RDWR, 0)
                    : posix_spawn_file_actions_adddup2(actions,
                                                       standard->fds[fd], fd);
    return error != 0 ? error
                      : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static int set_up_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    /* A session of its own is a group of its own, and no terminal to read
     * from, to leave raw, or to be stopped by. */
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID |
                                                     POSIX_SPAWN_SETSIGMASK |
                                                     POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error != 0 ? error : posix_spawnattr_setsigdefault(attributes, &all);
}

static int start(const struct launch_request *request,
                 const struct standard *standard, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0)
        goto destroy_actions;
    error = set_up_descriptors(&actions, standard);
    if (error == 0)
        error = set_up_attributes(&attributes);
    if (error == 0)
        error = posix_spawn(pid, request->program, &actions, &attributes,
                            request->argv, request->environment);
    posix_spawnattr_destroy(&attributes);
destroy_actions:
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* --- waiting --- */

/* Reads once. False: nothing there now, or nothing will come any more. */
static bool take_output(const struct launch_request *request, int fd,
                        struct launch_end *end)
{
    char beyond[65536];
    size_t room = request->output_room - end->output_bytes;
    ssize_t got = room > 0 ? read(fd, request->output + end->output_bytes, room)
                           : read(fd, beyond, sizeof beyond);

    if (got > 0 && room > 0)
        end->output_bytes += (size_t)got;
    return got > 0;
}

/* What is left until the deadline, as poll() takes it; 0: none, -1: for ever */
static int rest_ms(int64_t deadline_ns)
{
    int64_t rest = deadline_ns - clock_now_ns();

    if (deadline_ns == INT64_MAX)
        return -1;
    if (rest <= 0)
        return 0;
    return rest / 1000000 < INT_MAX ? (int)(rest / 1000000) + 1 : INT_MAX;
}

/* Until the leader has ended or the deadline has passed. */
static void await(const struct launch_request *request, int pid_fd, int out_fd,
                  struct launch_end *end)
{
    int64_t deadline_ns = request->timeout_ns > 0
                              ? clock_now_ns() + request->timeout_ns
                              : INT64_MAX;

    for (;;) {
        struct pollfd fds[] = {{.fd = pid_fd, .events = POLLIN},
                               {.fd = out_fd, .events = POLLIN}};
        int ready = poll(fds, 2, rest_ms(deadline_ns));

        if (ready > 0 && fds[0].revents != 0)
            return;
        if (ready > 0 && fds[1].revents != 0 &&
            !take_output(request, out_fd, end))
            out_fd = -1; /* it has closed its output */
        if (clock_now_ns() < deadline_ns)
            continue;
        end->is_timed_out = true;
        return;
    }
}

static void finish(pid_t pid, struct launch_end *end)
{
    kill(-pid, SIGKILL); /* not reaped yet: the number is still its own */
    while (waitpid(pid, &end->status, 0) < 0 && errno == EINTR)
        ;
}

/* `out_fd` is our end of what it prints, or below 0. */
static void run(const struct launch_request *request,
                const struct standard *standard, int out_fd,
                struct launch_end *end)
{
    pid_t pid;
    int pid_fd;

    end->error = start(request, standard, &pid);
    if (standard->fds[1] >= 0)
        close(standard->fds[1]);
    if (end->error != 0)
        return;
    pid_fd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec */
    if (pid_fd >= 0) {
        await(request, pid_fd, out_fd, end);
        close(pid_fd);
    } else {
        end->error = errno;
    }
    finish(pid, end);
    while (out_fd >= 0 && end->output_bytes < request->output_room &&
           take_output(request, out_fd, end))
        ;
}

static void run_with_output(const struct launch_request *request,
                            struct standard *standard, struct launch_end *end)
{
    int ends[2];

    if (request->output == NULL) {
        run(request, standard, -1, end);
        return;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        end->error = errno;
        return;
    }
    standard->fds[1] = ends[1];
    standard->fds[2] = request->only_stdout ? -1 : ends[1];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    run(request, standard, ends[0], end);
    close(ends[0]);
}

/* A file of its own rather than a pipe, which somebody would have to feed. */
static int open_input(const char *input)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    size_t length = strlen(input);

    if (fd >= 0 && (write(fd, input, length) != (ssize_t)length ||
                    lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

struct launch_end launch_run(const struct launch_request *request)
{
    struct standard standard = {{-1, -1, -1}};
    struct launch_end end = {0};

    if (request->input != NULL &&
        (standard.fds[0] = open_input(request->input)) < 0) {
        end.error = errno;
        return end;
    }
    run_with_output(request, &standard, &end);
    if (standard.fds[0] >= 0)
        close(standard.fds[0]);
    return end;
}

char *launch_describe(const struct launch_end *end, char *text,
                      size_t text_bytes)
{
    if (end->error != 0)
        snprintf(text, text_bytes, "could not be started: %s",
                 strerror(end->error));
    else if (end->lost != 0)
        snprintf(text, text_bytes, "what it printed could not be kept: %s",
                 strerror(end->lost));
    else if (end->is_timed_out)
        snprintf(text, text_bytes, "killed: it took longer than --timeout");
    else if (WIFSIGNALED(end->status))
        snprintf(text, text_bytes, "killed: %s",
                 strsignal(WTERMSIG(end->status)));
    else
        snprintf(text, text_bytes, "exit code %d", WEXITSTATUS(end->status));
    return text;
}

/* --- its environment --- */

/* The length of "NAME=", or 0. */
static size_t name_length(const char *word)
{
    size_t length = 0;

    if (isdigit((unsigned char)word[0]))
        return 0;
    while (isalnum((unsigned char)word[length]) || word[length] == '_')
        length++;
    return length > 0 && word[length] == '=' ? length + 1 : 0;
}

size_t launch_assignments(char *const *words, size_t count)
{
    size_t i = 0;

    while (i < count && name_length(words[i]) > 0)
        i++;
    return i;
}

static bool is_replaced(const char *ours, char *const *assignments,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(ours, assignments[i], name_length(assignments[i])) == 0)
            return true;
    return false;
}

char **launch_environment(char *const *assignments, size_t count)
{
    size_t length = 0, used = 0;
    char **environment;

    while (environ[length] != NULL)
        length++;
    environment = calloc(count + length + 1, sizeof *environment);
    if (environment == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        environment[used++] = assignments[i];
    for (size_t i = 0; i < length; i++)
        if (!is_replaced(environ[i], assignments, count))
            environment[used++] = environ[i];
    return environment;
}
