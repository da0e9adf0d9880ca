/* SPDX-License-Identifier: MIT */
#ifndef CFI_MEMORY_EVENTS_H
#define CFI_MEMORY_EVENTS_H

#include <stdint.h>

/* How many processes of this one's control group the system has killed so far
 * for lack of memory; 0 where it does not say. */
uint64_t cfi_memory_kills(void);

#endif
