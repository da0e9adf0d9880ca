/* SPDX-License-Identifier: MIT */
#ifndef CFI_STACK_H
#define CFI_STACK_H

#include <stdbool.h>

/* Is less than half of the calling thread's stack in use? False as well where
 * it runs on a stack that is not its own, of which nothing is known. Costs most
 * when a thread asks first. */
bool cfi_stack_has_room(void);

#endif
