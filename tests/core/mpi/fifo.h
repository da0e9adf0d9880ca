/* SPDX-License-Identifier: MIT */
#ifndef FIFO_H
#define FIFO_H

/*
 * How the host and a task in a rank of the same machine wait for each other: one
 * says that it is there, the other waits until so many have. A task has the
 * path in its argument. The host keeps both ends open, so none of them waits
 * for the other to open its own; a task that waits for a host which is gone
 * waits no longer.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ranks.h"

struct fifo {
    int fd; /* the host's */
    char path[200];
};

static inline void fifo_make(struct fifo *fifo)
{
    const char *folder = getenv("TMPDIR");

    *fifo = (struct fifo){0};
    snprintf(fifo->path, sizeof fifo->path, "%.150s/cf-XXXXXX",
             folder != NULL ? folder : "/tmp");
    CHECK(mkdtemp(fifo->path) != NULL);
    strcat(fifo->path, "/fifo");
    CHECK(mkfifo(fifo->path, 0600) == 0);
    fifo->fd = open(fifo->path, O_RDWR | O_CLOEXEC);
    CHECK(fifo->fd >= 0);
}

static inline void fifo_remove(struct fifo *fifo)
{
    close(fifo->fd);
    unlink(fifo->path);
    *strrchr(fifo->path, '/') = '\0';
    rmdir(fifo->path);
}

/* In a task. */
static inline bool fifo_say_there(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_said = write(fd, "", 1) == 1;

    close(fd);
    return is_said;
}

static inline bool fifo_wait_at(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool may_go_on = read(fd, &byte, 1) == 1;

    close(fd);
    return may_go_on;
}

/* In the host. */
static inline void fifo_wait_for(const struct fifo *fifo, int tasks)
{
    char byte;

    for (int i = 0; i < tasks; i++)
        CHECK(read(fifo->fd, &byte, 1) == 1);
}

static inline void fifo_let_go_on(const struct fifo *fifo)
{
    CHECK(write(fifo->fd, "", 1) == 1);
}

#endif
