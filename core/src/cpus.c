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

#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus_impl.h"

/* A line of mountinfo has two paths, and options. All that is so long comes
 * from malloc(): a thread may have a small stack. */
#define LINE_BYTES (3 * PATH_MAX)

struct mount {
    char *line;        /* freed by who found it; both lie in it  */
    const char *root;  /* which part of the hierarchy is mounted */
    const char *point; /* where                                  */
};

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static bool read_line(const char *folder, const char *name, char *line,
                      size_t line_bytes)
{
    size_t path_bytes = strlen(folder) + strlen(name) + 2;
    char *path = malloc(path_bytes);
    if (path != NULL)
        snprintf(path, path_bytes, "%s/%s", folder, name);
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    free(path);
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
    char quota[64], period[64];

    if (is_v2) {
        if (!read_line(folder, "cpu.max", quota, sizeof quota))
            return INFINITY;
        char *blank = strchr(quota, ' ');
        return blank != NULL ? cfi_quota_of(quota, blank + 1) : INFINITY;
    }
    if (!read_line(folder, "cpu.cfs_quota_us", quota, sizeof quota) ||
        !read_line(folder, "cpu.cfs_period_us", period, sizeof period))
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

/* Is the hierarchy's mount in this line of mountinfo, "id parent dev root point
 * options ... - type source superoptions"? Cuts it where the two end. */
static bool read_mount(char *line, bool is_v2, struct mount *mount)
{
    char type[64], options[1024];
    int root, root_end, point, point_end = 0;
    const char *dash = strstr(line, " - ");

    if (dash == NULL ||
        sscanf(dash, " - %63s %*s %1023s", type, options) != 2 ||
        strcmp(type, is_v2 ? "cgroup2" : "cgroup") != 0 ||
        (!is_v2 && !has_word(options, "cpu")))
        return false;
    sscanf(line, "%*s %*s %*s %n%*s%n %n%*s%n", &root, &root_end, &point,
           &point_end);
    if (point_end == 0)
        return false;
    line[root_end] = line[point_end] = '\0';
    *mount = (struct mount){line, line + root, line + point};
    return true;
}

/* Finds where the hierarchy is mounted. */
static bool find_mount(const char *mountinfo, bool is_v2, struct mount *mount)
{
    char *line = malloc(LINE_BYTES);
    bool is_found = false;
    FILE *file = line != NULL ? fopen(mountinfo, "re") : NULL;

    while (!is_found && file != NULL && fgets(line, LINE_BYTES, file) != NULL)
        is_found = read_mount(line, is_v2, mount);
    if (file != NULL)
        fclose(file);
    if (!is_found)
        free(line);
    return is_found;
}

/* The smallest quota from `folder` up to where its path is `least` long. */
static double smallest_quota(char *folder, size_t least, bool is_v2)
{
    double smallest = INFINITY;

    while (strlen(folder) >= least) {
        smallest = smaller(smallest, folder_quota(folder, is_v2));
        char *slash = strrchr(folder, '/');
        if (slash == NULL || strlen(folder) == least)
            break;
        *slash = '\0';
    }
    return smallest;
}

/* The smallest quota from the group `path` up to the mount's root. */
static double hierarchy_quota(const char *mountinfo, const char *path,
                              bool is_v2)
{
    struct mount mount;
    double smallest = INFINITY;

    if (!find_mount(mountinfo, is_v2, &mount))
        return INFINITY;
    /* in a container the mount shows only the part below its root */
    size_t root_length = strcmp(mount.root, "/") == 0 ? 0 : strlen(mount.root);
    if (strncmp(path, mount.root, root_length) == 0)
        path += root_length;
    if (strcmp(path, "/") == 0)
        path = "";
    size_t folder_bytes = strlen(mount.point) + strlen(path) + 1;
    char *folder = malloc(folder_bytes);
    if (folder != NULL) {
        snprintf(folder, folder_bytes, "%s%s", mount.point, path);
        smallest = smallest_quota(folder, strlen(mount.point), is_v2);
    }
    free(folder);
    free(mount.line);
    return smallest;
}

/* The quota of the group in a line of /proc/self/cgroup, which it cuts. */
static double group_quota(const char *mountinfo, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL)
        return INFINITY;
    *controllers++ = '\0';
    *path++ = '\0';
    bool is_v2 = *controllers == '\0' && strcmp(line, "0") == 0;
    return is_v2 || has_word(controllers, "cpu")
               ? hierarchy_quota(mountinfo, path, is_v2)
               : INFINITY;
}

double cfi_cgroup_quota(const char *cgroup, const char *mountinfo)
{
    char *line = malloc(LINE_BYTES);
    double smallest = INFINITY;
    FILE *file = line != NULL ? fopen(cgroup, "re") : NULL;

    while (file != NULL && fgets(line, LINE_BYTES, file) != NULL)
        smallest = smaller(smallest, group_quota(mountinfo, line));
    if (file != NULL)
        fclose(file);
    free(line);
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
