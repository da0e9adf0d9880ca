/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_WORKER_H
#define CFI_PROCESS_WORKER_H

#include <stdnoreturn.h>

#include "zygote.h"

struct cf_executor;
struct cfi_board;

/* What a worker process is, once it is there: serves the rings in the memory
 * behind `region` (which it closes) until it is told to leave or dies; buffers
 * come and go by `post`. Of
 * `executor`, as it was when the zygote was forked, it uses the initializer. */
noreturn void cfi_process_worker_main(const struct cfi_worker_order *order,
                                      int region, int post,
                                      struct cf_executor *executor,
                                      const struct cfi_board *board);

/* Leaves without having begun, for a reason that the host finds in `region`. */
noreturn void cfi_process_worker_refuse(int region, const char *why);

#endif
