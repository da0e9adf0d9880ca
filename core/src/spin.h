/* SPDX-License-Identifier: MIT */
#ifndef CFI_SPIN_H
#define CFI_SPIN_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Looking for a while before falling asleep: what is awaited often comes
 * within microseconds, and a sleep with its wake costs 10 to 100. Only while
 * that has lately paid: after four times in vain 64 chances are left out, then
 * it is tried again. Once is enough where the thread lost its processor over
 * it: others need it, and who yields to them comes back milliseconds later,
 * while who was asleep is woken at once. Zero is a good start. One thread's
 * alone.
 */
struct cfi_spin {
    uint32_t failures; /* in a row */
    uint32_t left_out;
};

enum { CFI_SPIN_NS = 20000, CFI_SPIN_FAILURES = 4, CFI_SPIN_LEFT_OUT = 64 };

static inline bool cfi_spin_pays(struct cfi_spin *spin)
{
    if (spin->failures < CFI_SPIN_FAILURES ||
        spin->left_out++ == CFI_SPIN_LEFT_OUT) {
        spin->left_out = 0;
        return true;
    }
    return false;
}

static inline void cfi_spin_note(struct cfi_spin *spin, bool has_paid,
                                 int64_t took_ns)
{
    if (took_ns > (int64_t)4 * CFI_SPIN_NS)
        spin->failures = CFI_SPIN_FAILURES;
    else if (has_paid)
        spin->failures = 0;
    else if (spin->failures < CFI_SPIN_FAILURES)
        spin->failures++;
}

/* About how much longer the other side takes for what it sends where that has
 * so many bytes, copied once or twice; up to twice the above. */
static inline int64_t cfi_copying_ns(uint64_t bytes)
{
    return bytes < 8 * (uint64_t)CFI_SPIN_NS ? (int64_t)bytes / 4
                                             : 2 * CFI_SPIN_NS;
}

/* Tells the processor that this thread goes round a loop until another one has
 * written. */
static inline void cfi_pause(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

/* About 0.1 us. */
static inline void cfi_spin_pause(void)
{
    for (int i = 0; i < 8; i++)
        cfi_pause();
}

/* Between two looks: about 0.1 us; every 8th time others may run, since who is
 * awaited may need this very core. */
static inline void cfi_spin_rest(unsigned round)
{
    if (round % 8 == 0)
        sched_yield();
    else
        cfi_spin_pause();
}

#endif
