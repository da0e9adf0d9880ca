/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FAIL_H
#define RECORD_FAIL_H

#include <stdbool.h>

#include "record.h"

/*
 * Says in one line what failed with `path` and why: "PATH: why". A long path
 * keeps its end, characters that would break the line become '?'. Returns
 * false, so that a caller can `return fail(...)`. `error` may be NULL.
 */
__attribute__((format(printf, 3, 4))) bool
fail(struct record_error *error, const char *path, const char *format, ...);

#endif
