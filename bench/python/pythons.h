/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PYTHONS_H
#define BENCH_PYTHONS_H

/*
 * The Python interpreters of a run, and the lanes that each of them has: its
 * own executors, "cpython-serial", "cpython-thread", "cpython-process" and
 * "cpython-interpreter". With several interpreters the version stands in the
 * lanes' names: "cpython3.14t-thread", where t says that its GIL is off.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "lane.h"
#include "workload.h"

struct pythons;

/*
 * Asks each interpreter (a path or a name along PATH) what it is; with a
 * `count` of 0, python3. NULL: one line has been said.
 */
struct pythons *pythons_open(const char *const *interpreters, size_t count);
void pythons_close(struct pythons *pythons); /* NULL is allowed */

/* Writes them down under env.python, and reads them back for a resumed run:
 * NULL where there are none (`*is_fine` true), or after one line was said. */
bool pythons_record(const struct pythons *pythons, struct facts *env);
struct pythons *pythons_resume(const struct facts *env, bool *is_fine);

size_t pythons_count(const struct pythons *pythons);

/* The lanes of one interpreter, for a list: name and what it is; NULL past the
 * last. */
const char *pythons_name_at(size_t i, const char **about);

/* Is it the name of a lane of one interpreter, as --backend takes it? */
bool pythons_is_lane(const char *name);

/* The i-th interpreter's lane of that name; NULL: there is no such name. */
const struct lane *pythons_lane(const struct pythons *pythons, size_t i,
                                const char *name);

/* The lane that a record calls `name`, or NULL. */
const struct lane *pythons_find(const struct pythons *pythons,
                                const char *name);

/* Why this lane cannot run that workload; NULL: it can. */
const char *pythons_why_not(const struct lane *lane,
                            const struct wl_workload *workload);

/* Are both lanes of one interpreter? NULL is no lane. */
bool pythons_are_one(const struct lane *a, const struct lane *b);

/* Does the lane run in a Python interpreter? */
bool pythons_is_python(const struct lane *lane);

/* What is to be run, in any of the lanes. */
struct python_work {
    const struct wl_workload *workload;
    const struct wl_value *values;
    uint64_t seed; /* of the inputs */
};

/* Seconds that one task takes there, without a worker; NAN: it cannot be run,
 * which its samples will say. */
double pythons_task_s(const struct lane *lane, const struct python_work *work);

#endif
