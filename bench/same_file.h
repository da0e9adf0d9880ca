/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SAME_FILE_H
#define BENCH_SAME_FILE_H

#include <stdbool.h>

/* Do both paths lead to one file, by whatever spelling or link, or would they
 * where it is not there yet? False where either leads nowhere. */
bool same_file(const char *path, const char *other);

#endif
