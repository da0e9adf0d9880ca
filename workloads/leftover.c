/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/environ is what a process was started with: our own and that of our
 * forks do not have the mark, those of all programs started by them do.
 */
#include "leftover.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define NAME "CFBENCH_RUN"

enum { ENVIRON_BYTES = 1 << 18, ROUNDS = 500 };

/* "NAME=VALUE" as this process has set it: one process, one environment, one
 * mark. One that we have inherited from a cfbench around us is not ours. */
static char mark[80];

bool wl_leftover_mark(void)
{
    uint64_t random;

    if (mark[0] != '\0')
        return true;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (uint64_t)(uintptr_t)&random; /* the pid tells most apart */
    snprintf(mark, sizeof mark, NAME "=%d-%016" PRIx64, (int)getpid(), random);
    if (setenv(NAME, mark + strlen(NAME "="), 1) == 0)
        return true;
    mark[0] = '\0';
    return false;
}

/* Has this process been started with the mark? `room` has ENVIRON_BYTES. */
static bool is_marked(const char *pid, char *room)
{
    char path[300];
    size_t length = 0;
    ssize_t got;
    int fd;

    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (length < ENVIRON_BYTES &&
           (got = read(fd, room + length, ENVIRON_BYTES - length)) > 0)
        length += (size_t)got;
    close(fd);
    return memmem(room, length, mark, strlen(mark) + 1) != NULL;
}

/* Kills those that there are now; how many. */
static size_t kill_marked(char *room)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    size_t killed = 0;

    if (processes == NULL)
        return 0;
    while ((entry = readdir(processes)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 1 && pid != getpid() && is_marked(entry->d_name, room))
            killed += kill(pid, SIGKILL) == 0;
    }
    closedir(processes);
    return killed;
}

void wl_leftover_end(void)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    char *room;

    if (mark[0] == '\0')
        return;
    room = malloc(ENVIRON_BYTES);
    for (int i = 0; room != NULL && i < ROUNDS; i++) {
        if (kill_marked(room) == 0)
            break;
        nanosleep(&pause, NULL);
    }
    free(room);
}
