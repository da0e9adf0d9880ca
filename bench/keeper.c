/* SPDX-License-Identifier: MIT */
/*
 * One child between us and the samples:
 *
 *     cfbench              keeper                  sample
 *       start --- fork ---> prepare
 *       <------- a byte ---- |
 *       measure - a byte --> sample_measure - fork -> begin, tasks, verify
 *       <------- a byte ---- | <-------------- exit ---- |
 *       stop ---- end ------> dispose, _exit
 *
 * What is asked and answered lies on the desk, in memory that all of them see;
 * pointers on it are good on both sides, since the keeper is our fork. The one
 * who waits also sees the other's end. A second interrupt is handed on by
 * signals, so that the keeper ends the sample with everything in its group.
 */
#include "keeper.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "interrupt.h"

static const int64_t answer_ns = INT64_C(10000000000); /* beyond the limit */
static const int64_t stop_ns = INT64_C(5000000000);

struct desk {
    enum { PREPARES, WAITS, MEASURES, DISPOSES } stage;
    enum cf_status prepared;
    struct sample_setup setup;
    struct child_report report;
    char why[256];
};

struct keeper {
    const struct wl_workload *workload;
    const struct wl_setup *setup; /* while it is started */
    struct sample_room *room;
    struct desk *desk;
    pid_t pid;
    int pid_fd;
    int fd;          /* our end     */
    int their_fd;    /* the keeper's */
    char fault[200]; /* why it is of no use any more; "" it is */
};

/* --- in the keeper --- */

static bool is_told(int fd)
{
    char byte;

    return recv(fd, &byte, 1, 0) == 1;
}

static bool tell(int fd)
{
    return send(fd, "", 1, MSG_NOSIGNAL) == 1;
}

static void prepare(struct keeper *keeper, struct wl_work *work)
{
    struct desk *desk = keeper->desk;
    struct wl_setup setup = *keeper->setup;

    setup.why = desk->why;
    setup.why_bytes = sizeof desk->why;
    desk->prepared = keeper->workload->prepare(&setup, work);
    child_end_copy();
    signal(SIGCHLD, SIG_DFL); /* where it is ignored, no sample has a status */
}

static void be_keeper(void *context)
{
    struct keeper *keeper = context;
    struct desk *desk = keeper->desk;
    const struct sample_numbers *numbers; /* they lie in the room */
    struct wl_work work = {0};

    close(keeper->fd);
    if (!interrupt_restart())
        return;
    prepare(keeper, &work);
    desk->stage = WAITS;
    if (!tell(keeper->their_fd) || desk->prepared != CF_OK)
        return;
    while (is_told(keeper->their_fd)) {
        desk->stage = MEASURES;
        desk->setup.work = &work;
        desk->report = sample_measure(keeper->room, &desk->setup, &numbers);
        desk->stage = WAITS;
        if (!tell(keeper->their_fd))
            return;
    }
    desk->stage = DISPOSES;
    if (keeper->workload->dispose != NULL)
        keeper->workload->dispose(&work);
}

/* --- outside --- */

/* Why there is no answer. Foreign code may have written over the desk. */
static void blame(struct keeper *keeper, enum child_end end)
{
    static const char *const doing[] = {[PREPARES] = "prepares",
                                        [WAITS] = "waits for a sample",
                                        [MEASURES] = "takes a sample",
                                        [DISPOSES] = "clears up"};
    unsigned stage = (unsigned)keeper->desk->stage;
    const char *what = stage <= DISPOSES ? doing[stage] : "is used";
    struct child_report last = {0};

    child_stop(keeper->pid, &last);
    keeper->pid = 0;
    if (end == CHILD_TOO_LONG)
        snprintf(keeper->fault, sizeof keeper->fault, "it hangs while it %s",
                 what);
    else if (end == CHILD_INTERRUPTED)
        snprintf(keeper->fault, sizeof keeper->fault, "interrupted");
    else if (WIFSIGNALED(last.status))
        snprintf(keeper->fault, sizeof keeper->fault,
                 "it crashes while it %s: signal %d (%s)", what,
                 WTERMSIG(last.status), strsignal(WTERMSIG(last.status)));
    else
        snprintf(keeper->fault, sizeof keeper->fault,
                 "it ends its process while it %s: code %d", what,
                 WEXITSTATUS(last.status));
}

/* The sample is not waited for, but what it started is ended first. */
static void pass_on_interrupt(const struct keeper *keeper)
{
    struct pollfd answer = {.fd = keeper->fd, .events = POLLIN};

    kill(keeper->pid, SIGTERM);
    kill(keeper->pid, SIGINT); /* two of the same might count as one */
    poll(&answer, 1, (int)(stop_ns / 1000000));
}

/* False: there is no answer, and `fault` says why. */
static bool await_answer(struct keeper *keeper, int64_t limit_ns)
{
    enum child_end end =
        child_await(keeper->fd, keeper->pid_fd, clock_deadline_ns(limit_ns));

    if (end == CHILD_INTERRUPTED && keeper->desk->stage == MEASURES) {
        pass_on_interrupt(keeper);
        end = CHILD_ENDED;
    }
    if (end == CHILD_ENDED && is_told(keeper->fd))
        return true;
    blame(keeper, end);
    return false;
}

static void destroy(struct keeper *keeper)
{
    struct child_report last;

    if (keeper->pid > 0)
        child_stop(keeper->pid, &last);
    if (keeper->fd >= 0)
        close(keeper->fd);
    if (keeper->their_fd >= 0)
        close(keeper->their_fd);
    if (keeper->pid_fd >= 0)
        close(keeper->pid_fd);
    child_unshare(keeper->desk, sizeof *keeper->desk);
    free(keeper);
}

static bool fork_keeper(struct keeper *keeper)
{
    int ends[2];

    keeper->desk = child_shared(sizeof *keeper->desk);
    if (keeper->desk == NULL ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    keeper->fd = ends[0];
    keeper->their_fd = ends[1];
    keeper->pid = child_start(be_keeper, keeper);
    if (keeper->pid > 0)
        keeper->pid_fd = (int)syscall(SYS_pidfd_open, keeper->pid, 0);
    close(keeper->their_fd);
    keeper->their_fd = -1;
    return keeper->pid_fd >= 0;
}

/* What prepare() said of its refusal, if it did. */
static void copy_why(const struct desk *desk, char *why, size_t why_bytes)
{
    char said[sizeof desk->why];

    memcpy(said, desk->why, sizeof said);
    said[sizeof said - 1] = '\0';
    snprintf(why, why_bytes, "%s",
             said[0] != '\0' ? said
                             : "it cannot prepare, and does not say why");
}

struct keeper *keeper_start(const struct wl_workload *workload,
                            const struct wl_setup *setup,
                            struct sample_room *room, int64_t limit_ns,
                            char *why, size_t why_bytes)
{
    struct keeper *keeper = malloc(sizeof *keeper);

    snprintf(why, why_bytes, "no process to prepare it in");
    if (keeper == NULL)
        return NULL;
    *keeper = (struct keeper){.workload = workload,
                              .setup = setup,
                              .room = room,
                              .pid_fd = -1,
                              .fd = -1,
                              .their_fd = -1};
    if (!fork_keeper(keeper))
        goto destroy_keeper;
    if (!await_answer(keeper, limit_ns)) {
        snprintf(why, why_bytes, "%s", keeper->fault);
        goto destroy_keeper;
    }
    if (keeper->desk->prepared == CF_OK)
        return keeper;
    copy_why(keeper->desk, why, why_bytes);
destroy_keeper:
    destroy(keeper);
    return NULL;
}

struct child_report keeper_measure(struct keeper *keeper,
                                   const struct sample_setup *setup,
                                   const struct sample_numbers **numbers)
{
    struct child_report report = {.end = CHILD_ENDED};
    struct desk *desk = keeper->desk;

    if (keeper->fault[0] == '\0') {
        desk->setup = *setup;
        desk->stage = MEASURES;
        if (tell(keeper->fd) &&
            await_answer(keeper, setup->limit_ns + answer_ns)) {
            *numbers = sample_numbers(keeper->room);
            return desk->report;
        }
    }
    *numbers = sample_refuse(keeper->room, keeper->fault);
    if (interrupt_count() >= 2)
        report.end = CHILD_INTERRUPTED;
    return report;
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    if (keeper->pid > 0) {
        shutdown(keeper->fd, SHUT_WR);
        child_await(keeper->pid_fd, -1, clock_deadline_ns(stop_ns));
    }
    destroy(keeper);
}
