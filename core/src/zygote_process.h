/* SPDX-License-Identifier: MIT */
#ifndef CFI_ZYGOTE_PROCESS_H
#define CFI_ZYGOTE_PROCESS_H

#include <stdnoreturn.h>

struct cf_executor;
struct cfi_bell;

/* What the zygote of `executor` is, once it is forked: takes orders from `socket` until the
 * host, which `host_pidfd` refers to, leaves or closes its end. Called with
 * all signals blocked. */
noreturn void cfi_zygote_main(int socket, int host_pidfd,
                              struct cf_executor *executor,
                              struct cfi_bell *bell);

#endif
