/* SPDX-License-Identifier: MIT */
#ifndef CFI_COMPLETION_H
#define CFI_COMPLETION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "eventcount.h"
#include "lock.h"
#include "queue.h"

/*
 * A thread that runs the done-callbacks of futures that others have published,
 * so that a slow callback holds up no result. It is made when the first is due:
 * most executors never need it. Zero is one that has nothing to do.
 */
struct cfi_completion {
    pthread_t thread;
    _Atomic uint32_t stage;     /* of that thread: see completion.c */
    struct cfi_eventcount more; /* notified of a push and of the end */
    _Atomic bool is_ending;

    /* --- guarded by lock --- */
    struct cfi_lock lock;
    struct cfi_queue queue;
};

/* Publishes a future whose outcome is filled, and gives back the caller's
 * reference; its callbacks run on the thread, or here where there can be no
 * thread. */
void cfi_completion_publish(struct cfi_completion *completion,
                            struct cf_future *future);

/* The same for one that its transport has cancelled. */
void cfi_completion_cancel(struct cfi_completion *completion,
                           struct cf_future *future);

/* The same for one that was queued and is pending. */
void cfi_completion_cancel_queued(struct cfi_completion *completion,
                                  struct cf_future *future);

/* Runs what is left and ends the thread. */
void cfi_completion_stop(struct cfi_completion *completion);

/* Starts a thread of the library's own, as cfi_thread_create() makes them. */
CF_MUST_CHECK enum cf_status
cfi_thread_start(pthread_t *thread, void *(*run)(void *), void *context);

#endif
