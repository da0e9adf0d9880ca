/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FILE_H
#define RECORD_FILE_H

/* Whole files: read at once, replaced at once. */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

/* The file's bytes, without a byte order mark before them, and a NUL behind
 * them, for free(); NULL with one line in `error`, also where it is larger than
 * `limit_bytes`. */
char *file_read(const char *path, size_t limit_bytes, size_t *length,
                struct record_error *error);

/* Writes all of it. False with errno; a file-size limit is EFBIG and not the
 * signal SIGXFSZ. */
bool file_write(int fd, const void *data, size_t length);

/*
 * Replacing a file: begin() makes an empty one beside it, to be written through
 * `fd`; commit() puts that into its place; abandon() leaves the old one alone.
 * One of the two must follow a begin() that succeeded.
 */
struct file_replacement {
    int fd;
    int folder_fd;
    const char *path; /* the caller's */
    const char *name; /* the part of `path` behind the folder */
    char temporary[48];
};

bool file_replace_begin(struct file_replacement *replacement, const char *path,
                        struct record_error *error);
/* Brings the bytes to the disk first. Leaves `fd` open where `keep_fd`.
 * False with one line in `error`; then the old file is as it was. */
bool file_replace_commit(struct file_replacement *replacement, bool keep_fd,
                         struct record_error *error);
void file_replace_abandon(struct file_replacement *replacement);

#endif
