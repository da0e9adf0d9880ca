/* SPDX-License-Identifier: MIT */
#ifndef CF_INTERRUPT_H
#define CF_INTERRUPT_H

#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A thread as one whose waits can be ended from outside. */
struct cf_waiter;

/*
 * Makes the calling thread's waits interruptible and hands out what
 * cf_interrupt() takes: the same at each call of a thread, valid until the
 * thread ends. CF_OK, CF_INVALID, CF_UNSUPPORTED (the kernel is older than
 * Linux 5.16).
 */
CF_API CF_MUST_CHECK enum cf_status
cf_waiter_of_this_thread(struct cf_waiter **waiter);

/*
 * Ends the wait that the waiter's thread is in, or else its next one: cf_result
 * and its like, cf_wait, cf_next, cf_map_into, cf_join, cf_shutdown, cf_submit
 * while it waits for room return CF_TIMEOUT (cf_submit: CF_FULL), whatever their
 * time-out, unless what they waited for has come. cf_last_error() tells it
 * from a time-out: its text ends in "interrupted". May be called from any
 * thread and from a signal handler; never blocks, leaves errno alone.
 */
CF_API void cf_interrupt(struct cf_waiter *waiter);

#ifdef __cplusplus
}
#endif
#endif
