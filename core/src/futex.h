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

/* The same for one who can be told from others: `kinds` has a bit for each kind
 * that it is of, at least one. */
bool cfi_futex_wait_as(const _Atomic uint32_t *word, uint32_t expected,
                       int64_t deadline_ns, uint32_t kinds);

/* Wakes up to `count` sleepers, of whatever kind. */
void cfi_futex_wake(const _Atomic uint32_t *word, int count);
void cfi_futex_wake_shared(const _Atomic uint32_t *word, int count);

/* Wakes one sleeper that is of any of these kinds; false: there is none. */
bool cfi_futex_wake_kind(const _Atomic uint32_t *word, uint32_t kinds);

#endif
