/* SPDX-License-Identifier: MIT */
/*
 * What a task prints is kept as it is, so nothing in the file says whose it is.
 * A mark in the folder does: without it a file TASK.txt is somebody else's.
 */
#include "keep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

static const char mark[] = ".cfbench-kept";

static bool refuse(const char *folder, const char *why)
{
    say_trouble("--keep-output %.200s: %s", folder, why);
    return false;
}

/* "0.txt", "12.txt" */
static bool is_tasks(const char *name)
{
    const char *end = name;

    while (isdigit((unsigned char)*end))
        end++;
    return end > name && strcmp(end, ".txt") == 0;
}

static bool has_task_file(int folder_fd)
{
    DIR *list = fdopendir(folder_fd);
    const struct dirent *entry;
    bool is_found = false;

    while (list != NULL && !is_found && (entry = readdir(list)) != NULL)
        is_found = is_tasks(entry->d_name);
    if (list != NULL)
        closedir(list);
    else
        close(folder_fd);
    return is_found;
}

static bool is_marked(int folder_fd)
{
    return faccessat(folder_fd, mark, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool take(const char *folder, int folder_fd, bool force)
{
    int mark_fd;

    if (is_marked(folder_fd))
        return true;
    if (!force && has_task_file(dup(folder_fd)))
        return refuse(folder, "has files TASK.txt that cfbench has not kept "
                              "there (--force replaces them)");
    mark_fd =
        openat(folder_fd, mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (mark_fd < 0 && errno != EEXIST)
        return refuse(folder, strerror(errno));
    if (mark_fd >= 0)
        close(mark_fd);
    return true;
}

char *keep_folder(const char *folder, bool force)
{
    char *path = NULL;
    int folder_fd;

    if (strcmp(folder, "-") == 0) {
        refuse(folder, "not the name of a folder (./- would be)");
        return NULL;
    }
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        refuse(folder, strerror(errno));
        return NULL;
    }
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0) {
        refuse(folder, strerror(errno));
        return NULL;
    }
    if (take(folder, folder_fd, force) &&
        (path = realpath(folder, NULL)) == NULL)
        refuse(folder, strerror(errno));
    close(folder_fd);
    return path;
}
