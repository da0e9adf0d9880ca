/* SPDX-License-Identifier: MIT */
/*
 * Which process an executor belongs to. A forked child inherits handles whose
 * workers it does not have; the generation, raised in every child, tells them
 * apart. One of the few things that the library keeps outside its executors
 * (others are each thread's last error and block.c): a fork concerns them all.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "block.h"
#include "executor_impl.h"
#include "waits_for.h"

static _Atomic uint64_t generation;

void cfi_fork_note(void)
{
    atomic_fetch_add(&generation, 1);
    cfi_block_after_fork();
    cfi_waits_for_after_fork();
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, cfi_fork_note);
}

uint64_t cfi_fork_generation(void)
{
    /* relaxed: changes only in a child that has a single thread */
    return atomic_load_explicit(&generation, memory_order_relaxed);
}

void cfi_fork_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
}
