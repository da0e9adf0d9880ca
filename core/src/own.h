/* SPDX-License-Identifier: MIT */
#ifndef CFI_OWN_H
#define CFI_OWN_H

/*
 * A thread's own variable that each task's path reads: found at a fixed
 * distance from the thread, not by a call, in the shared library too. Room for
 * such variables is short in a program that loads libcf late (glibc keeps some
 * 1.6 KiB): for single words only.
 */
#define CFI_OWN _Thread_local __attribute__((tls_model("initial-exec")))

#endif
