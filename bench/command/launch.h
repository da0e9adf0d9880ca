/* SPDX-License-Identifier: MIT */
#ifndef BENCH_LAUNCH_H
#define BENCH_LAUNCH_H

/*
 * A command, run to its end: without a shell, in a session and process group of
 * its own, with the descriptors 0 to 2 alone (0 is /dev/null), default signals
 * and no terminal. What it leaves in its group ends with it. May be called
 * from several threads at once.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct launch_request {
    const char *program; /* a path */
    char *const *argv;
    char *const *environment;
    const char *input;  /* what it reads; NULL: /dev/null              */
    int64_t timeout_ns; /* then the group is killed; 0: never          */
    char *output;       /* room for what it prints; NULL: thrown away  */
    size_t output_room; /* what is printed beyond it is thrown away    */
    bool only_stdout;   /* what it prints to stderr is thrown away     */
};

struct launch_end {
    int error;  /* errno of what kept it from being started; 0: it was  */
    int status; /* as waitpid() gives it; 0: exited with 0              */
    bool is_timed_out;
    size_t output_bytes;
    int lost; /* errno of what kept its output from being kept; 0: none did */
};

struct launch_end launch_run(const struct launch_request *request);

/* Says how a command ended, other than well: "exit code 3", "killed: ...". */
char *launch_describe(const struct launch_end *end, char *text,
                      size_t text_bytes);

/*
 * An environment: the words of the form NAME=VALUE, then what of our own they
 * do not replace. NULL without memory; free() the one block. The texts are
 * not copied.
 */
char **launch_environment(char *const *assignments, size_t count);

/* How many of the leading words are of the form NAME=VALUE. */
size_t launch_assignments(char *const *words, size_t count);

#endif
