/* SPDX-License-Identifier: MIT */
/* The only place that tells one kind of workload from another. */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "plugin.h"
#include "python_work.h"
#include "say.h"
#include "workloads.h"

static const int64_t trial_limit_ns = INT64_C(60000000000);

static const struct wl_workload *refuse(const char *name)
{
    const char *near = wl_find_nearest(name);

    if (near != NULL)
        say_trouble("%.60s: no such workload; did you mean %s?", name, near);
    else
        say_trouble("%.60s: no such workload (cfbench list shows them)", name);
    return NULL;
}

/* A copy of the plugin's table, called as the user called it: that name finds
 * it again where a run is resumed. */
static const struct wl_workload *open_plugin(const char *name)
{
    size_t name_bytes = strlen(name) + 1;
    struct wl_workload *copy = malloc(sizeof *copy + name_bytes);
    const struct wl_workload *table;
    char why[256];

    if (copy == NULL) {
        say_trouble("run: no memory");
        return NULL;
    }
    if (wl_plugin_load(name, &table, why, sizeof why) != CF_OK) {
        say_trouble("%.100s: %s", name, why);
        free(copy);
        return NULL;
    }
    memset(copy, 0, sizeof *copy);
    memcpy(copy, table,
           table->table_bytes < sizeof *copy ? table->table_bytes
                                             : sizeof *copy);
    copy->name = memcpy(copy + 1, name, name_bytes);
    return copy;
}

const struct wl_workload *source_open(const char *name, bool *is_owned)
{
    const struct wl_workload *workload;

    *is_owned = true;
    if (command_is(name)) {
        workload = command_create(name);
    } else if (python_work_is(name)) {
        workload = python_work_create(name);
    } else if (wl_plugin_is_name(name)) {
        return open_plugin(name);
    } else {
        *is_owned = false;
        workload = wl_find(name);
        return workload != NULL ? workload : refuse(name);
    }
    if (workload == NULL)
        say_trouble("run: no memory");
    return workload;
}

bool source_try(const struct wl_workload *workload,
                const struct wl_value *values)
{
    char why[256];

    if (command_is(workload->name) || python_work_is(workload->name) ||
        !wl_plugin_is_name(workload->name) ||
        wl_plugin_try(workload, values, trial_limit_ns, why, sizeof why) ==
            CF_OK)
        return true;
    say_trouble("%.100s: %s", workload->name, why);
    return false;
}
