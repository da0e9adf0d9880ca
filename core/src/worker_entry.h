/* SPDX-License-Identifier: MIT */
#ifndef CFI_WORKER_ENTRY_H
#define CFI_WORKER_ENTRY_H

#include <stdbool.h>

/*
 * What tells a process that it was exec'ed to be one of ours: a variable of
 * the environment, `PLACE:DESCRIPTOR`, where PLACE says where it is to enter
 * and DESCRIPTOR is the socket over which it hears the rest.
 */
#define CFI_ENTRY_MARKER "CF_WORKER_ENTRY"
#define CFI_ENTRY_START  "start" /* at once, in the library's constructor   */
#define CFI_ENTRY_MAIN   "main"  /* in cf_worker_entry(), which main calls  */

/* Has this program called cf_worker_entry()? */
bool cfi_entry_is_in_main(void);

/* Was this process exec'ed to be one of ours, and is not yet? */
bool cfi_entry_is_due(void);

#endif
