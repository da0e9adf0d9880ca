/* SPDX-License-Identifier: MIT */
/*
 * Fork, wait, reap.
 *
 *     parent                         child (own process group)
 *       fork ------------------------> dies with the parent (PDEATHSIG)
 *       poll(pidfd, interrupts)        stdin /dev/null, stdout = stderr
 *         too long, or a second        function(context)
 *         interrupt: kill the group    _exit
 *       wait4 <----------------------
 *
 * The group of its own keeps the terminal's Ctrl-C from everything but cfbench,
 * and lets us end the workers of a sample with it. Interrupts are blocked
 * around the fork, so that the child never runs the parent's handler.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "interrupt.h"

enum { EXIT_RETURNED = 0, EXIT_NO_PARENT = 3 };

void *child_shared(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void child_unshare(void *memory, size_t bytes)
{
    if (memory != NULL)
        munmap(memory, bytes);
}

/* Whether what the child runs has forked this process; known without a system
 * call, as it is asked while time is measured. */
static bool is_copy;

static void note_copy(void)
{
    is_copy = true;
}

void child_end_copy(void)
{
    if (is_copy)
        _exit(EXIT_RETURNED);
}

static void be_no_copy(void)
{
    static bool is_watched;

    if (!is_watched)
        is_watched = pthread_atfork(NULL, NULL, note_copy) == 0;
    is_copy = false;
}

static void set_up_child(pid_t parent)
{
    int null_fd;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(EXIT_NO_PARENT);
    interrupt_ignore();
    null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd >= 0) {
        dup2(null_fd, STDIN_FILENO);
        close(null_fd);
    }
    dup2(STDERR_FILENO, STDOUT_FILENO); /* tables go to stdout, from us */
}

static _Noreturn void be_child(child_function *function, void *context,
                               pid_t parent, const sigset_t *mask)
{
    be_no_copy();
    set_up_child(parent);
    sigprocmask(SIG_SETMASK, mask, NULL);
    function(context);
    fflush(NULL);
    _exit(EXIT_RETURNED);
}

pid_t child_start(child_function *function, void *context)
{
    pid_t parent = getpid();
    sigset_t all, before;
    pid_t pid;

    fflush(NULL); /* or the child writes it once more */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        be_child(function, context, parent, &before);
    if (pid > 0)
        setpgid(pid, pid); /* both set it: neither may come too late */
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* What is left of the limit, as poll() takes it: rounded up, never for ever. */
static int rest_ms(int64_t deadline_ns)
{
    int64_t rest = deadline_ns - clock_now_ns();
    const int64_t day_ms = 86400000;

    if (rest <= 0)
        return 0;
    rest = rest / 1000000 + 1;
    return (int)(rest < day_ms ? rest : day_ms);
}

enum child_end child_await(int fd, int pid_fd, int64_t deadline_ns)
{
    for (;;) {
        int patience = interrupt_count();
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
                               {.fd = pid_fd, .events = POLLIN},
                               {.fd = interrupt_fd(), .events = POLLIN}};
        uint64_t drained;
        int ready;

        if (patience >= 2)
            return CHILD_INTERRUPTED;
        if (read(interrupt_fd(), &drained, sizeof drained) > 0 &&
            interrupt_count() != patience)
            continue;
        ready = poll(fds, 3, rest_ms(deadline_ns));
        if (ready > 0 && fds[0].revents != 0)
            return CHILD_ENDED;
        if (ready > 0 && fds[1].revents != 0)
            return CHILD_DIED;
        if (clock_now_ns() >= deadline_ns)
            return CHILD_TOO_LONG;
    }
}

void child_stop(pid_t pid, struct child_report *report)
{
    kill(-pid, SIGKILL); /* not reaped yet: the number is still its own */
    while (wait4(pid, &report->status, 0, &report->usage) < 0 && errno == EINTR)
        ;
}

struct child_report child_run(child_function *function, void *context,
                              int64_t limit_ns)
{
    struct child_report report = {.end = CHILD_NOT_STARTED};
    pid_t pid = child_start(function, context);
    int pid_fd, saved_errno;

    if (pid < 0)
        return report;
    pid_fd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec */
    if (pid_fd >= 0) {
        report.end = child_await(pid_fd, -1, clock_deadline_ns(limit_ns));
        close(pid_fd);
    }
    saved_errno = errno;
    child_stop(pid, &report);
    if (report.end == CHILD_ENDED && report.status != 0)
        report.end = CHILD_DIED;
    errno = saved_errno;
    return report;
}
