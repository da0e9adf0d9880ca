/* SPDX-License-Identifier: MIT */
#include "thread_slot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static const char tokens[CFI_THREAD_SLOTS];
static _Atomic uint32_t taken;  /* a bit for each that is a thread's own */
static _Atomic uint32_t shared; /* by so many threads, since the start   */
static pthread_key_t at_thread_end;
static bool has_key;

/* One that all share in turn, and an address that only this thread has. */
static void share(void)
{
    cfi_this_thread.slot = atomic_fetch_add(&shared, 1) % CFI_THREAD_SLOTS + 1;
    cfi_this_thread.token = &cfi_this_thread;
}

/* What the thread submits after this, from other destructors, is a stranger's
 * to its slot. */
static void leave(void *token)
{
    uint32_t slot = (uint32_t)((const char *)token - tokens);

    cfi_this_thread.token = &cfi_this_thread;
    /* sequentially consistent: what this thread wrote as the owner of
     * something is visible to who takes the slot */
    atomic_fetch_and(&taken, ~(1u << slot));
}

static void make_key(void)
{
    has_key = pthread_key_create(&at_thread_end, leave) == 0;
}

/* A slot of its own, which it leaves when it ends. */
static bool take_one(void)
{
    uint32_t seen = atomic_load(&taken), slot;

    do {
        slot = (uint32_t)__builtin_ctz(~seen);
        if (slot >= CFI_THREAD_SLOTS)
            return false;
    } while (!atomic_compare_exchange_weak(&taken, &seen, seen | 1u << slot));
    if (pthread_setspecific(at_thread_end, &tokens[slot]) != 0) {
        atomic_fetch_and(&taken, ~(1u << slot));
        return false;
    }
    cfi_this_thread.slot = slot + 1;
    cfi_this_thread.token = &tokens[slot];
    return true;
}

void cfi_thread_slot_find(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_key);
    if (!has_key || !take_one())
        share();
}

void cfi_thread_slot_after_fork(void)
{
    bool is_own = cfi_this_thread.token != NULL &&
                  cfi_this_thread.token != &cfi_this_thread;

    atomic_store(&taken, is_own ? 1u << (cfi_this_thread.slot - 1) : 0);
}
