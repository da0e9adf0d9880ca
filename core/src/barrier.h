/* SPDX-License-Identifier: MIT */
#ifndef CFI_BARRIER_H
#define CFI_BARRIER_H

#include <stdbool.h>

/*
 * A full memory barrier in all threads of this process at once, at the price of
 * a system call that interrupts each that runs: some microseconds. What it is
 * for: of two sides that write their own word and read the other's, the one
 * that does so often needs no barrier of its own then, just the order of its
 * instructions (atomic_signal_fence()), if the other has this one between its
 * write and its read.
 */
void cfi_barrier_all(void);

/* Says to the kernel that this process is to have it. A process with threads
 * waits for that, some 13 ms: only `patiently`. */
void cfi_barrier_all_announce(bool patiently);

/* Can it be had by now? Never from an old kernel, nor where a filter of system
 * calls forbids it, nor any more where one has done so. Else both sides need their
 * own. */
bool cfi_barrier_all_exists(void);

#endif
