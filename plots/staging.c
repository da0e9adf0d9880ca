/* SPDX-License-Identifier: MIT */
#include "staging.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool staging_path(char path[PATH_MAX], const char *folder, const char *name,
                  const char *end)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, end);

    errno = ENAMETOOLONG;
    return length > 0 && length < PATH_MAX;
}

bool staging_begin(struct staging *staging, const char *folder)
{
    if (staging_path(staging->path, folder, ".cfbench-XXXXXX", "") &&
        mkdtemp(staging->path) != NULL)
        return true;
    staging->path[0] = '\0';
    return false;
}

bool staging_move(const struct staging *staging, const char *folder,
                  const char *stem, const char *const *ends, size_t count)
{
    char from[PATH_MAX], to[PATH_MAX];

    for (size_t i = 0; i < count; i++)
        if (!staging_path(from, staging->path, stem, ends[i]) ||
            !staging_path(to, folder, stem, ends[i]) ||
            (rename(from, to) != 0 && errno != ENOENT))
            return false;
    return true;
}

void staging_end(struct staging *staging)
{
    if (staging->path[0] != '\0')
        staging_remove_folder(staging->path);
    staging->path[0] = '\0';
}

void staging_remove_folder(const char *path)
{
    DIR *list = opendir(path);
    const struct dirent *entry;

    while (list != NULL && (entry = readdir(list)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(list), entry->d_name, 0);
    if (list != NULL)
        closedir(list);
    rmdir(path);
}
