/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_STAGING_H
#define PLOTS_STAGING_H

/*
 * A folder within the one where figures go, in which they are made: a figure's
 * files come into their places once all of them are whole, so that neither a
 * full disk nor an interruption leaves half a file in place of an old one. It is
 * locked as long as its process lives: what one that was killed has left there
 * is removed by the next that draws into the same folder.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct staging {
    char path[PATH_MAX]; /* "": none */
    int lock_fd;         /* the folder, open and locked */
};

/* FOLDER/NAMEend. False where that is too long. */
bool staging_path(char path[PATH_MAX], const char *folder, const char *name,
                  const char *end);

/* Makes the folder, and removes those of others that are dead. False with errno
 * set. */
bool staging_begin(struct staging *staging, const char *folder);

/* Moves those of a figure's files that are there: `ends[i]` after `stem`.
 * False with errno set. */
bool staging_move(const struct staging *staging, const char *folder,
                  const char *stem, const char *const *ends, size_t count);

/* Removes the folder with what is left in it. */
void staging_end(struct staging *staging);

/* Removes a folder of ours, which has files only. */
void staging_remove_folder(const char *path);

#endif
