/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_WORKER_H
#define CFI_PROCESS_WORKER_H

#include <stdnoreturn.h>

#include "zygote.h"

/* What a worker process is, once it is forked: serves the rings in the memory
 * behind `region` (which it closes) until it is told to leave or dies. */
noreturn void cfi_process_worker_main(const struct cfi_worker_order *order,
                                      int region, struct cfi_bell *bell);

#endif
