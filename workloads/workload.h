/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_WORKLOAD_H
#define CFBENCH_WORKLOAD_H

/*
 * What a workload is: the interface of the built-in ones and of a user's
 * plugin alike. A workload makes its tasks' input, is run by somebody else, and
 * verifies the output; it never reads a clock to judge itself, never prints,
 * and does not know the backend. Its tasks take bytes and give bytes, so that
 * they can run in any thread, process or rank.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/status.h>
#include <cf/task.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WL_ABI 1

/* What limits it: the cores, waiting for something else, both, or the memory.
 * Chooses default worker counts and task numbers. */
enum wl_class { WL_CPU, WL_IO, WL_MIXED, WL_MEMORY };

enum wl_kind {
    WL_INTEGER, /* whole, minimum <= value <= maximum, both below 2^53 */
    WL_REAL,    /* finite, minimum <= value <= maximum                 */
    WL_TEXT,    /* any text; the limits are unused                     */
};

/* One parameter, `-p name=value`. A table of them ends with a NULL name. */
struct wl_parameter {
    const char *name;     /* carries its unit where the unit is not plain: ms */
    const char *about;    /* one line                                         */
    const char *standard; /* the value without -p, as text                    */
    enum wl_kind kind;
    double minimum;
    double maximum;
};

/* A parameter's value, already checked against kind and limits. */
struct wl_value {
    const char *text; /* as given or standard                       */
    double number;    /* the same as a number; 0 for WL_TEXT        */
};

/* What prepare() is told. */
struct wl_setup {
    size_t tasks;                  /* how many, at least 1                  */
    uint64_t seed;                 /* for anything random                   */
    const struct wl_value *values; /* in the order of the parameter table   */
    char *why;                     /* room for one line on failure          */
    size_t why_bytes;
};

/* What prepare() makes. */
struct wl_work {
    const void *items; /* the arguments: `tasks` times `item_bytes` bytes   */
    size_t item_bytes;
    void *data; /* the workload's own, for verify() and dispose()    */
};

/* What begin() is told: the sample that is about to be taken. */
struct wl_start {
    size_t workers; /* of its executor                                      */
    size_t tasks;   /* how many of the items will be run                    */
    uint64_t seed;  /* its own: no two samples of a run have the same       */
};

/*
 * One workload: one constant table, the last thing in its file. The members
 * may grow at the end; `table_bytes` says how far this one goes.
 */
struct wl_workload {
    unsigned abi;       /* WL_ABI                                            */
    size_t table_bytes; /* sizeof(struct wl_workload)                        */
    const char *name;
    const char *about; /* one line: what a task does                         */
    const char *limit; /* one line: what limits it, what it shows            */
    enum wl_class klass;
    const struct wl_parameter *parameters; /* NULL: none                     */

    /* What each worker runs, once per item. */
    cf_function *task;

    /*
     * Makes input and what is needed to verify, once per run, in a process
     * with one thread; every sample runs in a fork of it. May start a server,
     * in a process of its own, which must end with this one. CF_OK, or a
     * status with one line in `why`.
     */
    enum cf_status (*prepare)(const struct wl_setup *setup,
                              struct wl_work *work);

    /* Is this the right output for the i-th item? */
    bool (*verify)(const struct wl_work *work, size_t i, const void *output,
                   size_t output_bytes);

    /* Frees what prepare() made and ends what it started. May be NULL. */
    void (*dispose)(struct wl_work *work);

    /* --- optional, and absent from older tables: ask wl_has() --- */

    /*
     * How many of the `tasks` items a case with so many workers runs: from 1 to
     * `tasks`. NULL: all of them.
     */
    size_t (*tasks_for)(const struct wl_value *values, size_t tasks,
                        size_t workers);

    /*
     * Called in the sample's own process before its executor is made; what it
     * changes in `work` is that sample's alone. NULL: nothing to do.
     */
    void (*begin)(struct wl_work *work, const struct wl_start *start);
};

/*
 * What a plugin exports, and nothing else of it is looked up: the addresses of
 * its workloads' tables, ending with NULL.
 *
 *     const struct wl_workload *const wl_plugin[] = {&parse, NULL};
 *
 * It is data, so that `abi` and `table_bytes` are checked before any of its
 * functions is called. A plugin is not linked with libcf: cfbench brings it.
 */
CF_API extern const struct wl_workload *const wl_plugin[];

/* Does this table go as far as `member`, and is it set? */
#define wl_has(workload, member)                                               \
    ((workload)->table_bytes >=                                                \
         offsetof(struct wl_workload, member) + sizeof((workload)->member) &&  \
     (workload)->member != NULL)

#ifdef __cplusplus
}
#endif
#endif
