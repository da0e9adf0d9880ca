/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_GNUPLOT_H
#define PLOTS_GNUPLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Finds gnuplot through PATH and writes its absolute path. False, with the
 * reason in `why`, where there is none or where the one that a shell would
 * start lies in the working directory or where anybody may put a file.
 */
bool gnuplot_find(char *path, size_t path_bytes, char *why, size_t why_bytes);

/* A gnuplot that draws. */
struct gnuplot_job {
    pid_t child; /* 0: none */
    int errors;  /* what it complains into */
};

enum { GNUPLOT_SCRIPTS_MAX = 64 };

/*
 * Starts it on `count` scripts, one after the other and each as if it were
 * alone: files of ours in `folder`, which is its working directory. It ends
 * with the first that fails. False with the reason in `why`.
 */
bool gnuplot_start(struct gnuplot_job *job, const char *path,
                   const char *folder, const char *const *scripts, size_t count,
                   char *why, size_t why_bytes);

/* Waits until it has drawn, 30 s at most. False with the reason in `why`. */
bool gnuplot_finish(struct gnuplot_job *job, char *why, size_t why_bytes);

#endif
