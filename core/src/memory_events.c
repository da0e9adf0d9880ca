/* SPDX-License-Identifier: MIT */
/* Nothing in a death by SIGKILL tells who sent it; but the control group counts
 * those that the system killed. Both versions of control groups do, in files
 * of other names; a container may show the group's path from outside it, where
 * the group is the root of what is mounted. */
#include "memory_events.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_count(const char *path, uint64_t *count)
{
    static const char name[] = "oom_kill ";
    char line[256];
    bool is_found = false;
    FILE *file = fopen(path, "re");

    while (!is_found && file != NULL && fgets(line, sizeof line, file)) {
        is_found = strncmp(line, name, sizeof name - 1) == 0;
        if (is_found)
            *count = strtoull(line + sizeof name - 1, NULL, 10);
    }
    if (file != NULL)
        fclose(file);
    return is_found;
}

static bool read_group(const char *mount, const char *group, const char *file,
                       uint64_t *count)
{
    char path[PATH_MAX + 100];

    snprintf(path, sizeof path, "%s%s/%s", mount, group, file);
    if (read_count(path, count))
        return true;
    snprintf(path, sizeof path, "%s/%s", mount, file);
    return read_count(path, count);
}

/* A line of /proc/self/cgroup is NUMBER:CONTROLLERS:GROUP. */
static bool read_line(char *line, uint64_t *count)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL)
        return false;
    *group++ = '\0';
    controllers++;
    if (strcmp(controllers, "memory") == 0)
        return read_group("/sys/fs/cgroup/memory", group, "memory.oom_control",
                          count);
    return controllers[0] == '\0' &&
           (read_group("/sys/fs/cgroup", group, "memory.events", count) ||
            read_group("/sys/fs/cgroup/unified", group, "memory.events",
                       count));
}

uint64_t cfi_memory_kills(void)
{
    char line[PATH_MAX];
    uint64_t count = 0;
    FILE *groups = fopen("/proc/self/cgroup", "re");

    while (groups != NULL && fgets(line, sizeof line, groups) != NULL)
        if (read_line(line, &count))
            break;
    if (groups != NULL)
        fclose(groups);
    return count;
}
