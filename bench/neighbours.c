/* SPDX-License-Identifier: MIT */
/*
 * What was busy, less what we took ourselves, was others. /proc/stat counts per
 * CPU in clock ticks of 10 ms, so that up to one tick a CPU is not believed.
 * Our own part is that of this process, of all that it has reaped (a sample's
 * process with its workers), and of children that still run (a server that a
 * workload has started).
 */
#include "neighbours.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "system_file.h"

static double ticks_per_s(void)
{
    return (double)sysconf(_SC_CLK_TCK);
}

/* Adds a line "cpu3 user nice system idle iowait irq softirq ...". */
static void add_line(const char *line, const cpu_set_t *usable,
                     struct neighbours *to)
{
    double user, nice, system, idle, iowait, irq, softirq;
    unsigned cpu;

    if (sscanf(line, "cpu%u %lf %lf %lf %lf %lf %lf %lf", &cpu, &user, &nice,
               &system, &idle, &iowait, &irq, &softirq) != 8 ||
        cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, usable))
        return;
    to->busy_s += (user + nice + system + irq + softirq) / ticks_per_s();
    to->idle_s += (idle + iowait) / ticks_per_s();
    to->cpus++;
}

static void read_cpus(struct neighbours *to)
{
    FILE *file = fopen("/proc/stat", "re");
    cpu_set_t usable;
    char line[512];

    if (file == NULL)
        return;
    if (sched_getaffinity(0, sizeof usable, &usable) == 0)
        while (fgets(line, sizeof line, file) != NULL &&
               strncmp(line, "cpu", 3) == 0)
            if (line[3] != ' ') /* the sum of all CPUs */
                add_line(line, &usable, to);
    fclose(file);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static double usage_s(int who)
{
    struct rusage usage;

    getrusage((__rusage_who_t)who, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/* What a running process and its reaped children have taken: the 14th to the
 * 17th field of its stat, behind a name that may hold anything. */
static double process_s(long pid)
{
    char path[64], text[1024];
    double user, system, child_user, child_system;
    const char *rest;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (!system_file_read(path, text, sizeof text) ||
        (rest = strrchr(text, ')')) == NULL ||
        sscanf(rest + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lf %lf "
               "%lf %lf",
               &user, &system, &child_user, &child_system) != 4)
        return 0;
    return (user + system + child_user + child_system) / ticks_per_s();
}

static double running_children_s(void)
{
    char path[64], text[4096];
    char *rest = text, *end;
    double sum_s = 0;
    long pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (!system_file_read(path, text, sizeof text))
        return 0;
    while ((pid = strtol(rest, &end, 10)) > 0 && end != rest) {
        sum_s += process_s(pid);
        rest = end;
    }
    return sum_s;
}

struct neighbours neighbours_read(void)
{
    struct neighbours now = {0};

    read_cpus(&now);
    now.own_s =
        usage_s(RUSAGE_SELF) + usage_s(RUSAGE_CHILDREN) + running_children_s();
    return now;
}

double neighbours_foreign_s(const struct neighbours *before,
                            const struct neighbours *after)
{
    const double hardly_any = 0.1;
    double busy_s = after->busy_s - before->busy_s;
    double idle_s = after->idle_s - before->idle_s;
    double unsure_s = after->cpus / ticks_per_s();

    if (!(after->cpus > 0))
        return NAN;
    if (idle_s > hardly_any * (busy_s + idle_s) + unsure_s)
        return 0;
    return fmax(0, busy_s - (after->own_s - before->own_s) - unsure_s);
}
