/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

/*
 * A forked child of this single-threaded program that does one thing and ends:
 * what it allocates, starts, breaks or crashes is gone with it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What the child runs. What it found goes into memory shared with the parent
 * (child_shared()). */
typedef void child_function(void *context);

enum child_end {
    CHILD_ENDED,       /* the function returned                            */
    CHILD_DIED,        /* a signal, or an exit of its own                  */
    CHILD_TOO_LONG,    /* ended by us: the time limit                      */
    CHILD_INTERRUPTED, /* ended by us: the user did not want to wait       */
    CHILD_NOT_STARTED, /* errno says why                                   */
};

struct child_report {
    enum child_end end;
    int status;          /* of wait4(); CHILD_DIED                         */
    struct rusage usage; /* of the child and all that it reaped            */
};

/*
 * Runs `function` in a child, in a process group of its own, for at most
 * `limit_ns`; a second interrupt ends it early. When this returns, the child
 * and the workers in its group are gone. They go with this process as well,
 * however it ends.
 */
struct child_report child_run(child_function *function, void *context,
                              int64_t limit_ns);

/*
 * The same in three steps, for a child that is talked to. child_start() returns
 * its number, or -1. child_await() waits until `fd` is readable (CHILD_ENDED),
 * the child behind `pid_fd` is gone (CHILD_DIED), the deadline has passed or a
 * second interrupt came. child_stop() ends the child and its group and fills in
 * all of the report but `end`.
 */
pid_t child_start(child_function *function, void *context);
enum child_end child_await(int fd, int pid_fd, int64_t deadline_ns);
void child_stop(pid_t pid, struct child_report *report);

/*
 * For after a call of foreign code in such a child: it may have forked, and the
 * process that it forked have come back as well. That one ends here, before it
 * writes where the child does.
 */
void child_end_copy(void);

/* Zeroed memory that parent and child both see. NULL without memory. */
void *child_shared(size_t bytes);
void child_unshare(void *memory, size_t bytes);

#endif
