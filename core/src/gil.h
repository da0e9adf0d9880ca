/* SPDX-License-Identifier: MIT */
#ifndef CFI_GIL_H
#define CFI_GIL_H

#include <stdatomic.h>
#include <stdint.h>

#include "eventcount.h"

/*
 * One lock that all workers of an executor share while they run tasks, under
 * the rule of CPython's global interpreter lock: see gil.c. Zero is a free
 * lock; it needs no destroying.
 */
struct cfi_gil {
    _Atomic uint32_t held;         /* 0 free, 1 held                          */
    _Atomic uint32_t drop_request; /* a waiter's interval has run out         */
    _Atomic uint32_t switches;     /* how often it went to another thread     */
    _Atomic uintptr_t last_holder; /* which thread took it last               */
    struct cfi_eventcount freed;   /* notified when it becomes free           */
    struct cfi_eventcount taken;   /* notified when it was taken              */
};

/* Blocks until this thread holds it. */
void cfi_gil_acquire(struct cfi_gil *gil);

/* The holder gives it back. */
void cfi_gil_release(struct cfi_gil *gil);

/* The holder hands it over if another thread asked for it and blocks until it
 * is its own again: CPython's check between two bytecodes. */
void cfi_gil_checkpoint(struct cfi_gil *gil);

#endif
