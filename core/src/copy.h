/* SPDX-License-Identifier: MIT */
#ifndef CFI_COPY_H
#define CFI_COPY_H

#include <stddef.h>
#include <string.h>

/* memcpy() for arguments and results, which mostly are one number or address:
 * that is then moved in place. */
static inline void cfi_copy(void *to, const void *from, size_t bytes)
{
    if (bytes == 8)
        memcpy(to, from, 8);
    else if (bytes == 4)
        memcpy(to, from, 4);
    else if (bytes > 0)
        memcpy(to, from, bytes);
}

#endif
