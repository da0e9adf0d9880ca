/* SPDX-License-Identifier: MIT */
#ifndef CFI_STACK_H
#define CFI_STACK_H

#include <stdbool.h>

/*
 * Around a task that runs inside a submit of this thread. may_nest(): is there
 * room for it, that is, is less than half of the thread's stack in use? Always
 * where it is the first. Where the thread runs on a stack that is not its own
 * nothing is known of that, and a few are thought to fit. Costs most when a
 * thread asks first.
 */
bool cfi_stack_may_nest(void);
void cfi_stack_nest_begin(void);
void cfi_stack_nest_end(void);

#endif
