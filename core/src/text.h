/* SPDX-License-Identifier: MIT */
#ifndef CFI_TEXT_H
#define CFI_TEXT_H

#include <stdio.h>
#include <stdio_ext.h>

/* Writes out what a task has printed, where there is any. */
static inline void cfi_text_flush(void)
{
    if (__fpending(stdout) > 0)
        fflush(stdout);
    if (__fpending(stderr) > 0)
        fflush(stderr);
}

#endif
