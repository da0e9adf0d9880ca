/* SPDX-License-Identifier: MIT */
/* Written by the samples' processes through the descriptor that they inherit: a
 * line is one write at the file's end. */
#include "joblog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "command.h"
#include "lane.h"
#include "quote.h"
#include "say.h"

static const char head[] = "start_s\truntime_s\texit\tsignal\tbackend\t"
                           "workers\ttask\tcommand\n";

struct joblog {
    int fd;
    double epoch_s; /* what the clock's 0 is since 1970 */
    int *error;     /* shared with the samples' processes */
    const char *path;
};

static void put(struct joblog *joblog, const char *line, size_t length)
{
    ssize_t put_bytes = write(joblog->fd, line, length);

    if (put_bytes != (ssize_t)length && *joblog->error == 0)
        *joblog->error = put_bytes < 0 ? errno : ENOSPC;
}

static bool is_filled_file(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISREG(found.st_mode) &&
           found.st_size > 0;
}

static bool has_head(const char *path)
{
    char begin[sizeof head];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length;

    if (fd < 0)
        return false;
    length = read(fd, begin, sizeof head - 1);
    close(fd);
    return length == sizeof head - 1 &&
           memcmp(begin, head, sizeof head - 1) == 0;
}

/* Where its last whole line ends: a kill or a full disk may have left a part of
 * one. -1 with errno. */
static off_t end_of_lines(int fd)
{
    char part[4096];
    off_t end = lseek(fd, 0, SEEK_END);

    while (end > 0) {
        off_t from = end > (off_t)sizeof part ? end - (off_t)sizeof part : 0;
        ssize_t length = pread(fd, part, (size_t)(end - from), from);
        const char *last;

        if (length <= 0)
            return -1;
        last = memrchr(part, '\n', (size_t)length);
        if (last != NULL)
            return from + (last + 1 - part);
        end = from;
    }
    return end;
}

/* The file, ready for its next line. -1 with errno. */
static int open_at_end(const char *path)
{
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    off_t end = fd < 0 ? -1 : end_of_lines(fd);

    if (fd >= 0 && (end < 0 || ftruncate(fd, end) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_anew(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_TRUNC,
                0666);
}

/* May what is at the path be written to? */
static bool check(const char *path, bool is_log, bool force)
{
    const char *why = "exists and is no such log (--force replaces it)";

    if (strcmp(path, "-") == 0)
        why = "not the name of a file (./- would be)";
    else if (force || is_log || !is_filled_file(path))
        return true;
    say_trouble("--joblog %.200s: %s", path, why);
    return false;
}

struct joblog *joblog_open(const char *path, bool is_more, bool force)
{
    bool is_log = is_filled_file(path) && has_head(path);
    struct joblog *joblog;
    struct timespec now;

    if (!check(path, is_log, force))
        return NULL;
    joblog = calloc(1, sizeof *joblog);
    if (joblog == NULL || (joblog->error = child_shared(sizeof(int))) == NULL) {
        free(joblog);
        say_trouble("--joblog: no memory");
        return NULL;
    }
    is_more = is_more && is_log;
    joblog->path = path;
    joblog->fd = is_more ? open_at_end(path) : open_anew(path);
    if (joblog->fd < 0) {
        say_trouble("--joblog %.200s: %s", path, strerror(errno));
        child_unshare(joblog->error, sizeof(int));
        free(joblog);
        return NULL;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    joblog->epoch_s = (double)now.tv_sec + (double)now.tv_nsec * 1e-9 -
                      clock_seconds(clock_now_ns());
    if (!is_more)
        put(joblog, head, sizeof head - 1);
    return joblog;
}

bool joblog_close(struct joblog *joblog)
{
    int error;

    if (joblog == NULL)
        return true;
    error = *joblog->error;
    if (close(joblog->fd) != 0 && error == 0)
        error = errno;
    if (error != 0)
        say_trouble("--joblog %.200s: %s", joblog->path, strerror(error));
    child_unshare(joblog->error, sizeof(int));
    free(joblog);
    return error == 0;
}

/* As GNU parallel has them: what was never started has exit code 127. */
static int exit_of(int status)
{
    if (status < 0)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static int signal_of(int status)
{
    return status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void joblog_observe(void *observer, const struct sample_setup *setup,
                    const struct sample_task *task)
{
    struct joblog *joblog = observer;
    const char *items = setup->work->items;
    int status =
        task->future != NULL ? command_status(task->future) : task->status;
    struct command_call call;
    char *command, *line;
    int length;

    if (!command_is(setup->workload->name))
        return;
    if (!command_open(items + task->i * setup->work->item_bytes, &call))
        return;
    command = quote_join(call.words, call.word_count);
    command_close(&call);
    for (char *c = command; c != NULL && *c != '\0'; c++)
        if (*c == '\t' || *c == '\n')
            *c = ' '; /* a line is a line */
    length = asprintf(&line, "%.6f\t%.6f\t%d\t%d\t%s\t%zu\t%zu\t%s\n",
                      joblog->epoch_s + clock_seconds(task->started_ns),
                      clock_seconds(task->finished_ns - task->started_ns),
                      exit_of(status), signal_of(status),
                      setup->lane ? setup->lane->name
                                  : cf_backend_name(setup->backend),
                      setup->workers, task->i, command ? command : "");
    free(command);
    if (length < 0)
        return;
    put(joblog, line, (size_t)length);
    free(line);
}
