/* SPDX-License-Identifier: MIT */
/*
 * Work that computes cannot use more than twice the usable CPUs. Work that
 * waits is looked at up to four times what Goetz's rule says (Java Concurrency
 * in Practice, 8.2), which assumes that nothing else is short. Each further
 * bound is a resource that workers take: memory (of this machine and of every
 * cgroup above us), descriptors, processes, tasks to be done.
 */
#include "worker_limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cgroup.h"
#include "say.h"

enum { WORKERS_LOOKED_AT = 1024 };

static double smaller_known(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

static double memory_limit(double rss_bytes)
{
    double available = smaller_known(machine_memory().available_bytes,
                                     cgroup_memory_left(&cgroup_system));

    return isnan(available) || !(rss_bytes > 0)
               ? INFINITY
               : floor(0.8 * available / rss_bytes);
}

static double resource_limit(int resource, double each, double kept)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0 ||
        limit.rlim_cur == RLIM_INFINITY)
        return INFINITY;
    return floor(((double)limit.rlim_cur - kept) / each);
}

struct bound {
    double most;
    char text[120];
};

static int compare(const void *a, const void *b)
{
    double left = ((const struct bound *)a)->most;
    double right = ((const struct bound *)b)->most;

    return (left > right) - (left < right);
}

static bool put(struct bound *bounds, size_t count, struct limits *limits)
{
    qsort(bounds, count, sizeof *bounds, compare);
    limits->most = bounds[0].most >= 1 ? (size_t)bounds[0].most : 1;
    for (size_t i = 0; i < count; i++)
        if (isfinite(bounds[i].most) &&
            !record_add_text(&limits->texts, bounds[i].text))
            return false;
    return true;
}

static void say_cpus(const struct machine_cpu *cpu, char *text, size_t bytes)
{
    const struct cf_cpus *usable = &cpu->usable;

    if (strcmp(usable->reason, "cgroup") == 0)
        snprintf(text, bytes, "a cgroup quota of %.3g CPU%s", usable->quota,
                 usable->quota == 1 ? "" : "s");
    else if (strcmp(usable->reason, "affinity") == 0)
        snprintf(text, bytes, "an affinity mask of %zu of %zu CPUs",
                 usable->affinity, usable->online);
    else
        snprintf(text, bytes, "%zu usable CPU%s", usable->count,
                 usable->count == 1 ? "" : "s");
}

bool limits_find(const struct machine_cpu *cpu,
                 const struct limits_pilot *pilot, size_t tasks, size_t cap,
                 struct limits *limits)
{
    struct bound bounds[8];
    double ratio = pilot->wait_s / fmax(pilot->cpu_s, 1e-9);
    double usable = (double)cpu->usable.count;
    char cpus[80];
    size_t count = 0;

    *limits =
        (struct limits){.is_waiting = !pilot->is_computing && !(ratio < 0.1)};
    if (pilot->is_computing)
        ratio = 0;
    limits->goetz =
        (size_t)fmin(ceil(cpu->usable.usable * (1 + fmax(ratio, 0))), 65536);
    say_cpus(cpu, cpus, sizeof cpus);
    bounds[count].most = limits->is_waiting
                             ? fmin(4 * (double)limits->goetz, 65536)
                             : 2 * usable;
    snprintf(bounds[count].text, sizeof bounds->text,
             limits->is_waiting
                 ? "%s, and tasks that wait: up to %.0f workers"
                 : "%s, and tasks that compute: up to %.0f workers",
             cpus, bounds[count].most);
    bounds[++count].most = (double)tasks;
    snprintf(bounds[count].text, sizeof bounds->text,
             "%zu task%s in a sample (--tasks)", tasks, say_plural(tasks));
    bounds[++count].most = WORKERS_LOOKED_AT;
    snprintf(bounds[count].text, sizeof bounds->text,
             "%d workers are the most that are looked at", WORKERS_LOOKED_AT);
    bounds[++count].most = memory_limit(pilot->rss_bytes);
    snprintf(bounds[count].text, sizeof bounds->text,
             "memory for %.0f workers of %.0f MiB", bounds[count].most,
             pilot->rss_bytes / 1048576);
    bounds[++count].most = resource_limit(RLIMIT_NOFILE, 4, 64);
    snprintf(bounds[count].text, sizeof bounds->text,
             "descriptors for %.0f workers (ulimit -n)", bounds[count].most);
    bounds[++count].most = resource_limit(RLIMIT_NPROC, 2, 64);
    snprintf(bounds[count].text, sizeof bounds->text,
             "processes for %.0f workers (ulimit -u)", bounds[count].most);
    if (cap > 0) {
        bounds[++count].most = (double)cap;
        snprintf(bounds[count].text, sizeof bounds->text,
                 "--workers allows %zu", cap);
    }
    return put(bounds, count + 1, limits);
}

void limits_finish(struct limits *limits)
{
    for (size_t i = 0; i < limits->texts.count; i++)
        free(limits->texts.list[i]);
    free(limits->texts.list);
}
