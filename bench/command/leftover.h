/* SPDX-License-Identifier: MIT */
#ifndef BENCH_LEFTOVER_H
#define BENCH_LEFTOVER_H

/*
 * Commands that outlive their sample: one that was killed with it, or put itself
 * into a session of its own. They are known by a mark in the environment that
 * each program we start inherits, whoever its parent is by now.
 */
#include <stdbool.h>

/* Marks all programs that this process and its forks start from now on. False:
 * no memory. Further calls keep the first mark. */
bool leftover_mark(void);

/* Kills every marked process; returns when none is seen any more, or after a
 * second. Does nothing where nothing was marked. */
void leftover_end(void);

#endif
