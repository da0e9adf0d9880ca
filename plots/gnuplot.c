/* SPDX-License-Identifier: MIT */
/*
 * Runs gnuplot as what it is: a program with a shell inside. A script is ours,
 * word for word; data come from others, and go through a parser in C. So it is
 * started without a shell of ours, without the user's start-up files and
 * libraries, with nothing open but its own error output, in a process group of
 * its own, and within limits of time, memory and file size.
 */
#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stop.h"

enum { LIMIT_S = 30 };
#define LIMIT_MEMORY_BYTES (2ULL << 30)
#define LIMIT_FILE_BYTES   (64ULL << 20)

/* May anybody change what stands at this path? */
static bool is_open_to_all(const char *path)
{
    struct stat status;

    return stat(path, &status) != 0 || (status.st_mode & S_IWOTH) != 0;
}

/* Tries one element of PATH. True ends the search: found, or refused with a
 * reason, since the next gnuplot is not the one the user's shell would run. */
static bool try_folder(const char *folder, char *path, size_t path_bytes,
                       char *why, size_t why_bytes)
{
    const char *place = folder[0] == '\0' ? "." : folder;
    int length = snprintf(path, path_bytes, "%s/gnuplot", place);

    if (length < 0 || (size_t)length >= path_bytes || access(path, X_OK) != 0)
        return false;
    if (place[0] != '/')
        snprintf(why, why_bytes,
                 "the one in PATH lies in a relative folder; not run");
    else if (is_open_to_all(place) || is_open_to_all(path))
        snprintf(why, why_bytes, "anybody may replace %s; not run", path);
    return true;
}

bool gnuplot_find(char *path, size_t path_bytes, char *why, size_t why_bytes)
{
    const char *element = getenv("PATH");

    if (element == NULL)
        element = "/usr/bin:/bin";
    why[0] = '\0';
    for (;;) {
        size_t length = strcspn(element, ":");
        char folder[PATH_MAX];

        if (length < sizeof folder) {
            memcpy(folder, element, length);
            folder[length] = '\0';
            if (try_folder(folder, path, path_bytes, why, why_bytes))
                return why[0] == '\0';
        }
        if (element[length] == '\0')
            break;
        element += length + 1;
    }
    snprintf(why, why_bytes, "not found; install the package gnuplot-nox");
    return false;
}

static void limit(__rlimit_resource_t resource, rlim_t most)
{
    setrlimit(resource, &(struct rlimit){most, most});
}

/* In the child, which has its parent's memory until it is gnuplot: system calls
 * alone, then gnuplot or exit code 127. */
static _Noreturn void become_gnuplot(const char *path, const char *folder,
                                     char *const *argv, int errors)
{
    char *const environment[] = {"HOME=/nonexistent",
                                 "GNUPLOT_LIB=", "LC_ALL=C.UTF-8",
                                 "PATH=/usr/bin:/bin", NULL};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    limit(RLIMIT_CPU, LIMIT_S);
    limit(RLIMIT_AS, LIMIT_MEMORY_BYTES);
    limit(RLIMIT_FSIZE, LIMIT_FILE_BYTES);
    signal(SIGXFSZ, SIG_DFL); /* cfbench ignores it; gnuplot is to end of it */
    limit(RLIMIT_CORE, 0);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(errors, 1) == 1 &&
        dup2(errors, 2) == 2 && chdir(folder) == 0) {
        close_range(3, ~0U, 0);
        execve(path, argv, environment);
    }
    _exit(127);
}

/* Waits until the child has ended; kills its group where it takes too long, or
 * nobody wants the picture any more. */
static bool wait_for(pid_t child, int *status)
{
    int pidfd = pidfd_open(child, 0);
    struct pollfd ready = {.fd = pidfd, .events = POLLIN};
    bool in_time;
    int got;

    do
        got = stop_poll(&ready, LIMIT_S * 1000);
    while (got < 0 && errno == EINTR && !stop_is_asked());
    in_time = pidfd >= 0 && got == 1;
    if (!in_time)
        kill(-child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    if (pidfd >= 0)
        close(pidfd);
    return in_time;
}

/* The line of gnuplot's complaint that says what is wrong is its last one. */
static void last_complaint(int errors, char *why, size_t why_bytes)
{
    char text[1024];
    ssize_t length;
    char *line;

    snprintf(why, why_bytes, "it failed and said nothing");
    off_t end = lseek(errors, 0, SEEK_END);
    off_t start = end > (off_t)sizeof text ? end - (off_t)sizeof text : 0;
    length = pread(errors, text, sizeof text - 1, start);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    if (length <= 0)
        return;
    text[length] = '\0';
    line = strrchr(text, '\n');
    snprintf(why, why_bytes, "%s", line == NULL ? text : line + 1);
}

/* "gnuplot -d 1.gp -e FORGET 2.gp ...": its start takes ten times as long as a
 * small figure. */
static void fill_words(const char **words, const char *const *scripts,
                       size_t count)
{
    *words++ = "gnuplot";
    *words++ = "-d";
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            *words++ = "-e";
            *words++ = "reset session";
        }
        *words++ = scripts[i];
    }
    *words = NULL;
}

bool gnuplot_start(struct gnuplot_job *job, const char *path,
                   const char *folder, const char *const *scripts, size_t count,
                   char *why, size_t why_bytes)
{
    const char *words[3 * GNUPLOT_SCRIPTS_MAX + 2];

    fill_words(words, scripts, count);
    job->child = 0;
    job->errors = memfd_create("gnuplot", MFD_CLOEXEC);
    if (job->errors < 0) {
        snprintf(why, why_bytes, "%s", strerror(errno));
        return false;
    }
    /* Not fork(): the page tables of a large record would be copied for every
     * picture. */
    job->child = vfork();
    if (job->child == 0)
        become_gnuplot(path, folder, (char *const *)words, job->errors);
    if (job->child > 0)
        return true;
    snprintf(why, why_bytes, "%s", strerror(errno));
    close(job->errors);
    job->child = 0;
    return false;
}

bool gnuplot_finish(struct gnuplot_job *job, char *why, size_t why_bytes)
{
    int status = 0;
    bool done = false;

    if (!wait_for(job->child, &status) && !stop_is_asked())
        snprintf(why, why_bytes, "stopped after %d s", LIMIT_S);
    else if (stop_is_asked())
        snprintf(why, why_bytes, "interrupted");
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        last_complaint(job->errors, why, why_bytes);
    else
        done = true;
    close(job->errors);
    job->child = 0;
    return done;
}
