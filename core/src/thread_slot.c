/* SPDX-License-Identifier: MIT */
#include "thread_slot.h"

#include <sys/syscall.h>
#include <unistd.h>

CFI_OWN uint32_t cfi_own_slot;

uint32_t cfi_thread_slot_first(void)
{
    uint32_t slot = (uint32_t)syscall(SYS_gettid) % CFI_THREAD_SLOTS;

    cfi_own_slot = slot + 1;
    return slot;
}
