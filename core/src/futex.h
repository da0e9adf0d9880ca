/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTEX_H
#define CFI_FUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Sleeping on a 32-bit word, between the threads of one process; `shared`
 * words may lie in memory that processes share. errno is left alone.
 */

/* Sleeps while `*word == expected`, until `deadline_ns` (INT64_MAX: for ever;
 * see clock.h). False: the deadline has passed. True: look again, for whatever
 * reason (a wake, a changed word, a signal, nothing at all). */
bool cfi_futex_wait(const _Atomic uint32_t *word, uint32_t expected,
                    int64_t deadline_ns);
bool cfi_futex_wait_shared(const _Atomic uint32_t *word, uint32_t expected,
                           int64_t deadline_ns);

/* Wakes up to `count` sleepers. */
void cfi_futex_wake(const _Atomic uint32_t *word, int count);
void cfi_futex_wake_shared(const _Atomic uint32_t *word, int count);

#endif
