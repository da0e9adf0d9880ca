/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_PUT_OFF_H
#define CFI_PROCESS_PUT_OFF_H

#include <stdbool.h>

#include "process_host.h"

/* Tasks whose buffers may not be posted; the host's lock is held. */

/* Does one such task hold up all others? */
bool cfi_host_keeps_order(const struct cfi_host *host);

/* A future that is SENT, or has had attempts, waits until buffers may be posted
 * again. */
void cfi_host_put_off(struct cfi_host *host, struct cf_future *future);

/* A queued future is to go to `lane`. True: it would have to be posted, and waits
 * behind those that wait for that. */
bool cfi_host_lines_up(struct cfi_host *host, const struct cfi_lane *lane,
                       struct cf_future *future);

/* Gives out what was put off, as far as it can be: all; what needs no posting. */
void cfi_host_resume(struct cfi_host *host, struct cfi_endings *endings);
void cfi_host_give_to_holders(struct cfi_host *host,
                              struct cfi_endings *endings);

/* Has a worker taken descriptors in, since something was put off? True once. */
bool cfi_host_may_post_again(struct cfi_host *host);

/* All that was put off goes back to the head of the queue. */
void cfi_host_take_up(struct cfi_host *host);

/* Takes out a pending future that no lane holds. False: it is not there. */
bool cfi_host_unqueue(struct cfi_host *host, struct cf_future *future);

#endif
