/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_WAIT_H
#define CFI_PROCESS_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "process_host.h"

/* How a thread of the host waits for what workers answer; no lock is held. */

/* Looks for the end of `future`, for a while if it is near. Returns whether
 * anything was answered. */
bool cfi_host_fetch(struct cfi_host *host, const struct cf_future *future,
                    int64_t deadline_ns);

/* Sleeps as cfi_interruptible_wait() does on the future's word, and fetches
 * whatever is answered meanwhile. */
bool cfi_host_sleep(struct cfi_host *host, const struct cf_future *future,
                    uint32_t word, int64_t deadline_ns);

/* Something was answered: lets more gather, if it will come soon. */
void cfi_host_gather(struct cfi_host *host);

#endif
