/* SPDX-License-Identifier: MIT */
#ifndef CFI_SYMBOL_H
#define CFI_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>

enum { CFI_SYMBOL_BYTES = 200 };

/* The name, cut to its room, of the function that `address` lies in, and how far
 * behind its beginning. False: its object does not tell. */
bool cfi_symbol_find(const void *address, char name[CFI_SYMBOL_BYTES],
                     size_t *behind);

#endif
