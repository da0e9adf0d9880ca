/* SPDX-License-Identifier: MIT */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

/*
 * A command as a workload. Everything about it stands in its parameters, as
 * text, so that a record has it and a resumed run can go on with it; a task's
 * item is all that one call of the command needs, so that any worker can make
 * it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload.h"

/* "cmd:xz": the name of such a workload. */
#define COMMAND_PREFIX "cmd:"

/* Its parameters, in the order of its table. */
enum command_parameter {
    COMMAND_WORDS,    /* NAME=VALUE words and the command, quoted (quote.h) */
    COMMAND_PROGRAM,  /* the path of what is run                            */
    COMMAND_SHELL,    /* 1: the words are one line for /bin/sh              */
    COMMAND_INPUTS,   /* what goes into {}, quoted                          */
    COMMAND_TIMEOUT,  /* of a task, in seconds; 0: none                     */
    COMMAND_ANY_EXIT, /* 1: an exit code other than 0 is no failure         */
    COMMAND_KEEP,     /* the folder where output is kept, or ""             */
    COMMAND_SETUP,    /* shell lines, or ""                                 */
    COMMAND_PREPARE,
    COMMAND_CONCLUDE,
    COMMAND_CLEANUP,
    COMMAND_REGEX, /* what finds the work done in the output, or ""      */
    COMMAND_PARAMETERS
};

bool command_is(const char *name);

/* The table of the command called `name`; free() it. NULL without memory. */
struct wl_workload *command_create(const char *name);

/* One call, read back from an item. The texts point into it. */
struct command_call {
    uint64_t number;
    int64_t timeout_ns;
    bool any_exit;
    const char *program;
    const char *keep; /* the file for its output, or "" */
    char **words;     /* assignments, then argv; ended by a NULL */
    size_t assignment_count;
    size_t word_count;
};

/* What finds the work done in its output, or "". */
const char *command_regex(const struct wl_work *work);

/* False without memory. command_close() in any case. */
bool command_open(const void *item, struct command_call *call);
void command_close(struct command_call *call);

/*
 * What the future of a command's task says about its end: as waitpid() does,
 * or below 0 minus the errno of what kept it from being started. The code of a
 * task that has failed is that number; the result of another is, too.
 */
struct cf_future;
int command_status(struct cf_future *future);

#endif
