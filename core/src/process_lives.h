/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_LIVES_H
#define CFI_PROCESS_LIVES_H

#include <stddef.h>
#include <stdint.h>

#include "process_host.h"

/* How long workers live, and how many there are; the host's lock is held. */

/* Has a worker leave when what it runs has ended; what waits behind that goes
 * back to the queue. */
void cfi_host_retire(struct cfi_host *host, struct cfi_lane *lane);

/* The same for one that has closed its post. It may be dead: then that counts as
 * a death all the same. */
void cfi_host_retire_deaf(struct cfi_host *host, struct cfi_lane *lane);

/* It has answered something: it may have had as many tasks as it may, have
 * grown too large, or have outlived a signal. */
void cfi_host_note_wear(struct cfi_host *host, struct cfi_lane *lane);

/* It has nothing to do from now on; has it had nothing for as long as it may?
 * tend() returns when to look again. */
void cfi_host_note_idle(struct cfi_host *host, struct cfi_lane *lane);
int64_t cfi_host_tend_idle(struct cfi_host *host, struct cfi_lane *lane,
                           int64_t now_ns);

/* cf_set_workers(); takes the lock. */
enum cf_status cfi_host_set_workers(struct cfi_host *host, size_t count);

#endif
