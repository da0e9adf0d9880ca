/* SPDX-License-Identifier: MIT */
#ifndef CFI_ZYGOTE_PROCESS_H
#define CFI_ZYGOTE_PROCESS_H

#include <stdnoreturn.h>

struct cf_executor;
struct cfi_board;

/* What the zygote of `executor` is, once it is forked or exec'ed: takes orders
 * from `socket` until the host, which `host_pidfd` refers to, leaves or closes
 * its end. `settings` are for workers that it is to exec, else -1. Called with
 * all signals blocked. */
noreturn void cfi_zygote_main(int socket, int host_pidfd,
                              struct cf_executor *executor,
                              const struct cfi_board *board, int settings);

#endif
