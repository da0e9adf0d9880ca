/* SPDX-License-Identifier: MIT */
/*
 * A file that is there is known by its inode. One that is not there yet would
 * be made in a folder under a name: the path's own, or that of the link which
 * it is, whose end is missing.
 */
#include "same_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    dev_t device;
    ino_t inode;             /* of the file, or of its folder */
    char name[NAME_MAX + 1]; /* in the folder; "": the file is there */
};

enum { LINKS_MOST = 40 };

/* What the link at `path` says, as a path from where we are. */
static bool follow(char path[PATH_MAX])
{
    char target[PATH_MAX], joined[PATH_MAX];
    const char *slash = strrchr(path, '/');
    ssize_t length = readlink(path, target, sizeof target - 1);
    int joined_length;

    if (length <= 0)
        return false;
    target[length] = '\0';
    if (target[0] == '/' || slash == NULL) {
        strcpy(path, target);
        return true;
    }
    joined_length = snprintf(joined, sizeof joined, "%.*s/%s",
                             (int)(slash - path), path, target);
    if (joined_length < 0 || (size_t)joined_length >= sizeof joined)
        return false;
    strcpy(path, joined);
    return true;
}

static bool in_folder(char path[PATH_MAX], struct place *place)
{
    char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    struct stat found;

    if (name[0] == '\0' || strlen(name) > NAME_MAX)
        return false;
    strcpy(place->name, name);
    if (slash != NULL)
        slash[1] = '\0';
    if (stat(slash != NULL ? path : ".", &found) != 0)
        return false;
    place->device = found.st_dev;
    place->inode = found.st_ino;
    return true;
}

static bool find(const char *from, struct place *place)
{
    char path[PATH_MAX];
    struct stat found;

    if (strlen(from) >= sizeof path)
        return false;
    strcpy(path, from);
    *place = (struct place){0};
    for (int i = 0; i < LINKS_MOST; i++) {
        if (stat(path, &found) == 0) {
            place->device = found.st_dev;
            place->inode = found.st_ino;
            return true;
        }
        if (lstat(path, &found) != 0 || !S_ISLNK(found.st_mode))
            return in_folder(path, place);
        if (!follow(path))
            return false;
    }
    return false;
}

bool same_file(const char *path, const char *other)
{
    struct place a, b;

    return find(path, &a) && find(other, &b) && a.device == b.device &&
           a.inode == b.inode && strcmp(a.name, b.name) == 0;
}
