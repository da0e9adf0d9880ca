/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_LEFTOVER_H
#define CFBENCH_LEFTOVER_H

/*
 * Programs that outlive their sample: one whose worker was killed with it, or put itself
 * into a session of its own. They are known by a mark in the environment that
 * each program we start inherits, whoever its parent is by now.
 */
#include <stdbool.h>

/* Marks all programs that this process and its forks start from now on. False:
 * no memory. Further calls keep the first mark. */
bool wl_leftover_mark(void);

/* Kills every marked process; returns when none is seen any more, or after a
 * second. Does nothing where nothing was marked. */
void wl_leftover_end(void);

#endif
