/* SPDX-License-Identifier: MIT */
/* A plugin whose list leads nowhere. */
#include <cfbench/workload.h>

CF_API const struct wl_workload *const wl_plugin[] = {(void *)8, NULL};
