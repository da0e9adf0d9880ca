/* SPDX-License-Identifier: MIT */
/*
 * The environment as facts. The checks are a closed list, each a question with
 * a threshold, a message that has the value, and advice that can be followed;
 * none of them stops a run.
 */
#include "environment.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ranks.h"
#include "system_file.h"

static bool add_check(struct facts *env, const char *id, const char *advice,
                      const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool add_check(struct facts *env, const char *id, const char *advice,
                      const char *format, ...)
{
    struct facts *check = facts_add_object(env, "checks");
    char message[256];
    va_list arguments;

    if (check == NULL)
        return false;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return facts_set_text(check, "id", id) &&
           facts_set_text(check, "level", "warn") &&
           facts_set_text(check, "message", message) &&
           facts_set_text(check, "advice", advice);
}

static bool check_cpu(const struct machine_cpu *cpu, struct facts *env)
{
    if (cpu->governor[0] != '\0' && strcmp(cpu->governor, "performance") != 0 &&
        !add_check(env, "governor",
                   "cpupower frequency-set -g performance, as root",
                   "the CPU governor is \"%s\": speed changes with load",
                   cpu->governor))
        return false;
    if (cpu->is_smt &&
        !add_check(env, "smt", "expect a bend at the core count",
                   "%zu hardware threads share %zu core%s", cpu->threads,
                   cpu->cores, cpu->cores == 1 ? "" : "s"))
        return false;
    if (cpu->usable.quota > 0 &&
        !add_check(env, "quota", "raise the quota, or measure up to it",
                   "a cgroup quota allows %.3g CPU%s: more are throttled",
                   cpu->usable.quota, cpu->usable.quota == 1 ? "" : "s"))
        return false;
    return cpu->usable.count >= 4 ||
           add_check(env, "few_cpus",
                     "measure computing work on a machine with more CPUs",
                     "only %zu usable CPU%s: scaling can be seen up to there",
                     cpu->usable.count, cpu->usable.count == 1 ? "" : "s");
}

static bool check_load(double load1, const struct machine_cpu *cpu,
                       struct facts *env)
{
    const double quiet = 0.1; /* of the CPUs may be in use by others */

    return !(load1 > quiet * (double)cpu->usable.count + 0.2) ||
           add_check(env, "load", "wait until the machine is quiet",
                     "load is %.2f before anything was started", load1);
}

/* hpet and acpi_pm need an access to a slow device for every read. */
static bool check_clock(const struct machine_clock *clock, struct facts *env)
{
    static const char *const fast[] = {"tsc", "kvm-clock", "arch_sys_counter",
                                       "hyperv_clocksource_tsc_page"};

    for (size_t i = 0; i < sizeof fast / sizeof *fast; i++)
        if (strcmp(clock->source, fast[i]) == 0)
            return true;
    return add_check(env, "clocksource",
                     "boot with clocksource=tsc if it works",
                     "the clock source \"%s\" costs %.0f ns a read",
                     clock->source, clock->read_cost_s * 1e9);
}

static const char *virtualization(void)
{
    char text[8192];

    if (access("/.dockerenv", F_OK) == 0 ||
        access("/run/.containerenv", F_OK) == 0)
        return "container";
    if (!system_file_read("/proc/cpuinfo", text, sizeof text) ||
        strstr(text, " hypervisor") == NULL)
        return "none";
    if (system_file_line("/sys/class/dmi/id/sys_vendor", text, sizeof text) &&
        strncmp(text, "VMware", 6) == 0)
        return "vmware";
    return "kvm";
}

static bool describe_system(struct facts *env)
{
    struct utsname name;
    char text[2048];
    char value[128];

    if (uname(&name) == 0 && (!facts_set_text(env, "host", name.nodename) ||
                              !facts_set_text(env, "kernel", name.release)))
        return false;
    if (!system_file_read("/etc/os-release", text, sizeof text) ||
        !system_file_value(text, "PRETTY_NAME", value, sizeof value))
        snprintf(value, sizeof value, "Linux");
    return facts_set_text(env, "os", value) &&
           facts_set_text(env, "virt", virtualization());
}

static bool describe_cpu(const struct machine_cpu *cpu, struct facts *env)
{
    return facts_set_text(env, "cpu.model", cpu->model) &&
           facts_set_number(env, "cpu.sockets", (double)cpu->sockets) &&
           facts_set_number(env, "cpu.cores", (double)cpu->cores) &&
           facts_set_number(env, "cpu.threads", (double)cpu->threads) &&
           facts_set_number(env, "cpu.usable", cpu->usable.usable) &&
           facts_set_text(env, "cpu.usable_why", cpu->usable.reason) &&
           (cpu->usable.quota <= 0 ||
            facts_set_number(env, "cpu.quota_cpus", cpu->usable.quota)) &&
           facts_set_bool(env, "cpu.smt", cpu->is_smt) &&
           facts_set_text(env, "cpu.governor",
                          cpu->governor[0] ? cpu->governor : "unknown");
}

static bool describe_rest(const struct machine_memory *memory,
                          const struct machine_clock *clock, double load1,
                          struct facts *env)
{
    return facts_set_number(env, "mem.total_bytes", memory->total_bytes) &&
           facts_set_number(env, "mem.available_bytes",
                            memory->available_bytes) &&
           facts_set_text(env, "clock.source", clock->source) &&
           facts_set_number(env, "clock.resolution_s", clock->resolution_s) &&
           facts_set_number(env, "clock.read_cost_s", clock->read_cost_s) &&
           facts_set_number(env, "load1", load1);
}

/* What changes how threads, allocators and OpenMP behave. */
static bool describe_variables(struct facts *env)
{
    static const char *const prefixes[] = {
        "LD_PRELOAD=", "OMP_", "GOMP_", "MALLOC_", "GLIBC_TUNABLES=",
    };

    for (char **variable = environ; *variable != NULL; variable++)
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
            if (strncmp(*variable, prefixes[i], strlen(prefixes[i])) == 0 &&
                !facts_add_text(env, "variables", *variable))
                return false;
    return true;
}

static double read_load1(void)
{
    char line[128];
    double load1;

    if (!system_file_line("/proc/loadavg", line, sizeof line) ||
        sscanf(line, "%lf", &load1) != 1)
        return NAN;
    return load1;
}

bool environment_describe(const struct machine_cpu *cpu, struct facts *env)
{
    double load1 = read_load1();
    struct machine_memory memory = machine_memory();
    struct machine_clock clock = machine_clock();

    return describe_system(env) && describe_cpu(cpu, env) &&
           ranks_describe(env) && describe_variables(env) &&
           describe_rest(&memory, &clock, load1, env) && check_cpu(cpu, env) &&
           check_load(load1, cpu, env) && check_clock(&clock, env);
}
