/* SPDX-License-Identifier: MIT */
#ifndef CFI_HEAP_H
#define CFI_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Memory for arguments and results of any size, aligned for any type; what is
 * large is kept for the next one of its size when it is given back. Any thread
 * may give back what another took.
 */

/* NULL without memory. The second form is for who is about to write all of it:
 * its pages are made at once, not by a fault each. */
void *cfi_heap_take(size_t bytes);
void *cfi_heap_take_whole(size_t bytes);

/* NULL does nothing. */
void cfi_heap_give(void *memory);

/* Gives back to the system what is kept. Cheap where nothing is. */
void cfi_heap_trim(void);

/* The same where nothing has been taken for CFI_HEAP_IDLE_NS. True: nothing is
 * kept any more. */
bool cfi_heap_trim_idle(void);

#define CFI_HEAP_IDLE_NS ((int64_t)200000000)

/* From here on it is kept. */
#define CFI_HEAP_LARGE ((size_t)32 << 10)

/* In a forked child, whose other threads are gone. */
void cfi_heap_after_fork(void);

#endif
