/* SPDX-License-Identifier: MIT */
#ifndef BENCH_KEEP_H
#define BENCH_KEEP_H

/* The folder for what tasks print (--keep-output). */
#include <stdbool.h>

/* Makes the folder, if need be, and returns its whole path, for free(). What it
 * has under a name that a task's output would take is replaced only where
 * cfbench has kept outputs in it before, or with `force`. NULL: one line has
 * been said. */
char *keep_folder(const char *folder, bool force);

#endif
