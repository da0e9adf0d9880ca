/* SPDX-License-Identifier: MIT */
#ifndef CFI_OWN_BYTES_H
#define CFI_OWN_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* Resident memory that is this process's own; 0 where the system does not
 * say. */
size_t cfi_own_bytes(void);
bool cfi_own_bytes_are_told(void); /* does it? */

#endif
