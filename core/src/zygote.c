/* SPDX-License-Identifier: MIT */
/*
 * The zygote is a fork of the host, made before the executor has threads, or
 * this program exec'ed anew, where the start method says so or the host has
 * threads already. It stays single-threaded; so a replacement can be forked
 * from it at any
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
 *   host with more, exec,   fork twice; the child of the child is init's, who
 *   a hook that forks       is to reap it (an init that never waits keeps one
 *                           dead entry for each such executor). An exec makes
 *                           the exit signal SIGCHLD again, and what a hook
 *                           forks has that one.
 */
#include "zygote.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor.h"
#include "executor_impl.h"
#include "last_error.h"
#include "process_entry.h"
#include "program.h"
#include "text.h"
#include "zygote_process.h"

/* An exec'ed zygote that takes longer to answer never will. */
#define MOST_ENTRY_MS 30000

/* What both ways of forking need. */
struct birth {
    int host_end;
    int zygote_end;
    int host_pidfd;
    struct cf_executor *executor;
    const struct cfi_board *board;
    struct cfi_program program; /* no environment: forked, not exec'ed */
};

/* Closes what is the host's, for its other executors too. */
static void close_the_rest(const struct birth *birth)
{
    int kept[] = {birth->zygote_end, birth->host_pidfd};

    cfi_descriptors_keep(kept, 2);
}

static bool is_exec(const struct birth *birth)
{
    return birth->program.environment != NULL;
}

static bool has_hook(const struct birth *birth)
{
    return birth->executor->options.fork != NULL;
}

static _Noreturn void be_zygote(const struct birth *birth)
{
    if (is_exec(birth)) {
        cfi_program_exec(&birth->program, birth->zygote_end);
        _exit(127);
    }
    cfi_zygote_main(birth->zygote_end, birth->host_pidfd, birth->executor,
                    birth->board, -1);
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
    struct clone_args args = {.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
                              .pidfd = (uintptr_t)&pidfd};

    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0)
        return false;
    if (pid == 0) {
        cfi_fork_note();
        close_the_rest(birth);
        be_zygote(birth);
    }
    zygote->pidfd = cfi_descriptor_adopt(pidfd);
    zygote->pid = (pid_t)pid;
    return true;
}

/* Fresh from exec, so to speak: handlers of the host mean nothing in what it
 * forks. (clone3 sees to that for us, in one call instead of 64.) */
static void reset_handlers(void)
{
    struct sigaction action;
    struct sigaction standard = {.sa_handler = SIG_DFL};

    for (int signal = 1; signal <= SIGRTMAX; signal++)
        if (sigaction(signal, NULL, &action) == 0 &&
            action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)
            sigaction(signal, &standard, NULL);
}

/* The grandchild makes itself known by a descriptor of itself. */
static _Noreturn void be_parent_of_zygote(const struct birth *birth)
{
    pid_t pid = cfi_executor_fork(birth->executor, is_exec(birth));
    if (pid != 0)
        _exit(pid < 0 ? 1 : 0);
    reset_handlers();
    close_the_rest(birth);
    int self = cfi_pidfd_open(getpid());
    if (self < 0 || !cfi_message_send(birth->zygote_end, "", 1, self, 0))
        _exit(1);
    cfi_descriptor_close(&self);
    be_zygote(birth);
}

/* One that was to become another program and has ended by now, without reading
 * its greeting, has reset the connection; what it said before is there yet. */
static bool hear_hello(int socket, int *pidfd)
{
    char hello;
    ssize_t bytes = cfi_message_receive(socket, &hello, 1, pidfd);

    if (bytes < 0 && errno == ECONNRESET)
        bytes = cfi_message_receive(socket, &hello, 1, pidfd);
    return bytes == 1 && *pidfd >= 0;
}

static bool fork_zygote_twice(struct birth *birth, struct cfi_zygote *zygote)
{
    int status = 0;
    pid_t pid = cfi_executor_fork(birth->executor, is_exec(birth));
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
    return hear_hello(birth->host_end, &zygote->pidfd);
}

static bool spawn(struct birth *birth, struct cfi_zygote *zygote)
{
    sigset_t all, before;

    /* text that is still in these would be printed by every worker again */
    cfi_text_flush();
    (void)cfi_fork_generation(); /* installs the fork handlers */
    /* no handler of the host is to run in the zygote */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool done = (!is_exec(birth) && !has_hook(birth) && has_one_thread() &&
                 clone_zygote(birth, zygote)) ||
                fork_zygote_twice(birth, zygote);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return done;
}

/* --- what an exec'ed one is told, and answers --- */

static enum cf_status greet(const struct birth *birth, int settings)
{
    struct cfi_entry_greeting greeting = {.magic = CFI_ENTRY_MAGIC,
                                          .role = CFI_ENTER_AS_ZYGOTE};
    int sent[CFI_ENTRY_OF_ZYGOTE] = {[CFI_ENTRY_SETTINGS] = settings,
                                     [CFI_ENTRY_BELL] = birth->board->bell_fd,
                                     [CFI_ENTRY_CATALOGUE] =
                                         birth->board->catalogue_fd,
                                     [CFI_ENTRY_PARENT] = birth->host_pidfd};

    /* it waits in the socket until there is somebody to read it */
    return cfi_message_send_many(birth->host_end, &greeting, sizeof greeting,
                                 sent, CFI_ENTRY_OF_ZYGOTE, MSG_DONTWAIT)
               ? CF_OK
               : cfi_fail_errno(CF_SYSTEM, "telling the zygote who it is");
}

static enum cf_status prepare_exec(struct birth *birth)
{
    int settings;
    enum cf_status status = cfi_settings_write(birth->executor, &settings);
    if (status != CF_OK)
        return status;
    status = greet(birth, settings);
    cfi_descriptor_close(&settings);
    if (status == CF_OK &&
        !cfi_program_prepare(&birth->program, birth->zygote_end))
        status = cfi_fail(CF_NOMEM, "no memory for a worker's environment");
    return status;
}

static enum cf_status hear_reply(const struct cfi_zygote *zygote, int socket)
{
    struct cfi_entry_reply reply;
    int none;
    struct pollfd sources[] = {{.fd = socket, .events = POLLIN},
                               {.fd = zygote->pidfd, .events = POLLIN}};

    while (poll(sources, 2, MOST_ENTRY_MS) < 0 && errno == EINTR)
        ;
    if ((sources[0].revents & POLLIN) == 0 ||
        cfi_message_receive(socket, &reply, sizeof reply, &none) !=
            (ssize_t)sizeof reply)
        return cfi_fail(CF_UNSUPPORTED, "the program, started anew as a "
                                        "worker, did not become one");
    reply.why[sizeof reply.why - 1] = '\0';
    return reply.status == CF_OK ? CF_OK
                                 : cfi_fail(CF_UNSUPPORTED, "%s", reply.why);
}

/* --- */

static enum cf_status start(struct birth *birth, bool by_exec,
                            struct cfi_zygote *zygote)
{
    enum cf_status status = by_exec ? prepare_exec(birth) : CF_OK;

    if (status == CF_OK && !spawn(birth, zygote))
        status = cfi_fail_errno(CF_AGAIN, "no process could be started");
    cfi_descriptor_close(&birth->zygote_end); /* else its end would be unseen */
    cfi_program_finish(&birth->program);
    if (status == CF_OK && by_exec)
        status = hear_reply(zygote, birth->host_end);
    return status;
}

static enum cf_status create(struct cf_executor *executor,
                             const struct cfi_board *board, bool by_exec,
                             struct cfi_zygote *zygote)
{
    int sockets[2];
    enum cf_status status;

    *zygote = (struct cfi_zygote){.socket = -1, .pidfd = -1, .waker = -1};
    if (!cfi_socket_pair(sockets))
        return cfi_fail_errno(CF_SYSTEM, "socketpair");
    struct birth birth = {.host_end = sockets[0],
                          .zygote_end = sockets[1],
                          .host_pidfd = cfi_pidfd_open(getpid()),
                          .executor = executor,
                          .board = board};
    if (birth.host_pidfd < 0)
        status = cfi_fail_errno(CF_SYSTEM, "pidfd_open");
    else
        status = start(&birth, by_exec, zygote);
    cfi_descriptor_close(&birth.zygote_end);
    cfi_descriptor_close(&birth.host_pidfd);
    zygote->socket = birth.host_end;
    cfi_zygote_note(zygote);
    if (status != CF_OK) {
        cfi_pidfd_kill(zygote->pidfd);
        cfi_zygote_finish(zygote);
    }
    return status;
}

static enum cf_status create_as(struct cf_executor *executor,
                                enum cf_start_method method,
                                const struct cfi_board *board,
                                struct cfi_zygote *zygote)
{
    const char *obstacle = NULL;

    if (method != CF_START_FORK)
        obstacle = cfi_program_obstacle();
    if (obstacle != NULL)
        return cfi_fail(CF_UNSUPPORTED, "%s", obstacle);
    executor->start_method = method;
    return create(executor, board, method != CF_START_FORK, zygote);
}

enum cf_status cfi_zygote_create(struct cf_executor *executor,
                                 const struct cfi_board *board,
                                 struct cfi_zygote *zygote)
{
    enum cf_status status = CF_UNSUPPORTED;

    if (executor->start_method != CF_START_AUTO)
        return create_as(executor, executor->start_method, board, zygote);
    if (!has_one_thread())
        status = create_as(executor, CF_START_FORKSERVER, board, zygote);
    /* a program that cannot be started anew can still be forked */
    if (status == CF_UNSUPPORTED)
        status = create_as(executor, CF_START_FORK, board, zygote);
    return status;
}
