/* SPDX-License-Identifier: MIT */
#ifndef CFI_THREAD_SLOT_H
#define CFI_THREAD_SLOT_H

#include <stdint.h>

#include "own.h"

/* Where threads that are no workers share a few places. */
enum { CFI_THREAD_SLOTS = 8 };

extern CFI_OWN uint32_t cfi_own_slot; /* one higher; 0: not known yet */
uint32_t cfi_thread_slot_first(void);

/* A number for this thread, below CFI_THREAD_SLOTS: threads made one after the
 * other get one after the other. */
static inline uint32_t cfi_thread_slot(void)
{
    return cfi_own_slot != 0 ? cfi_own_slot - 1 : cfi_thread_slot_first();
}

/* An address that no other thread has while this one lives. */
static inline const void *cfi_thread_token(void)
{
    return &cfi_own_slot;
}

#endif
