/* SPDX-License-Identifier: MIT */
/*
 * The zygote is a fork of the host, made before the executor has threads, and
 * it stays single-threaded; so a replacement can be forked from it at any
 * later time, and a worker's parent-death signal, which follows the thread
 * that forked, follows the zygote. It reaps its workers with their exact
 * status, whatever the host does with waitpid(-1) or SIGCHLD.
 *
 * The host's own waits must not see the zygote either: `while (wait(NULL) > 0)`
 * in the host would hang as long as it lives. A child whose exit signal is 0
 * is seen by no such wait and raises no SIGCHLD; but the system call that
 * makes one knows nothing of glibc's locks, which other threads may hold. So:
 *
 *   host with one thread    clone3 with exit signal 0; reaped at the end
 *   host with more          fork twice; the child of the child is init's, who
 *                           is to reap it (an init that never waits keeps one
 *                           dead entry for each such executor)
 */
#include "zygote.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor.h"
#include "executor_impl.h"
#include "last_error.h"
#include "zygote_process.h"

/* What both ways of forking need. */
struct birth {
    int host_end;
    int zygote_end;
    int host_pidfd;
    struct cf_executor *executor;
    struct cfi_bell *bell;
};

/* Closes what is the host's, for its other executors too. */
static void close_the_rest(const struct birth *birth)
{
    int kept[] = {birth->zygote_end, birth->host_pidfd};

    cfi_descriptors_keep(kept, 2);
}

static _Noreturn void be_zygote(const struct birth *birth)
{
    cfi_zygote_main(birth->zygote_end, birth->host_pidfd, birth->executor,
                    birth->bell);
}

/* Does this process have a single thread now? glibc's own flag stays false for
 * ever once there was a second one. */
static bool has_one_thread(void)
{
    struct stat threads; /* a folder has two links more than folders in it */

    if (__libc_single_threaded)
        return true;
    return stat("/proc/self/task", &threads) == 0 && threads.st_nlink == 3;
}

/* False: clone3 is not to be had here. */
static bool clone_zygote(const struct birth *birth, struct cfi_zygote *zygote)
{
    int pidfd = -1;
    struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd};

    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0)
        return false;
    if (pid == 0) {
        cfi_fork_note();
        close_the_rest(birth);
        be_zygote(birth);
    }
    zygote->pidfd = cfi_descriptor_adopt(pidfd);
    return true;
}

/* The grandchild makes itself known by a descriptor of itself. */
static _Noreturn void be_parent_of_zygote(const struct birth *birth)
{
    pid_t pid = fork();
    if (pid != 0)
        _exit(pid < 0 ? 1 : 0);
    close_the_rest(birth);
    int self = cfi_pidfd_open(getpid());
    if (self < 0 || !cfi_message_send(birth->zygote_end, "", 1, self, 0))
        _exit(1);
    cfi_descriptor_close(&self);
    be_zygote(birth);
}

static bool fork_zygote_twice(struct birth *birth, struct cfi_zygote *zygote)
{
    char hello;
    int status = 0;
    pid_t pid = fork();
    if (pid < 0)
        return false;
    if (pid == 0)
        be_parent_of_zygote(birth);

    /* whoever in this process waits for any child may reap it: fine */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        errno = EAGAIN;
        return false;
    }
    /* else the end of the zygote would not be seen */
    cfi_descriptor_close(&birth->zygote_end);
    return cfi_message_receive(birth->host_end, &hello, 1, &zygote->pidfd) ==
               1 &&
           zygote->pidfd >= 0;
}

static bool spawn(struct birth *birth, struct cfi_zygote *zygote)
{
    sigset_t all, before;

    /* text that is still in these would be printed by every worker again */
    fflush(stdout);
    fflush(stderr);
    (void)cfi_fork_generation(); /* installs the fork handlers */
    /* no handler of the host is to run in the zygote */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool done = (has_one_thread() && clone_zygote(birth, zygote)) ||
                fork_zygote_twice(birth, zygote);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return done;
}

enum cf_status cfi_zygote_create(struct cf_executor *executor,
                                 struct cfi_bell *bell,
                                 struct cfi_zygote *zygote)
{
    int sockets[2];
    enum cf_status status = CF_OK;

    *zygote = (struct cfi_zygote){.socket = -1, .pidfd = -1};
    if (!cfi_socket_pair(sockets))
        return cfi_fail_errno(CF_SYSTEM, "socketpair");
    struct birth birth = {.host_end = sockets[0],
                          .zygote_end = sockets[1],
                          .host_pidfd = cfi_pidfd_open(getpid()),
                          .executor = executor,
                          .bell = bell};
    if (birth.host_pidfd < 0)
        status = cfi_fail_errno(CF_SYSTEM, "pidfd_open");
    else if (!spawn(&birth, zygote))
        status = cfi_fail_errno(CF_AGAIN, "no process could be started");
    cfi_descriptor_close(&birth.zygote_end);
    cfi_descriptor_close(&birth.host_pidfd);
    if (status == CF_OK)
        zygote->socket = birth.host_end;
    else
        cfi_descriptor_close(&birth.host_end);
    return status;
}

bool cfi_zygote_order(struct cfi_zygote *zygote,
                      const struct cfi_worker_order *order, int region)
{
    return cfi_message_send(zygote->socket, order, sizeof *order, region, 0);
}

void cfi_zygote_kill(struct cfi_zygote *zygote, uint32_t worker,
                     uint32_t generation)
{
    struct cfi_worker_order order = {
        .is_kill = 1, .worker = worker, .generation = generation};

    /* if that fails the zygote is gone, and its workers are */
    (void)cfi_message_send(zygote->socket, &order, sizeof order, -1, 0);
}

bool cfi_zygote_listen(struct cfi_zygote *zygote, struct cfi_zygote_news *news,
                       int *pidfd)
{
    struct pollfd sources[] = {
        {.fd = zygote->socket, .events = POLLIN},
        {.fd = zygote->pidfd, .events = POLLIN},
    };

    /* the socket alone would not do: a process that the host forked meanwhile
     * may hold a copy of the zygote's end */
    while (poll(sources, 2, -1) < 0 && errno == EINTR)
        ;
    if ((sources[0].revents & POLLIN) == 0)
        return false;
    return cfi_message_receive(zygote->socket, news, sizeof *news, pidfd) ==
           (ssize_t)sizeof *news;
}

void cfi_zygote_dismiss(struct cfi_zygote *zygote)
{
    shutdown(zygote->socket, SHUT_WR);
}

void cfi_zygote_finish(struct cfi_zygote *zygote, bool is_ours)
{
    if (is_ours && zygote->pidfd >= 0) {
        struct pollfd end = {.fd = zygote->pidfd, .events = POLLIN};
        siginfo_t how;

        while (poll(&end, 1, -1) < 0 && errno == EINTR)
            ;
        /* it is a child too where this process is the init or a subreaper */
        (void)waitid(P_PIDFD, (id_t)zygote->pidfd, &how,
                     WEXITED | WNOHANG | __WALL);
    }
    cfi_descriptor_close(&zygote->socket);
    cfi_descriptor_close(&zygote->pidfd);
}
