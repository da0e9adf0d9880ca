/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_SPARES_H
#define CFI_PROCESS_SPARES_H

#include <stdbool.h>

#include "process_host.h"

/* Workers whose tasks sleep, and who stands in for them; the host's lock is
 * held. */

/* A worker's task sleeps, for what was noted as awaited. False: that may need
 * another worker, and none can be had. */
bool cfi_host_note_absent(struct cfi_host *host, struct cfi_lane *lane);

/* Takes a future from wherever it waits; it stays as it is. False: it does not,
 * it has started. */
bool cfi_host_pick_up(struct cfi_host *host, struct cf_future *future);

/* Gives a task that is awaited and has not started to a worker that stands in.
 * False: there is none, of one or the other. */
bool cfi_host_stand_in(struct cfi_host *host, struct cfi_endings *endings);

/* A spare worker has nothing to do. */
void cfi_host_note_spare_idle(struct cfi_host *host, struct cfi_lane *lane);

#endif
