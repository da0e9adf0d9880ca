/* SPDX-License-Identifier: MIT */
/* Nothing in a death by SIGKILL tells who sent it; but the control group counts
 * those that the system killed. Both versions of control groups do, in files
 * of other names; a container may show the group's path from outside it, where
 * the group is the root of what is mounted. Whatever is as long as a path comes
 * from malloc(): a thread may have a small stack. */
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

static bool read_count_at(const char *mount, const char *group,
                          const char *file, uint64_t *count)
{
    size_t bytes = strlen(mount) + strlen(group) + strlen(file) + 2;
    char *path = malloc(bytes);

    if (path == NULL)
        return false;
    snprintf(path, bytes, "%s%s/%s", mount, group, file);
    bool is_found = read_count(path, count);
    free(path);
    return is_found;
}

static bool read_group(const char *mount, const char *group, const char *file,
                       uint64_t *count)
{
    return read_count_at(mount, group, file, count) ||
           read_count_at(mount, "", file, count);
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
    char *line = malloc(PATH_MAX);
    uint64_t count = 0;
    FILE *groups = line != NULL ? fopen("/proc/self/cgroup", "re") : NULL;

    while (groups != NULL && fgets(line, PATH_MAX, groups) != NULL)
        if (read_line(line, &count))
            break;
    if (groups != NULL)
        fclose(groups);
    free(line);
    return count;
}
