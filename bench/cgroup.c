/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/cgroup has a line "4:cpu,cpuacct:/path" for each hierarchy of
 * version 1, mounted in a folder of the controller's name, and "0::/path" for
 * version 2, mounted at the top. Names and units of the files differ.
 */
#include "cgroup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system_file.h"

const struct cgroup_places cgroup_system = {
    "/proc/self/cgroup", "/sys/fs/cgroup", "/proc/pressure/io"};

/* Is it among the comma list of controllers that ends at the colon? */
static bool is_listed(const char *controllers, const char *controller)
{
    while (*controllers != ':' && *controllers != '\0') {
        size_t length = strcspn(controllers, ",:");

        if (length == strlen(controller) &&
            memcmp(controllers, controller, length) == 0)
            return true;
        controllers += length + (controllers[length] == ',');
    }
    return false;
}

static void climb(const char *root, const char *path, cgroup_visit *visit,
                  void *context)
{
    char folder[1200];
    size_t root_length = strlen(root);

    snprintf(folder, sizeof folder, "%s%s", root, path);
    for (;;) {
        char *slash;

        visit(folder, context);
        slash = strrchr(folder, '/');
        if (slash == NULL || (size_t)(slash - folder) < root_length)
            return;
        *slash = '\0';
    }
}

void cgroup_walk(const struct cgroup_places *places, const char *controller,
                 cgroup_visit *visit, void *context)
{
    char text[4096], root[600], unified[1024];
    char *rest = text, *line;
    bool is_unified = false;

    if (!system_file_read(places->own, text, sizeof text))
        return;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (path == NULL)
            continue;
        if (is_listed(controllers + 1, controller)) {
            snprintf(root, sizeof root, "%.500s/%s", places->mount, controller);
            climb(root, path + 1, visit, context);
            return;
        }
        if (controllers[1] == ':') {
            snprintf(unified, sizeof unified, "%.1000s", path + 1);
            is_unified = true;
        }
    }
    if (is_unified)
        climb(places->mount, unified, visit, context);
}

/* --- memory --- */

static double number_in(const char *folder, const char *file)
{
    char path[1400], line[64];
    char *end;
    double number;

    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (!system_file_line(path, line, sizeof line))
        return NAN;
    number = strtod(line, &end);
    return end == line || !isfinite(number) ? NAN : number;
}

/* Version 1 has a huge number for "max". */
static void visit_memory(const char *folder, void *context)
{
    const double no_limit = 1152921504606846976.0; /* 2^60 */
    double *least = context;
    double most = number_in(folder, "memory.max");
    double used = number_in(folder, "memory.current");

    if (isnan(most)) {
        most = number_in(folder, "memory.limit_in_bytes");
        used = number_in(folder, "memory.usage_in_bytes");
    }
    if (!(most < no_limit) || isnan(used))
        return;
    *least = fmin(isnan(*least) ? INFINITY : *least, fmax(most - used, 0));
}

double cgroup_memory_left(const struct cgroup_places *places)
{
    double least = NAN;

    cgroup_walk(places, "memory", visit_memory, &least);
    return least;
}

/* --- the quota --- */

/* In microseconds (version 2) or nanoseconds (version 1). */
static void visit_throttled(const char *folder, void *context)
{
    char path[1400], text[2048];
    double *sum_s = context;
    double level_s;

    snprintf(path, sizeof path, "%s/cpu.stat", folder);
    if (!system_file_read(path, text, sizeof text))
        return;
    level_s = system_file_number(text, "throttled_usec", NAN) * 1e-6;
    if (isnan(level_s))
        level_s = system_file_number(text, "throttled_time", NAN) * 1e-9;
    if (!isnan(level_s))
        *sum_s = isnan(*sum_s) ? level_s : *sum_s + level_s;
}

double cgroup_throttled_s(const struct cgroup_places *places)
{
    double sum_s = NAN;

    cgroup_walk(places, "cpu", visit_throttled, &sum_s);
    return sum_s;
}

/* --- disks --- */

/* "some ... total=1", then "full avg10=0.00 avg60=0.00 avg300=0.00 total=2" in
 * microseconds. */
static double full_s(const char *path)
{
    char text[512];
    const char *total;

    if (!system_file_read(path, text, sizeof text) ||
        (total = strstr(text, "full ")) == NULL ||
        (total = strstr(total, "total=")) == NULL)
        return NAN;
    return strtod(total + strlen("total="), NULL) * 1e-6;
}

/* The first is our own. */
static void visit_stalled(const char *folder, void *context)
{
    char path[1400];
    double *stalled_s = context;

    snprintf(path, sizeof path, "%s/io.pressure", folder);
    if (isnan(*stalled_s))
        *stalled_s = full_s(path);
}

double cgroup_io_stalled_s(const struct cgroup_places *places)
{
    double stalled_s = NAN;

    cgroup_walk(places, "io", visit_stalled, &stalled_s);
    return isnan(stalled_s) ? full_s(places->io) : stalled_s;
}
