/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_PLUGIN_H
#define CFBENCH_PLUGIN_H

/*
 * A user's own workload, from a shared object: "./libmine.so:parse", or
 * "./libmine.so" where it has one workload. See workload.h for what it exports.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload.h"

/* Does `text` name a plugin? It does if it has a '/'. */
bool wl_plugin_is_name(const char *text);

/*
 * Loads it: first in a child process, then, if it did nothing wrong there, in
 * this one, where it stays for good. Before any function of it is called, its
 * tables have been seen to be of this ABI and sane. The caller has one thread.
 * CF_OK; CF_INVALID or CF_SYSTEM with one line in `why`, which does not repeat
 * `text`.
 */
CF_MUST_CHECK
enum cf_status wl_plugin_load(const char *text,
                              const struct wl_workload **workload, char *why,
                              size_t why_bytes);

/*
 * Prepares one task, runs it and verifies its output, all in a child process
 * that has `limit_ns` for it: whether a workload of unknown quality can be
 * measured at all. `values` are those of wl_parameters_parse(). The caller has
 * one thread. CF_OK; CF_INVALID or CF_SYSTEM with one line in `why`.
 */
CF_MUST_CHECK
enum cf_status wl_plugin_try(const struct wl_workload *workload,
                             const struct wl_value *values, int64_t limit_ns,
                             char *why, size_t why_bytes);

/*
 * Asks the workload's tasks_for(), which it has, in a child process. CF_OK with
 * an answer from 1 to `tasks`; else one line in `why`, and `*wanted` as it was.
 */
CF_MUST_CHECK
enum cf_status wl_plugin_tasks_for(const struct wl_workload *workload,
                                   const struct wl_value *values, size_t tasks,
                                   size_t workers, size_t *wanted, char *why,
                                   size_t why_bytes);

#endif
