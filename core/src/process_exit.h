/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_EXIT_H
#define CFI_PROCESS_EXIT_H

#include <stdbool.h>

/* From now on exit(), and pthread_exit() of this thread, end the process with
 * what was printed written out, and nothing of the host's run. False: they
 * cannot. */
bool cfi_process_exit_watch(void);

#endif
