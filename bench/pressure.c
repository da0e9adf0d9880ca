/* SPDX-License-Identifier: MIT */
/*
 * Heat and frequency stand in files of each CPU where the machine is not a
 * virtual one, steal in /proc/stat, in clock ticks, throttling in the cgroups'
 * own files (cgroup.h), waiting for disks there, too, or in that of the system.
 */
#include "pressure.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgroup.h"
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
                           .throttled_s = cgroup_throttled_s(&cgroup_system),
                           .io_stalled_s = cgroup_io_stalled_s(&cgroup_system),
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
    now.io_stalled_s -= before->io_stalled_s;
    now.thermal_events -= before->thermal_events;
    now.foreign_s = neighbours_foreign_s(&before->neighbours, &now.neighbours);
    return now;
}
