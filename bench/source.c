/* SPDX-License-Identifier: MIT */
/* The only place that tells one kind of workload from another. */
#include "source.h"

#include "command.h"
#include "say.h"
#include "workloads.h"

static const struct wl_workload *refuse(const char *name)
{
    const char *near = wl_find_nearest(name);

    if (near != NULL)
        say_trouble("%.60s: no such workload; did you mean %s?", name, near);
    else
        say_trouble("%.60s: no such workload (cfbench list shows them)", name);
    return NULL;
}

const struct wl_workload *source_open(const char *name, bool *is_owned)
{
    const struct wl_workload *workload;

    *is_owned = command_is(name);
    workload = *is_owned ? command_create(name) : wl_find(name);
    if (workload == NULL && *is_owned)
        say_trouble("run: no memory");
    return workload != NULL || *is_owned ? workload : refuse(name);
}
