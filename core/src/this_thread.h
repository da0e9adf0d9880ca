/* SPDX-License-Identifier: MIT */
#ifndef CFI_THIS_THREAD_H
#define CFI_THIS_THREAD_H

#include <stdint.h>

struct cfi_shelves;
struct cfi_worker;

/* What each submit and each run asks of its thread, together: a shared library
 * finds a thread's words by a call, which is made once then. All zero in a new
 * thread. */
struct cfi_this_thread {
    struct cfi_worker *worker;   /* shift.c; NULL: it is none            */
    struct cfi_shelves *shelves; /* block.c; NULL: not made yet          */
    const void *token;           /* thread_slot.c; NULL: not known yet   */
    uint32_t slot;               /* the same; one higher than it is      */
};

extern _Thread_local struct cfi_this_thread cfi_this_thread; /* shift.c */

#endif
