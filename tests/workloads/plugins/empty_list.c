/* SPDX-License-Identifier: MIT */
/* A plugin without any workload. */
#include <cfbench/workload.h>

CF_API const struct wl_workload *const wl_plugin[] = {NULL};
