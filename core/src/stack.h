/* SPDX-License-Identifier: MIT */
#ifndef CFI_STACK_H
#define CFI_STACK_H

#include <stdbool.h>

/*
 * Around a task that runs inside a submit of this thread. may_nest(): is there
 * room for one more? There always is for a few, which fit on any stack, one
 * that is not the thread's own too. Costs most when a thread asks first.
 */
bool cfi_stack_may_nest(void);
void cfi_stack_nest_begin(void);
void cfi_stack_nest_end(void);

#endif
