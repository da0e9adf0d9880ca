/* SPDX-License-Identifier: MIT */
#include "seen.h"

void note_worker(const struct cf_event *event, void *context)
{
    struct seen *seen = context;

    pthread_mutex_lock(&seen->lock);
    seen->started += event->kind == CF_EVENT_WORKER_STARTED;
    seen->ended += event->kind == CF_EVENT_WORKER_ENDED;
    if (event->kind == CF_EVENT_WORKER_STARTED && event->worker > seen->highest)
        seen->highest = event->worker;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->lock);
}

void await_ended(struct seen *seen, int count)
{
    pthread_mutex_lock(&seen->lock);
    while (seen->ended < count)
        pthread_cond_wait(&seen->changed, &seen->lock);
    pthread_mutex_unlock(&seen->lock);
}
