/* SPDX-License-Identifier: MIT */
/*
 * A fork, a page of shared memory, and a limit. The child is in a group of its
 * own, which is killed in the end whatever happened: foreign code may have left
 * somebody behind.
 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "refuse.h"

void wl_probe_stage(struct wl_probe *probe, const char *stage)
{
    snprintf(probe->stage, sizeof probe->stage, "%s", stage);
}

/* No handler of ours, no core file, nothing to read, nothing in our output. */
static void set_up_child(void)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct rlimit none = {0};
    sigset_t nothing;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL); /* refused for some, which have no handler */
    sigemptyset(&nothing);
    sigprocmask(SIG_SETMASK, &nothing, NULL);
    setrlimit(RLIMIT_CORE, &none);
    if (null_fd >= 0)
        dup2(null_fd, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

static _Noreturn void be_child(wl_probed *probed, struct wl_probe *probe,
                               void *context)
{
    set_up_child();
    probed(probe, context);
    probe->is_over = true;
    _exit(0);
}

/* Did it end by itself in time? */
static bool ends_within(pid_t pid, int64_t limit_ns)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0),
                         .events = POLLIN};
    int64_t ms = limit_ns / 1000000;
    bool ended = poll(&end, 1, ms < INT32_MAX ? (int)ms : -1) > 0;

    if (end.fd >= 0)
        close(end.fd);
    return ended;
}

/* Waits for the child's end and leaves nobody behind. False: it took too long. */
static bool reap(pid_t pid, int64_t limit_ns, int *status)
{
    bool ended = ends_within(pid, limit_ns);

    kill(-pid, SIGKILL); /* not reaped yet: the number is still its own */
    kill(pid, SIGKILL);  /* where it had no time to make a group        */
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        continue;
    return ended;
}

static enum cf_status judge(const struct wl_probe *probe, bool ended,
                            int status, char *why, size_t why_bytes)
{
    if (!ended)
        return wl_refuse(why, why_bytes, CF_INVALID, "it hangs while it %.40s",
                         probe->stage);
    if (!probe->is_over && WIFSIGNALED(status))
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "it crashes while it %.40s: signal %d (%s)",
                         probe->stage, WTERMSIG(status),
                         strsignal(WTERMSIG(status)));
    if (!probe->is_over)
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "it ends its process while it %.40s: code %d",
                         probe->stage, WEXITSTATUS(status));
    if (probe->why[0] != '\0')
        return wl_refuse(why, why_bytes, CF_INVALID, "%.200s", probe->why);
    return CF_OK;
}

enum cf_status wl_probe_run(wl_probed *probed, void *context, int64_t limit_ns,
                            size_t *number, char *why, size_t why_bytes)
{
    struct wl_probe *probe = mmap(NULL, sizeof *probe, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct wl_probe last;
    int status = 0;
    bool ended;
    pid_t pid;

    if (probe == MAP_FAILED)
        return wl_refuse(why, why_bytes, CF_SYSTEM, "cannot try it: %s",
                         strerror(errno));
    fflush(NULL); /* or the child writes it once more */
    pid = fork();
    if (pid == 0)
        be_child(probed, probe, context);
    if (pid < 0) {
        munmap(probe, sizeof *probe);
        return wl_refuse(why, why_bytes, CF_SYSTEM, "cannot try it: %s",
                         strerror(errno));
    }
    ended = reap(pid, limit_ns, &status);
    last = *probe; /* written by foreign code: its texts end where we say */
    last.stage[sizeof last.stage - 1] = last.why[sizeof last.why - 1] = '\0';
    munmap(probe, sizeof *probe);
    if (number != NULL)
        *number = last.number;
    return judge(&last, ended, status, why, why_bytes);
}
