/* SPDX-License-Identifier: MIT */
/*
 * The completion thread: a queue of published futures whose callbacks are due,
 * and a thread that runs them in order.
 *
 * Whoever pushes then looks whether there is a thread; the first to see that
 * there is none makes it. If that fails he says so, and only then runs what is
 * queued: who saw him at it had pushed before.
 */
#include "completion.h"

#include <errno.h>
#include <sys/prctl.h>

#include "last_error.h"
#include "thread_options.h"

enum cf_status cfi_thread_start(pthread_t *thread, void *(*run)(void *),
                                void *context)
{
    int error = cfi_thread_create(thread, NULL, run, context);

    if (error != 0) {
        errno = error;
        return cfi_fail_errno(CF_AGAIN, "pthread_create");
    }
    return CF_OK;
}

enum { NO_THREAD, STARTING, HAS_THREAD };

static struct cf_future *pop(struct cfi_completion *completion)
{
    cfi_lock(&completion->lock);
    struct cf_future *future = cfi_queue_pop(&completion->queue);
    cfi_unlock(&completion->lock);
    return future;
}

/* The next future; NULL: it is all over. */
static struct cf_future *await(struct cfi_completion *completion)
{
    for (;;) {
        struct cf_future *future = pop(completion);
        if (future != NULL)
            return future;
        uint32_t key = cfi_eventcount_prepare(&completion->more);
        bool is_ending = atomic_load(&completion->is_ending);
        future = pop(completion);
        if (future != NULL || is_ending) {
            cfi_eventcount_cancel(&completion->more);
            return future;
        }
        cfi_eventcount_wait(&completion->more, key, INT64_MAX);
    }
}

static void call_back(struct cf_future *future)
{
    cfi_future_run_callbacks(future);
    cf_future_release(future);
}

static void *run(void *context)
{
    struct cfi_completion *completion = context;
    struct cf_future *future;

    prctl(PR_SET_NAME, "cf-completion");
    while ((future = await(completion)) != NULL)
        call_back(future);
    return NULL;
}

static void see_to_a_thread(struct cfi_completion *completion)
{
    uint32_t none = NO_THREAD;
    struct cf_future *future;

    if (atomic_load(&completion->stage) != NO_THREAD ||
        !atomic_compare_exchange_strong(&completion->stage, &none, STARTING))
        return;
    if (cfi_thread_start(&completion->thread, run, completion) == CF_OK) {
        atomic_store(&completion->stage, HAS_THREAD);
        return;
    }
    atomic_store(&completion->stage, NO_THREAD);
    while ((future = pop(completion)) != NULL)
        call_back(future);
}

/* It is final: its callbacks, where some are due, come next. */
static void follow_up(struct cfi_completion *completion,
                      struct cf_future *future, bool calls_back)
{
    if (!calls_back) {
        cf_future_release(future);
        return;
    }
    cfi_lock(&completion->lock);
    cfi_queue_push(&completion->queue, future);
    cfi_unlock(&completion->lock);
    see_to_a_thread(completion);
    cfi_eventcount_notify(&completion->more, 1);
}

void cfi_completion_publish(struct cfi_completion *completion,
                            struct cf_future *future)
{
    follow_up(completion, future, cfi_future_publish(future));
}

void cfi_completion_cancel(struct cfi_completion *completion,
                           struct cf_future *future)
{
    follow_up(completion, future, cfi_future_cancel_sent(future));
}

void cfi_completion_cancel_queued(struct cfi_completion *completion,
                                  struct cf_future *future)
{
    follow_up(completion, future, cfi_future_cancel_queued(future));
}

void cfi_completion_stop(struct cfi_completion *completion)
{
    if (atomic_load(&completion->stage) == NO_THREAD)
        return;
    atomic_store(&completion->is_ending, true);
    cfi_eventcount_notify(&completion->more, CFI_EVERYBODY);
    pthread_join(completion->thread, NULL);
}
