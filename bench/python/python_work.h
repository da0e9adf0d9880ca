/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PYTHON_WORK_H
#define BENCH_PYTHON_WORK_H

/* "py:module:function": somebody's own Python callable as a workload. No worker
 * of ours can run it: only the lanes of an interpreter (pythons.h). */
#include <stdbool.h>

#include <cjson/cJSON.h>

#include "workload.h"

#define PYTHON_PREFIX "py:"

/* Its parameters, in the order of its table. */
enum python_parameter { PYTHON_ARGUMENTS, PYTHON_PARAMETERS };

bool python_work_is(const char *name);

/* The table of the callable; free() it. NULL without memory. */
struct wl_workload *python_work_create(const char *name);

/*
 * The value of its parameter from what was typed: each text is one list of
 * arguments, and so is each line of the file (NULL: none). NULL: one line has
 * been said. free() it.
 */
char *python_work_arguments(const char *const *lists, size_t count,
                            const char *file);

/* Adds to a "prepare" request what is to be called. */
void python_work_describe(const struct wl_workload *workload,
                          const struct wl_value *values, cJSON *request);

#endif
