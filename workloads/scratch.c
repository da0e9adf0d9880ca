/* SPDX-License-Identifier: MIT */
/*
 * The attendant knows the directory's path from its birth and does nothing but
 * wait for the owner's end. Workers that outlive the owner by a moment may
 * still make a file, so it tries again for a while. It leaves the owner's
 * session: what is sent to all processes of a terminal is not for it.
 */
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "items.h"
#include "refuse.h"

enum { TRIES = 100, PAUSE_MS = 100 };

/* Unlinks what lies in the directory; it holds no directories of its own. */
static void empty(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (directory == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(fd, entry->d_name, 0);
    closedir(directory);
}

static bool is_gone_after_removing(const char *path)
{
    empty(path);
    return rmdir(path) == 0 || errno == ENOENT;
}

static void attend(void *context, int ready_fd, int owner_fd)
{
    const char *path = context;
    struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    struct pollfd owner = {.fd = owner_fd, .events = POLLIN};
    uint32_t ready = 1;

    setsid();
    if (write(ready_fd, &ready, sizeof ready) != sizeof ready)
        return;
    close(ready_fd);
    while (poll(&owner, 1, -1) < 0 && errno == EINTR)
        continue;
    for (int i = 0; i < TRIES && !is_gone_after_removing(path); i++)
        nanosleep(&pause, NULL);
}

static const char *standard_place(void)
{
    const char *place = secure_getenv("TMPDIR");

    return place != NULL && *place == '/' ? place : "/var/tmp";
}

enum cf_status wl_scratch_create(struct wl_scratch *scratch, const char *where,
                                 char *why, size_t why_bytes)
{
    char place[PATH_MAX];
    uint32_t ready;
    enum cf_status status;
    int length;

    *scratch = (struct wl_scratch){0};
    if (*where == '\0')
        where = standard_place();
    if (realpath(where, place) == NULL)
        return wl_refuse(why, why_bytes, CF_INVALID, "dir=%.200s: %s", where,
                         strerror(errno));
    length = snprintf(scratch->path, sizeof scratch->path, "%s/cfbench-XXXXXX",
                      place);
    if (length < 0 || (size_t)length >= sizeof scratch->path) {
        scratch->path[0] = '\0';
        return wl_refuse(why, why_bytes, CF_INVALID, "dir=%.100s: too long",
                         where);
    }
    if (mkdtemp(scratch->path) == NULL) {
        scratch->path[0] = '\0';
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "dir=%.200s: no directory can be made there: %s",
                         where, strerror(errno));
    }
    status = wl_attendant_start(&scratch->attendant, "temporary directory",
                                attend, scratch->path, &ready, why, why_bytes);
    if (status != CF_OK)
        rmdir(scratch->path);
    return status;
}

void wl_scratch_remove(struct wl_scratch *scratch)
{
    if (scratch->path[0] == '\0' || scratch->attendant.owner != getpid())
        return;
    is_gone_after_removing(scratch->path);
    scratch->path[0] = '\0';
    wl_attendant_stop(&scratch->attendant);
}

bool wl_scratch_write(int fd, const unsigned char *from, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t put = write(fd, from + done, bytes - done);

        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

enum cf_status wl_scratch_prepare(const struct wl_setup *setup,
                                  size_t item_bytes, const char *where,
                                  struct wl_work *work)
{
    void *items = wl_items_create(setup, item_bytes, work);
    struct wl_scratch *scratch = calloc(1, sizeof *scratch);
    enum cf_status status;

    work->data = scratch;
    if (items == NULL || scratch == NULL)
        status =
            wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                      "no memory for the arguments of %zu tasks", setup->tasks);
    else
        status =
            wl_scratch_create(scratch, where, setup->why, setup->why_bytes);
    if (status != CF_OK)
        wl_scratch_dispose(work);
    return status;
}

void wl_scratch_dispose(struct wl_work *work)
{
    if (work->data != NULL)
        wl_scratch_remove(work->data);
    free(work->data);
    free((void *)work->items);
}
