/* SPDX-License-Identifier: MIT */
#ifndef CFI_INTERRUPT_H
#define CFI_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include <cf/interrupt.h>

#include "eventcount.h"

/*
 * As cfi_futex_wait() and cfi_eventcount_wait(), for the waits that a user
 * asked for: an interrupt ends them like a deadline (false), and is used up.
 */
bool cfi_interruptible_wait(const _Atomic uint32_t *word, uint32_t expected,
                            int64_t deadline_ns);
bool cfi_interruptible_event_wait(struct cfi_eventcount *event, uint32_t key,
                                  int64_t deadline_ns);

/*
 * The same on two words, the second of which lies in memory that processes
 * share. Only where the system can do that.
 */
bool cfi_can_wait_for_either(void);
bool cfi_interruptible_wait_either(const _Atomic uint32_t *word,
                                   uint32_t expected,
                                   const _Atomic uint32_t *shared,
                                   uint32_t shared_expected,
                                   int64_t deadline_ns);

/* Was this thread's last such wait ended by an interrupt? forget(): that has
 * been told, or another wait begins, which may end without such a sleep. */
bool cfi_was_interrupted(void);
void cfi_forget_interrupt(void);

/* Has this thread asked for that? */
bool cfi_is_interruptible(void);

/* An interrupt has come that no wait has seen yet: uses it up. */
bool cfi_use_interrupt(void);

/* CF_TIMEOUT, noting which of the two ended this thread's last such wait. */
enum cf_status cfi_fail_timeout(const char *what);

#endif
