/* SPDX-License-Identifier: MIT */
#ifndef SEEN_H
#define SEEN_H

/* Workers as an observer sees them. */
#include <pthread.h>

#include "conformance.h"

struct seen {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int started;
    int ended;
    size_t highest; /* of the indexes of those that started */
};

#define SEEN_NOBODY                                                            \
    ((struct seen){.lock = PTHREAD_MUTEX_INITIALIZER,                          \
                   .changed = PTHREAD_COND_INITIALIZER})

/* An observer, whose context is a struct seen. */
void note_worker(const struct cf_event *event, void *context);

/* Until so many have ended. */
void await_ended(struct seen *seen, int count);

#endif
