/* SPDX-License-Identifier: MIT */
/*
 * The zygote's loop: sleeps until the host sends an order, the host is gone, or
 * a worker has ended. It blocks all signals, so that only SIGKILL ends it out
 * of turn, and then its workers with it (PR_SET_PDEATHSIG). When the host is
 * gone it leaves at once, and kills the workers, busy ones included: one that
 * has changed its credentials is not told of its parent's end any more. When
 * the host closed its end for writing, it waits for the workers to leave and
 * kills after a grace who does not.
 */
#include "zygote_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaos.h"
#include "clock.h"
#include "descriptor.h"
#include "executor_impl.h"
#include "process_entry.h"
#include "process_worker.h"
#include "program.h"
#include "zygote.h"

#define GRACE_NS ((int64_t)1000000000)

struct child {
    uint32_t worker;
    uint32_t generation;
    pid_t pid;
    bool leads_group;
};

/* What a worker alone shares with the host. */
struct own {
    int region;
    int post;
};

/* sources[0] is the socket (-1 once dismissed), [1] the host, [2 + i] the pidfd
 * of children[i]. */
struct zygote {
    int socket;
    struct pollfd *sources;
    struct child *children;
    size_t count;
    size_t room; /* for so many children */
    bool is_dismissed;
    int64_t deadline_ns;          /* of the grace, once dismissed */
    struct cf_executor *executor; /* as it was at the fork */
    const struct cfi_board *board;
    int settings; /* of workers to be exec'ed, which need the board's
                     descriptors as well; -1: they are forked */
};

/* It has no handlers (see zygote.c). What is ignored stays so, except that
 * children must be waited for. */
static void set_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction ignored = {.sa_handler = SIG_IGN};

    sigaction(SIGCHLD, &standard, NULL);
    sigaction(SIGINT, &ignored, NULL); /* Ctrl-C is for the host to decide */
}

/* The terminal's input is the host's. */
static void read_nothing(void)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (nothing < 0) {
        close(STDIN_FILENO);
    } else if (nothing != STDIN_FILENO) {
        dup2(nothing, STDIN_FILENO);
        close(nothing);
    } else {
        fcntl(nothing, F_SETFD, 0);
    }
}

/* The group of one that is not reaped yet is its own, dead as it may be. */
static void end_group(const struct child *child)
{
    if (child->leads_group)
        kill(-child->pid, SIGKILL);
}

static void kill_all(struct zygote *zygote)
{
    /* not reaped yet, so these ids are still theirs */
    for (size_t i = 0; i < zygote->count; i++) {
        kill(zygote->children[i].pid, SIGKILL);
        end_group(&zygote->children[i]);
    }
    zygote->deadline_ns = INT64_MAX;
}

/* Sends news, unless the host goes away while its buffer is full. Where the user
 * has too many descriptors on their way, or the system no memory to note one
 * more, it goes without: the host can do without, and nobody tells when that
 * will be over. */
static void tell(struct zygote *zygote, const struct cfi_zygote_news *news,
                 int pidfd)
{
    struct pollfd both[2] = {{.fd = zygote->socket, .events = POLLOUT},
                             zygote->sources[1]};

    while (!cfi_message_send(zygote->socket, news, sizeof *news, pidfd,
                             MSG_DONTWAIT)) {
        if ((errno == ETOOMANYREFS || errno == ENOMEM) && pidfd >= 0) {
            pidfd = -1;
            continue;
        }
        if (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM)
            return;
        (void)poll(both, 2, -1);
        if (both[1].revents != 0) {
            kill_all(zygote);
            _exit(0);
        }
    }
}

/* False: the two cannot be connected. */
static bool greet_worker(const struct zygote *zygote,
                         const struct cfi_worker_order *order,
                         const struct own *own, int sockets[2])
{
    struct cfi_entry_greeting greeting = {
        .magic = CFI_ENTRY_MAGIC, .role = CFI_ENTER_AS_WORKER, .order = *order};
    int sent[CFI_ENTRY_DESCRIPTORS] = {
        [CFI_ENTRY_SETTINGS] = zygote->settings,
        [CFI_ENTRY_BELL] = zygote->board->bell_fd,
        [CFI_ENTRY_CATALOGUE] = zygote->board->catalogue_fd,
        [CFI_ENTRY_REGION] = own->region,
        [CFI_ENTRY_POST] = own->post};

    return cfi_socket_pair(sockets) &&
           cfi_message_send_many(sockets[0], &greeting, sizeof greeting, sent,
                                 CFI_ENTRY_DESCRIPTORS, MSG_DONTWAIT);
}

/* For the reason in errno. */
static _Noreturn void refuse(const struct own *own)
{
    char why[120], words[64];

    snprintf(why, sizeof why, "its program could not be started: %s",
             strerror_r(errno, words, sizeof words));
    cfi_process_worker_refuse(own->region, why);
}

/* A worker holds nothing of the zygote's; all is close-on-exec besides. */
static _Noreturn void be_worker(const struct zygote *zygote,
                                const struct cfi_worker_order *order,
                                const struct own *own, pid_t parent)
{
    struct cfi_program program;
    int sockets[2];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    if (order->leads_group != 0)
        setpgid(0, 0);
    if (zygote->settings >= 0) {
        if (greet_worker(zygote, order, own, sockets) &&
            cfi_program_prepare(&program, sockets[1]))
            cfi_program_exec(&program, sockets[1]);
        refuse(own);
    }
    cfi_descriptors_keep((const int[]){own->region, own->post}, 2);
    cfi_process_worker_main(order, own->region, own->post, zygote->executor,
                            zygote->board);
}

static bool make_room(struct zygote *zygote, size_t room)
{
    struct pollfd *sources =
        realloc(zygote->sources, (room + 2) * sizeof *sources);
    if (sources == NULL)
        return false;
    zygote->sources = sources;
    struct child *children = realloc(zygote->children, room * sizeof *children);
    if (children == NULL)
        return false;
    zygote->children = children;
    zygote->room = room;
    return true;
}

static bool add_child(struct zygote *zygote,
                      const struct cfi_worker_order *order, pid_t pid,
                      int pidfd)
{
    if (pidfd < 0)
        return false;
    zygote->children[zygote->count] =
        (struct child){.worker = order->worker,
                       .generation = order->generation,
                       .pid = pid,
                       .leads_group = order->leads_group != 0};
    zygote->sources[zygote->count + 2] =
        (struct pollfd){.fd = pidfd, .events = POLLIN};
    zygote->count++;
    return true;
}

/* It has nothing of a worker when it tells of it: that one alone can hold its
 * post open then, so the host sees when it is closed. */
static void close_own(struct own *own)
{
    cfi_descriptor_close(&own->region);
    cfi_descriptor_close(&own->post);
}

static void start_worker(struct zygote *zygote,
                         const struct cfi_worker_order *order, struct own *own)
{
    pid_t parent = getpid();
    struct cfi_zygote_news news = {.event = CFI_WORKER_STARTED,
                                   .worker = order->worker,
                                   .generation = order->generation};
    int pidfd = -1;
    pid_t pid = -1;

    if (own->post < 0)
        errno = EMFILE; /* the descriptors did not fit into this process */
    else if (zygote->count < zygote->room ||
             make_room(zygote, zygote->room + zygote->room / 2 + 1))
        pid = cfi_executor_fork(zygote->executor, zygote->settings >= 0);
    if (pid == 0)
        be_worker(zygote, order, own, parent);
    cfi_chaos(CFI_CHAOS_FORKED);
    if (pid > 0)
        pidfd = cfi_pidfd_open(pid);
    if (add_child(zygote, order, pid, pidfd)) {
        news.pid = pid;
    } else {
        news.event = CFI_WORKER_FAILED;
        news.error = errno;
        if (pid > 0) { /* it may have begun to work */
            news.pid = pid;
            news.signal = SIGKILL;
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
    }
    close_own(own);
    tell(zygote, &news, pidfd);
}

static void signal_worker(const struct zygote *zygote,
                          const struct cfi_worker_order *order)
{
    /* not reaped yet, so the id is still its own */
    for (size_t i = 0; i < zygote->count; i++)
        if (zygote->children[i].worker == order->worker &&
            zygote->children[i].generation == order->generation)
            kill(zygote->children[i].pid, order->signal);
}

static void take_order(struct zygote *zygote)
{
    struct cfi_worker_order order;
    int came[2] = {-1, -1};
    size_t count = 2;

    ssize_t received = cfi_message_receive_many(zygote->socket, &order,
                                                sizeof order, came, &count, 0);
    struct own own = {.region = came[0], .post = came[1]};
    if (received <= 0) {
        zygote->is_dismissed = true;
        zygote->deadline_ns = cfi_now_ns() + GRACE_NS;
        zygote->sources[0].fd = -1;
    } else if (order.signal != 0) {
        signal_worker(zygote, &order);
    } else {
        start_worker(zygote, &order, &own);
    }
    close_own(&own);
}

/* Reaps the child at `i`, whose place the last one takes. */
static void bury(struct zygote *zygote, size_t i)
{
    struct child *child = &zygote->children[i];
    struct cfi_zygote_news news = {.event = CFI_WORKER_DIED,
                                   .worker = child->worker,
                                   .generation = child->generation,
                                   .pid = child->pid};
    struct rusage used = {0};
    int status = 0;

    cfi_chaos(CFI_CHAOS_DEAD);
    end_group(child);
    while (wait4(child->pid, &status, 0, &used) < 0 && errno == EINTR)
        ;
    news.peak_bytes = (int64_t)used.ru_maxrss * 1024;
    if (WIFSIGNALED(status))
        news.signal = WTERMSIG(status);
    else
        news.exit_code = WEXITSTATUS(status);
    cfi_descriptor_close(&zygote->sources[i + 2].fd);
    zygote->count--;
    zygote->children[i] = zygote->children[zygote->count];
    zygote->sources[i + 2] = zygote->sources[zygote->count + 2];
    tell(zygote, &news, -1);
}

static void bury_the_dead(struct zygote *zygote)
{
    for (size_t i = zygote->count; i-- > 0;)
        if (zygote->sources[i + 2].revents != 0)
            bury(zygote, i);
}

static int time_left_ms(const struct zygote *zygote)
{
    if (!zygote->is_dismissed || zygote->deadline_ns == INT64_MAX)
        return -1;
    int64_t left_ns = zygote->deadline_ns - cfi_now_ns();
    return left_ns <= 0 ? 0 : (int)(left_ns / 1000000) + 1;
}

static void serve(struct zygote *zygote)
{
    while (!zygote->is_dismissed || zygote->count > 0) {
        int ready =
            poll(zygote->sources, zygote->count + 2, time_left_ms(zygote));
        if (ready < 0)
            continue;
        if (ready == 0)
            kill_all(zygote);
        if (zygote->sources[1].revents != 0) {
            kill_all(zygote);
            return;
        }
        bury_the_dead(zygote);
        if (!zygote->is_dismissed && zygote->sources[0].revents != 0)
            take_order(zygote);
    }
}

noreturn void cfi_zygote_main(int socket, int host_pidfd,
                              struct cf_executor *executor,
                              const struct cfi_board *board, int settings)
{
    struct zygote zygote = {
        .socket = socket,
        .executor = executor,
        .board = board,
        .settings = executor->start_method == CF_START_SPAWN ? settings : -1};

    prctl(PR_SET_NAME, "cf-zygote");
    set_signals();
    read_nothing();
    cfi_board_protect(board);
    if (make_room(&zygote, executor->max_workers)) {
        zygote.sources[0] = (struct pollfd){.fd = socket, .events = POLLIN};
        zygote.sources[1] = (struct pollfd){.fd = host_pidfd, .events = POLLIN};
        serve(&zygote);
    }
    _exit(0);
}
