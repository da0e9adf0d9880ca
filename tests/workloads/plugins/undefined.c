/* SPDX-License-Identifier: MIT */
/* A plugin that needs a function which nobody has. */
#include <cfbench/workload.h>

extern cf_function nobody_has_this;

static const struct wl_workload workload = {.task = nobody_has_this};

CF_API const struct wl_workload *const wl_plugin[] = {&workload, NULL};
