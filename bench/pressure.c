/* SPDX-License-Identifier: MIT */
/*
 * Heat and frequency stand in files of each CPU where the machine is not a
 * virtual one. Steal stands in /proc/stat, in clock ticks. Throttling stands in the cpu.stat
 * of each cgroup from ours up to the root, in microseconds (version 2) or
 * nanoseconds (version 1); a quota at any level holds us back, so the levels
 * are added up.
 */
#include "pressure.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system_file.h"

static double read_steal_s(void)
{
    char text[512];
    double user, nice, system, idle, iowait, irq, softirq, steal;
    long ticks_per_s = sysconf(_SC_CLK_TCK);

    if (ticks_per_s <= 0 || !system_file_read("/proc/stat", text, sizeof text))
        return NAN;
    if (sscanf(text, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice,
               &system, &idle, &iowait, &irq, &softirq, &steal) != 8)
        return NAN;
    return steal / (double)ticks_per_s;
}

/* Throttled time of one cgroup; NAN where its file does not say. */
static double read_level_s(const char *folder)
{
    char path[1200];
    char text[2048];
    double us;

    snprintf(path, sizeof path, "%s/cpu.stat", folder);
    if (!system_file_read(path, text, sizeof text))
        return NAN;
    us = system_file_number(text, "throttled_usec", NAN);
    if (!isnan(us))
        return us * 1e-6;
    return system_file_number(text, "throttled_time", NAN) * 1e-9;
}

/* The sum over the cgroup at `path` below `root` and all above it. */
static double read_levels_s(const char *root, const char *path)
{
    char folder[1100];
    size_t root_length = strlen(root);
    double sum_s = NAN;

    snprintf(folder, sizeof folder, "%s%s", root, path);
    for (;;) {
        double level_s = read_level_s(folder);
        char *slash = strrchr(folder, '/');

        if (!isnan(level_s))
            sum_s = isnan(sum_s) ? level_s : sum_s + level_s;
        if (slash == NULL || (size_t)(slash - folder) < root_length)
            return sum_s;
        *slash = '\0';
    }
}

/* Is "cpu" among the comma list of controllers that ends at the colon? */
static bool has_cpu(const char *controllers)
{
    while (*controllers != ':' && *controllers != '\0') {
        size_t length = strcspn(controllers, ",:");

        if (length == 3 && memcmp(controllers, "cpu", 3) == 0)
            return true;
        controllers += length + (controllers[length] == ',');
    }
    return false;
}

static double read_throttled_s(void)
{
    char text[4096];
    char *rest = text;
    char *line;
    double found_s = NAN;

    if (!system_file_read("/proc/self/cgroup", text, sizeof text))
        return NAN;
    while ((line = strsep(&rest, "\n")) != NULL) {
        /* "4:cpu,cpuacct:/path" or, version 2, "0::/path" */
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (path == NULL)
            continue;
        path[1 + strcspn(path + 1, "\n")] = '\0';
        if (has_cpu(controllers + 1))
            return read_levels_s("/sys/fs/cgroup/cpu", path + 1);
        if (controllers[1] == ':')
            found_s = read_levels_s("/sys/fs/cgroup", path + 1);
    }
    return found_s;
}

/* A number that the system gives for each CPU, over those that we may use: NAN
 * where it does not (most virtual machines). Stops at the first that lacks it. */
static double read_per_cpu(const char *file, double *cpus)
{
    char path[128], line[64];
    double sum = 0;
    cpu_set_t usable;

    *cpus = 0;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0)
        return NAN;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET((size_t)cpu, &usable))
            continue;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/%s", cpu,
                 file);
        if (!system_file_line(path, line, sizeof line))
            return NAN;
        sum += strtod(line, NULL);
        ++*cpus;
    }
    return sum;
}

struct pressure pressure_read(void)
{
    double cpus;
    struct pressure now = {.steal_s = read_steal_s(),
                           .throttled_s = read_throttled_s(),
                           .foreign_s = NAN,
                           .neighbours = neighbours_read()};

    now.thermal_events =
        read_per_cpu("thermal_throttle/core_throttle_count", &cpus);
    now.frequency_hz =
        1e3 * read_per_cpu("cpufreq/scaling_cur_freq", &cpus) / cpus;
    return now;
}

struct pressure pressure_since(const struct pressure *before)
{
    struct pressure now = pressure_read();

    now.steal_s -= before->steal_s;
    now.throttled_s -= before->throttled_s;
    now.thermal_events -= before->thermal_events;
    now.foreign_s = neighbours_foreign_s(&before->neighbours, &now.neighbours);
    return now;
}
