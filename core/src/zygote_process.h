/* SPDX-License-Identifier: MIT */
#ifndef CFI_ZYGOTE_PROCESS_H
#define CFI_ZYGOTE_PROCESS_H

#include <stddef.h>
#include <stdnoreturn.h>

struct cfi_bell;

/* What the zygote is, once it is forked: takes orders from `socket` until the
 * host, which `host_pidfd` refers to, leaves or closes its end. Called with
 * all signals blocked. */
noreturn void cfi_zygote_main(int socket, int host_pidfd, size_t max_workers,
                              struct cfi_bell *bell);

#endif
