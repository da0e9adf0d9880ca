/* SPDX-License-Identifier: MIT */
#include "staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool staging_path(char path[PATH_MAX], const char *folder, const char *name,
                  const char *end)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, end);

    errno = ENAMETOOLONG;
    return length > 0 && length < PATH_MAX;
}

/* --- what others have left --- */

static const char prefix[] = ".cfbench-";

static bool is_figures(const char *name)
{
    static const char *const ends[] = {".gp", ".dat", ".svg", ".png", ".pdf"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof ends / sizeof *ends; i++)
        if (strcmp(dot, ends[i]) == 0)
            return true;
    return false;
}

/* Whose folder is locked is alive; what is no figure's was not made here. */
static void remove_if_dead(int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const struct dirent *entry;
    struct stat found;
    DIR *list;

    if (fd < 0)
        return;
    if (fstat(fd, &found) != 0 || found.st_uid != geteuid() ||
        flock(fd, LOCK_EX | LOCK_NB) != 0 || (list = fdopendir(fd)) == NULL) {
        close(fd);
        return;
    }
    while ((entry = readdir(list)) != NULL)
        if (is_figures(entry->d_name))
            unlinkat(fd, entry->d_name, 0);
    unlinkat(folder_fd, name, AT_REMOVEDIR);
    closedir(list); /* and the lock */
}

static void remove_dead(const char *folder)
{
    DIR *list = opendir(folder);
    const struct dirent *entry;

    while (list != NULL && (entry = readdir(list)) != NULL)
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0 &&
            strlen(entry->d_name) == sizeof prefix - 1 + 6)
            remove_if_dead(dirfd(list), entry->d_name);
    if (list != NULL)
        closedir(list);
}

/* --- our own --- */

/* Between making it and locking it another may have taken it for a dead one's:
 * false with errno 0, and it is to be made again. A file system without locks
 * has nobody who could remove it either. */
static bool lock(struct staging *staging)
{
    struct stat ours, there;

    staging->lock_fd =
        open(staging->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (staging->lock_fd < 0) {
        errno = errno == ENOENT ? 0 : errno;
        return false;
    }
    flock(staging->lock_fd, LOCK_EX);
    if (fstat(staging->lock_fd, &ours) == 0 &&
        lstat(staging->path, &there) == 0 && ours.st_dev == there.st_dev &&
        ours.st_ino == there.st_ino)
        return true;
    close(staging->lock_fd);
    errno = 0;
    return false;
}

bool staging_begin(struct staging *staging, const char *folder)
{
    char name[sizeof prefix + 6];

    snprintf(name, sizeof name, "%sXXXXXX", prefix);
    remove_dead(folder);
    do {
        if (!staging_path(staging->path, folder, name, "") ||
            mkdtemp(staging->path) == NULL)
            break;
        if (lock(staging))
            return true;
    } while (errno == 0);
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
    if (staging->path[0] == '\0')
        return;
    staging_remove_folder(staging->path);
    close(staging->lock_fd);
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
