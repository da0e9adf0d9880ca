/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_PARAMETERS_H
#define CFBENCH_PARAMETERS_H

#include <stddef.h>

#include <cf/status.h>

#include "workload.h"

/* How many parameters the workload has. */
size_t wl_parameter_count(const struct wl_workload *workload);

/*
 * Fills `values` (wl_parameter_count() of them, in the order of the table)
 * with the standard values, and then with those of `count` texts of the form
 * "name=value"; the last one of a name counts. The values point into `texts`
 * and the table. CF_OK; or CF_INVALID with one line in `why`: no such
 * parameter (with the nearest right one), not a number, outside its limits.
 * The line does not name the workload.
 */
CF_MUST_CHECK
enum cf_status wl_parameters_parse(const struct wl_workload *workload,
                                   const char *const *texts, size_t count,
                                   struct wl_value *values, char *why,
                                   size_t why_bytes);

#endif
