/* SPDX-License-Identifier: MIT */
/* The only place that tells one kind of workload from another. */
#include "source.h"

#include <stdio.h>
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
struct plugin {
    struct wl_workload table; /* first: freed by its address */
    char fault[256];          /* "": none                    */
    char name[];
};

/* Takes its place where the plugin's own must not be called. */
static enum cf_status prepare_nothing(const struct wl_setup *setup,
                                      struct wl_work *work)
{
    (void)setup;
    (void)work;
    return CF_BROKEN;
}

/* What is left of a plugin that went wrong: a name, and why. */
static void give_up(struct plugin *plugin)
{
    plugin->table = (struct wl_workload){
        .abi = WL_ABI,
        .table_bytes = sizeof plugin->table,
        .name = plugin->name,
        .about = "a plugin that cannot be measured",
        .limit = "nothing that is known",
        .parameters = plugin->table.parameters,
        .prepare = prepare_nothing,
    };
}

static void blame(struct plugin *plugin)
{
    say_trouble("%.100s: %s", plugin->name, plugin->fault);
    give_up(plugin);
}

static const struct wl_workload *open_plugin(const char *name)
{
    size_t name_bytes = strlen(name) + 1;
    struct plugin *plugin = calloc(1, sizeof *plugin + name_bytes);
    const struct wl_workload *table;

    if (plugin == NULL) {
        say_trouble("run: no memory");
        return NULL;
    }
    memcpy(plugin->name, name, name_bytes);
    if (wl_plugin_load(name, &table, plugin->fault, sizeof plugin->fault) !=
        CF_OK) {
        blame(plugin);
        return &plugin->table;
    }
    memcpy(&plugin->table, table,
           table->table_bytes < sizeof *table ? table->table_bytes
                                              : sizeof *table);
    plugin->table.name = plugin->name;
    return &plugin->table;
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

bool source_is_foreign(const struct wl_workload *workload)
{
    return !command_is(workload->name) && !python_work_is(workload->name) &&
           wl_plugin_is_name(workload->name);
}

void source_try(const struct wl_workload *workload,
                const struct wl_value *values)
{
    struct plugin *plugin = (struct plugin *)workload; /* ours, from the heap */

    if (source_is_foreign(workload) && source_fault(workload) == NULL &&
        wl_plugin_try(workload, values, trial_limit_ns, plugin->fault,
                      sizeof plugin->fault) != CF_OK)
        blame(plugin);
}

size_t source_tasks_for(const struct wl_workload *workload,
                        const struct wl_value *values, size_t tasks,
                        size_t workers)
{
    struct plugin *plugin = (struct plugin *)workload;
    size_t wanted = tasks;

    if (!wl_has(workload, tasks_for))
        return tasks;
    if (!source_is_foreign(workload))
        return workload->tasks_for(values, tasks, workers);
    if (wl_plugin_tasks_for(workload, values, tasks, workers, &wanted,
                            plugin->fault, sizeof plugin->fault) != CF_OK)
        blame(plugin);
    return wanted;
}

void source_blame(const struct wl_workload *workload, const char *why)
{
    struct plugin *plugin = (struct plugin *)workload;

    snprintf(plugin->fault, sizeof plugin->fault, "%s", why);
    give_up(plugin);
}

const char *source_fault(const struct wl_workload *workload)
{
    return workload->prepare == prepare_nothing
               ? ((const struct plugin *)workload)->fault
               : NULL;
}
