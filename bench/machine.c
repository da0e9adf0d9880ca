/* SPDX-License-Identifier: MIT */
/*
 * What the processors are comes from hwloc, which knows more kinds of machines
 * than we shall ever meet; how many of them we may use from libcf, which is
 * what the executors go by.
 */
#include "machine.h"

#include <hwloc.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "clock.h"
#include "system_file.h"

static size_t count_of(hwloc_topology_t topology, hwloc_obj_type_t type)
{
    int count = hwloc_get_nbobjs_by_type(topology, type);

    return count > 0 ? (size_t)count : 0;
}

/* The whole machine, not only what this process may use of it. */
static void read_topology(struct machine_cpu *cpu)
{
    hwloc_topology_t topology;

    if (hwloc_topology_init(&topology) != 0)
        return;
    hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    if (hwloc_topology_load(topology) == 0) {
        cpu->sockets = count_of(topology, HWLOC_OBJ_PACKAGE);
        cpu->cores = count_of(topology, HWLOC_OBJ_CORE);
        cpu->threads = count_of(topology, HWLOC_OBJ_PU);
    }
    hwloc_topology_destroy(topology);
}

static void read_model(char *model, size_t model_bytes)
{
    char text[4096];

    if (!system_file_read("/proc/cpuinfo", text, sizeof text) ||
        (!system_file_value(text, "model name", model, model_bytes) &&
         !system_file_value(text, "Model", model, model_bytes)))
        snprintf(model, model_bytes, "unknown");
}

struct machine_cpu machine_cpu(void)
{
    struct machine_cpu cpu = {.usable = cf_usable_cpus()};

    read_topology(&cpu);
    if (cpu.threads == 0)
        cpu.threads = cpu.usable.online;
    if (cpu.cores == 0)
        cpu.cores = cpu.threads;
    if (cpu.sockets == 0)
        cpu.sockets = 1;
    cpu.is_smt = cpu.threads > cpu.cores;
    read_model(cpu.model, sizeof cpu.model);
    if (!system_file_line("/sys/devices/system/cpu/cpu0/cpufreq/"
                          "scaling_governor",
                          cpu.governor, sizeof cpu.governor))
        cpu.governor[0] = '\0';
    return cpu;
}

struct machine_memory machine_memory(void)
{
    struct machine_memory memory = {NAN, NAN};
    char text[4096];

    if (!system_file_read("/proc/meminfo", text, sizeof text))
        return memory;
    memory.total_bytes = system_file_number(text, "MemTotal", NAN) * 1024;
    memory.available_bytes =
        system_file_number(text, "MemAvailable", NAN) * 1024;
    return memory;
}

/* The mean over a batch has what a read costs; the smallest of some batches
 * has it without what came in between. */
static double read_cost_s(void)
{
    enum { BATCHES = 5, READS = 2000 };
    int64_t least_ns = INT64_MAX;

    for (int batch = 0; batch < BATCHES; batch++) {
        int64_t start_ns = clock_now_ns();
        int64_t last_ns = start_ns;

        for (int i = 0; i < READS; i++)
            last_ns = clock_now_ns();
        if (last_ns - start_ns < least_ns)
            least_ns = last_ns - start_ns;
    }
    return clock_seconds(least_ns) / READS;
}

struct machine_clock machine_clock(void)
{
    struct machine_clock clock = {.source = "unknown"};
    struct timespec resolution;

    system_file_line("/sys/devices/system/clocksource/clocksource0/"
                     "current_clocksource",
                     clock.source, sizeof clock.source);
    clock.resolution_s =
        clock_getres(CLOCK_MONOTONIC, &resolution) == 0
            ? (double)resolution.tv_sec + (double)resolution.tv_nsec * 1e-9
            : NAN;
    clock.read_cost_s = read_cost_s();
    return clock;
}
