/* SPDX-License-Identifier: MIT */
/*
 * How much CPU this process may use: what its affinity mask leaves, and what
 * the cgroups above it allow. A quota may stand at any level, and both
 * versions of cgroups may be mounted at once, so every ancestor of both is
 * read:
 *
 *   /proc/self/cgroup     "0::/a/b" (v2), "4:cpu,cpuacct:/a/b" (v1)
 *   /proc/self/mountinfo  where those hierarchies are mounted, and which part
 *   v2: cpu.max "150000 100000" or "max 100000"
 *   v1: cpu.cfs_quota_us (-1: none), cpu.cfs_period_us
 *
 * Whatever cannot be read or is nonsense sets no bound.
 */
#include <cf/cpus.h>

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus_impl.h"

struct mount {
    char root[256];  /* which part of the hierarchy is mounted */
    char point[256]; /* where                                  */
};

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static bool read_line(const char *path, char *line, size_t line_bytes)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool is_read = fgets(line, (int)line_bytes, file) != NULL;
    fclose(file);
    return is_read;
}

double cfi_quota_of(const char *quota, const char *period)
{
    char *quota_end, *period_end;
    double quota_us = strtod(quota, &quota_end);
    double period_us = strtod(period, &period_end);

    if (quota_end == quota || period_end == period || !isfinite(quota_us) ||
        !isfinite(period_us) || quota_us <= 0 || period_us <= 0)
        return INFINITY;
    return quota_us / period_us;
}

/* The quota that one folder sets, INFINITY where it sets none. */
static double folder_quota(const char *folder, bool is_v2)
{
    char path[640], quota[64], period[64];

    if (is_v2) {
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        if (!read_line(path, quota, sizeof quota))
            return INFINITY;
        char *blank = strchr(quota, ' ');
        return blank != NULL ? cfi_quota_of(quota, blank + 1) : INFINITY;
    }
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, quota, sizeof quota))
        return INFINITY;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (!read_line(path, period, sizeof period))
        return INFINITY;
    return cfi_quota_of(quota, period);
}

/* Is `word` one of the comma-separated words of `list`? */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ',') &&
            (at[length] == '\0' || at[length] == ','))
            return true;
    return false;
}

/* Finds where the hierarchy is mounted: a line of mountinfo is "id parent dev
 * root point options ... - type source superoptions". */
static bool find_mount(const char *mountinfo, bool is_v2, struct mount *mount)
{
    char line[4096], type[64], options[1024];
    bool is_found = false;
    FILE *file = fopen(mountinfo, "re");

    if (file == NULL)
        return false;
    while (!is_found && fgets(line, sizeof line, file) != NULL) {
        char *dash = strstr(line, " - ");
        if (dash == NULL ||
            sscanf(line, "%*s %*s %*s %255s %255s", mount->root,
                   mount->point) != 2 ||
            sscanf(dash, " - %63s %*s %1023s", type, options) != 2)
            continue;
        is_found =
            is_v2 ? strcmp(type, "cgroup2") == 0
                  : strcmp(type, "cgroup") == 0 && has_word(options, "cpu");
    }
    fclose(file);
    return is_found;
}

/* The smallest quota from the group `path` up to the mount's root. */
static double hierarchy_quota(const char *mountinfo, const char *path,
                              bool is_v2)
{
    struct mount mount;
    char folder[576];
    double smallest = INFINITY;

    if (!find_mount(mountinfo, is_v2, &mount))
        return INFINITY;
    /* in a container the mount shows only the part below its root */
    size_t root_length = strcmp(mount.root, "/") == 0 ? 0 : strlen(mount.root);
    if (strncmp(path, mount.root, root_length) == 0)
        path += root_length;
    snprintf(folder, sizeof folder, "%s%s", mount.point,
             strcmp(path, "/") == 0 ? "" : path);
    size_t point_length = strlen(mount.point);
    while (strlen(folder) >= point_length) {
        smallest = smaller(smallest, folder_quota(folder, is_v2));
        char *slash = strrchr(folder, '/');
        if (slash == NULL || strlen(folder) == point_length)
            break;
        *slash = '\0';
    }
    return smallest;
}

double cfi_cgroup_quota(const char *cgroup, const char *mountinfo)
{
    char line[768];
    double smallest = INFINITY;
    FILE *file = fopen(cgroup, "re");

    if (file == NULL)
        return INFINITY;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (path == NULL || strlen(path + 1) > 255)
            continue;
        *controllers++ = '\0';
        *path++ = '\0';
        bool is_v2 = *controllers == '\0' && strcmp(line, "0") == 0;
        if (is_v2 || has_word(controllers, "cpu"))
            smallest =
                smaller(smallest, hierarchy_quota(mountinfo, path, is_v2));
    }
    fclose(file);
    return smallest;
}

size_t cfi_affinity_count(void)
{
    /* the kernel refuses a mask smaller than its own, so grow until it fits */
    for (size_t cpus = 1024; cpus <= 1024 * 1024; cpus *= 4) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (set == NULL)
            break;
        size_t bytes = CPU_ALLOC_SIZE(cpus);
        int count =
            sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0)
            return (size_t)count;
    }
    return 0;
}

struct cf_cpus cf_usable_cpus(void)
{
    struct cf_cpus cpus = {.reason = "all"};
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    double quota =
        cfi_cgroup_quota("/proc/self/cgroup", "/proc/self/mountinfo");

    cpus.online = online > 0 ? (size_t)online : 1;
    cpus.affinity = cfi_affinity_count();
    if (cpus.affinity == 0)
        cpus.affinity = cpus.online;
    cpus.usable = (double)cpus.affinity;
    if (cpus.affinity < cpus.online)
        cpus.reason = "affinity";
    if (isfinite(quota))
        cpus.quota = quota;
    if (quota < cpus.usable) {
        cpus.usable = quota;
        cpus.reason = "cgroup";
    }
    cpus.count = (size_t)cpus.usable;
    if ((double)cpus.count < cpus.usable)
        cpus.count++;
    return cpus;
}
