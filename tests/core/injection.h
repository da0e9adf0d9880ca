/* SPDX-License-Identifier: MIT */
#ifndef INJECTION_H
#define INJECTION_H

/* What the system refuses: memory and threads, to the library and the test, who
 * are linked so that these calls come here first. */
#include <stdbool.h>

/* The n-th allocation from now on fails, from 1; and all that follow it. */
void fail_allocation(long n, bool sticky);
void fail_no_allocation(void);
bool has_allocation_failed(void); /* since fail_allocation() */
long live_blocks(void);           /* not freed yet           */

/* So many threads can still be started; -1: any number. */
void allow_threads(int count);

#endif
