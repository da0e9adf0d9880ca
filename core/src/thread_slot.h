/* SPDX-License-Identifier: MIT */
#ifndef CFI_THREAD_SLOT_H
#define CFI_THREAD_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "this_thread.h"

/*
 * Where threads that are no workers have a place each, in every executor: the
 * first eight at a time one of their own, which a thread that comes later gets
 * when one of them has ended, the others share.
 */
enum { CFI_THREAD_SLOTS = 8 };

void cfi_thread_slot_find(void);

/* A number for this thread, below CFI_THREAD_SLOTS. */
static inline uint32_t cfi_thread_slot(void)
{
    if (cfi_this_thread.slot == 0)
        cfi_thread_slot_find();
    return cfi_this_thread.slot - 1;
}

/* An address that no other thread has while this one lives. Who gets its slot
 * then, as its own, has it too, and with it what it owned. */
static inline const void *cfi_thread_token(void)
{
    if (cfi_this_thread.token == NULL)
        cfi_thread_slot_find();
    return cfi_this_thread.token;
}

/* In a forked child, whose other threads are gone. */
void cfi_thread_slot_after_fork(void);

#endif
