/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_ENDINGS_H
#define CFI_PROCESS_ENDINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"

struct cfi_child;
struct cfi_unread_note;

enum { CFI_MOST_WAKES = 4 }; /* that are put off */

/*
 * Futures that came to an end, or fell out of the queue, while the lock was
 * held: they are published or released after it, by cfi_host_unlock(). Workers
 * are woken there too. See process_endings.c.
 */
struct cfi_endings {
    struct cfi_queue ended;
    struct cfi_queue dropped;
    struct cfi_queue cancelled;  /* pending, and are to be; their ...  */
    bool calls_back_later;       /* ... callbacks run elsewhere        */
    struct cfi_child *forgotten; /* nobody is told of these any more */
    struct cfi_unread_note *unread;
    const _Atomic uint32_t *wakes[CFI_MOST_WAKES]; /* slept on by workers */
    size_t wake_count;
};

/* A worker sleeps on `asleep` that has something to do. */
void cfi_endings_wake(struct cfi_endings *endings,
                      const _Atomic uint32_t *asleep);

/* Is there nothing for cfi_host_settle() to do? */
bool cfi_endings_are_none(const struct cfi_endings *endings);

#endif
