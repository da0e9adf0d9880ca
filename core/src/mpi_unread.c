/* SPDX-License-Identifier: MIT */
/*
 * References to futures that the thread that calls MPI gives back. The last one
 * to a future that failed, and that nobody asked how, calls the executor's
 * handler of errors, which may do as it likes: ask what has become of a task
 * that a rank has, say, which waits for that very thread. So the error is
 * counted here, and another thread calls the handler: made when the first is
 * due, and the process's own. Whoever destroys the executor calls those himself
 * that wait behind others, and waits until none is called any more.
 */
#include "completion.h"
#include "executor_impl.h"
#include "mpi_host.h"

#include <sys/prctl.h>

static struct cfi_eventcount more;
static bool has_thread; /* the thread's that calls MPI */
static _Thread_local bool is_ours;
static struct cfi_lock lock;
/* --- guarded by lock --- */
static struct cfi_queue queue;

static struct cf_future *pop(void)
{
    cfi_lock(&lock);
    struct cf_future *future = cfi_queue_pop(&queue);
    cfi_unlock(&lock);
    return future;
}

/* One of that executor; NULL: there is none. */
static struct cf_future *pop_of(const struct cf_executor *executor)
{
    cfi_lock(&lock);
    struct cf_future *future = queue.first;
    while (future != NULL && future->executor != executor)
        future = cfi_rest(future)->next;
    if (future != NULL)
        (void)!cfi_queue_take(&queue, future);
    cfi_unlock(&lock);
    return future;
}

/* Under the lock: whoever waits takes it before the host goes away. */
static void count(struct cf_executor *executor, int change)
{
    struct cfi_mpi_host *host = executor->state;

    cfi_lock(&host->lock);
    host->unread += (size_t)change;
    cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
    cfi_unlock(&host->lock);
}

static void tell(struct cf_future *future)
{
    struct cf_executor *executor = future->executor;
    struct cf_error error;

    if (cfi_future_has_error(future, &error))
        executor->on_error(cf_future_name(future), &error,
                           executor->on_error_context);
    cfi_rest(future)->is_read = true; /* so to speak: it was counted */
    count(executor, -1);
    cf_future_release(future);
}

static void *run(void *context)
{
    struct cf_future *future;

    (void)context;
    prctl(PR_SET_NAME, "cf-unread");
    is_ours = true;
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&more);
        future = pop();
        if (future == NULL) {
            cfi_eventcount_wait(&more, key, INT64_MAX);
            continue;
        }
        cfi_eventcount_cancel(&more);
        tell(future);
    }
    return NULL;
}

/* Without a thread the handler is called here: see cfi_mpi_host_ask(). */
static bool see_to_a_thread(void)
{
    pthread_t thread;

    if (has_thread)
        return true;
    if (cfi_thread_start(&thread, run, NULL) != CF_OK)
        return false;
    has_thread = true;
    return pthread_detach(thread) == 0;
}

static void let_go_elsewhere(struct cf_future *future)
{
    struct cf_error error;

    if (cfi_future_release_but_last(future))
        return;
    if (cfi_rest(future)->is_read || !cfi_future_has_error(future, &error) ||
        !see_to_a_thread()) {
        cf_future_release(future);
        return;
    }
    cfi_tally_end(future->executor, CFI_UNREAD); /* before the next task ends */
    count(future->executor, 1);
    cfi_lock(&lock);
    cfi_queue_push(&queue, future); /* nobody else has it any more */
    cfi_unlock(&lock);
    cfi_eventcount_notify(&more, 1);
}

static bool may_be_told(const struct cf_future *future)
{
    return future->executor->on_error != NULL &&
           future->outcome.status != CF_OK;
}

void cfi_mpi_let_go(struct cf_future *future)
{
    if (cfi_future_is_final(future) && may_be_told(future))
        let_go_elsewhere(future);
    else
        cf_future_release(future);
}

void cfi_mpi_publish(struct cfi_completion *completion,
                     struct cf_future *future)
{
    bool is_kept = may_be_told(future);

    if (is_kept)
        cf_future_retain(future);
    cfi_completion_publish(completion, future);
    if (is_kept)
        let_go_elsewhere(future);
}

bool cfi_mpi_is_telling(void)
{
    return is_ours;
}

void cfi_mpi_tell_unread(const struct cf_executor *executor)
{
    struct cf_future *future;

    while ((future = pop_of(executor)) != NULL)
        tell(future);
}
