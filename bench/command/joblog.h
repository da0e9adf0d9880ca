/* SPDX-License-Identifier: MIT */
#ifndef BENCH_JOBLOG_H
#define BENCH_JOBLOG_H

/*
 * A line for each command that has been run: start (seconds since 1970),
 * runtime in seconds, exit code, signal, backend, workers, task, command;
 * separated by tabs, the first line names them.
 */
#include <stdbool.h>

#include "sample.h"

struct joblog;

/* Starts the file anew, or with `is_more` goes on after the last whole line of a
 * joblog that is there; a file that is no joblog is replaced only with `force`.
 * NULL: one line has been said. */
struct joblog *joblog_open(const char *path, bool is_more, bool force);

/* False: not everything could be written, which has been said. NULL is fine */
bool joblog_close(struct joblog *joblog);

/* Writes the lines of a batch's tasks; `observer` is the joblog. What is no
 * command is left out. */
sample_observer joblog_observe;

#endif
