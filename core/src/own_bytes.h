/* SPDX-License-Identifier: MIT */
#ifndef CFI_OWN_BYTES_H
#define CFI_OWN_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* Resident memory that is this process's own: no file's, and not shared. Pages
 * that a fork left in common with its parent count, too: compare with what it
 * was at birth. And all of its address space. 0 where the system says
 * nothing. */
size_t cfi_own_bytes(void);
size_t cfi_own_address_bytes(void);
bool cfi_own_bytes_are_told(void); /* does it? */

#endif
