/* SPDX-License-Identifier: MIT */
/*
 *     owner ---- fork ----> attendant
 *       | <--- ready ------- |          through a pipe; 0 and errno: not
 *      ends ---------------> sees it    by a pidfd, also after SIGKILL
 *
 * The attendant keeps nothing of what it inherited: no descriptor but the pipe
 * and the pidfd, no handler, no mask. It sits in the owner's process group,
 * where a Ctrl-C is meant for the owner, who may still have work to finish.
 */
#include "attendant.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "refuse.h"

enum {
    READY_FD = 3, /* the attendant's end, after everything else is closed */
    OWNER_FD = 4,
};

static void reset_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    sigset_t none;

    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL); /* refused for some, which have no handler */
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int keep_only(int ready_fd, int owner_fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high_ready = fcntl(ready_fd, F_DUPFD_CLOEXEC, OWNER_FD + 1);
    int high_owner = fcntl(owner_fd, F_DUPFD_CLOEXEC, OWNER_FD + 1);

    if (null_fd < 0 || high_ready < 0 || high_owner < 0)
        return -1;
    for (int fd = 0; fd < 3; fd++)
        if (dup2(null_fd, fd) < 0)
            return -1;
    if (dup2(high_ready, READY_FD) < 0 || dup2(high_owner, OWNER_FD) < 0)
        return -1;
    return (int)syscall(SYS_close_range, OWNER_FD + 1, ~0u, 0);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static _Noreturn void be_attendant(wl_attend *attend, void *context,
                                   int ready_fd, int owner_fd)
{
    uint32_t refusal[2] = {0, 0};

    reset_signals();
    raise_descriptor_limit();
    if (keep_only(ready_fd, owner_fd) == 0) {
        attend(context, READY_FD, OWNER_FD);
    } else {
        refusal[1] = (uint32_t)errno;
        if (write(ready_fd, refusal, sizeof refusal) != sizeof refusal)
            _exit(2);
    }
    _exit(1);
}

/* 0 where the attendant ended without a word. */
static uint32_t read_word(int fd)
{
    uint32_t word;
    ssize_t got;

    do
        got = read(fd, &word, sizeof word);
    while (got < 0 && errno == EINTR);
    return got == sizeof word ? word : 0;
}

enum cf_status wl_attendant_start(struct wl_attendant *attendant,
                                  const char *what, wl_attend *attend,
                                  void *context, uint32_t *ready, char *why,
                                  size_t why_bytes)
{
    uint32_t error;
    int ends[2];
    int owner_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

    *attendant = (struct wl_attendant){.owner = getpid()};
    if (owner_fd < 0)
        goto refuse;
    if (pipe2(ends, O_CLOEXEC) != 0)
        goto close_owner;
    attendant->pid = fork();
    if (attendant->pid < 0)
        goto close_pipe;
    if (attendant->pid == 0)
        be_attendant(attend, context, ends[1], owner_fd);
    close(owner_fd);
    close(ends[1]);
    *ready = read_word(ends[0]);
    error = *ready == 0 ? read_word(ends[0]) : 0;
    close(ends[0]);
    if (*ready != 0)
        return CF_OK;
    wl_attendant_stop(attendant);
    errno = (int)error;
    if (error != 0)
        goto refuse;
    return wl_refuse(why, why_bytes, CF_SYSTEM,
                     "%s: it ended before it was ready", what);

close_pipe:
    close(ends[0]);
    close(ends[1]);
close_owner:
    close(owner_fd);
refuse:
    return wl_refuse(why, why_bytes, CF_SYSTEM, "%s: cannot start: %s", what,
                     strerror(errno));
}

void wl_attendant_stop(struct wl_attendant *attendant)
{
    if (attendant->pid <= 0 || attendant->owner != getpid())
        return;
    kill(attendant->pid, SIGKILL);
    while (waitpid(attendant->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    attendant->pid = 0;
}
