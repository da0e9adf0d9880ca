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

/* Is there no file of another kind, which somebody may want to keep? */
static bool is_free(const char *path)
{
    char begin[sizeof head];
    struct stat found;
    ssize_t length;
    int fd;

    if (stat(path, &found) != 0 || !S_ISREG(found.st_mode) ||
        found.st_size == 0)
        return true;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    length = read(fd, begin, sizeof head - 1);
    close(fd);
    return length == sizeof head - 1 &&
           memcmp(begin, head, sizeof head - 1) == 0;
}

struct joblog *joblog_open(const char *path, bool is_more, bool force)
{
    struct joblog *joblog = calloc(1, sizeof *joblog);
    struct timespec now;

    if (strcmp(path, "-") == 0) {
        say_trouble("--joblog -: not the name of a file (./- would be)");
        free(joblog);
        return NULL;
    }
    if (!force && !is_free(path)) {
        say_trouble("--joblog %.200s: exists and is no such log (--force "
                    "replaces it)",
                    path);
        free(joblog);
        return NULL;
    }
    if (joblog == NULL || (joblog->error = child_shared(sizeof(int))) == NULL) {
        free(joblog);
        say_trouble("--joblog: no memory");
        return NULL;
    }
    joblog->path = path;
    joblog->fd = open(path,
                      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
                          (is_more ? 0 : O_TRUNC),
                      0666);
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
