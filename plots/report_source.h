/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_REPORT_SOURCE_H
#define PLOTS_REPORT_SOURCE_H

/* The file that a record was read from: named by its hash, and kept whole
 * where it is small enough to travel inside the page. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sha256.h"

enum { SOURCE_KEPT_MAX = 1 << 20, SOURCE_NAME_BYTES = 128 };

struct report_source {
    char name[SOURCE_NAME_BYTES]; /* without its folder, but see below */
    char sha256[SHA256_TEXT];
    size_t bytes;
    char *content; /* NULL where it is larger than SOURCE_KEPT_MAX */
};

/* False with errno. */
bool report_source_read(struct report_source *source, const char *path);
/* Where two of the names are the same, puts as many of their folders before
 * them as tell them apart. The paths are those that were read. */
enum { SOURCES_MAX = 16 };
void report_source_tell_apart(struct report_source *const sources[],
                              char *const paths[], size_t count);
void report_source_finish(struct report_source *source);

/* Writes the content as an address for an attribute in single quotes. */
void report_source_address(FILE *out, const struct report_source *source);

#endif
