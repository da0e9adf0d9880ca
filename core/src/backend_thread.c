/* SPDX-License-Identifier: MIT */
/* thread: a pool of threads of this process. */
#include "backend_impl.h"
#include "pool.h"

static enum cf_status thread_start(struct cf_executor *executor, void **state)
{
    struct cfi_pool *pool;
    enum cf_status status = cfi_pool_start(executor, NULL, &pool);
    if (status == CF_OK)
        *state = pool;
    return status;
}

static enum cf_status thread_submit(void *state, struct cf_future *first)
{
    return cfi_pool_submit(state, first);
}

static enum cf_status thread_submit_array(void *state,
                                          struct cf_future *const *futures,
                                          size_t count, size_t chunk)
{
    return cfi_pool_submit_array(state, futures, count, chunk);
}

static enum cf_status thread_submit_parts(void *state,
                                          struct cf_future *const *futures,
                                          size_t count, bool caller_sleeps)
{
    return cfi_pool_submit_parts(state, futures, count, caller_sleeps);
}

static void thread_cancel_pending(void *state)
{
    cfi_pool_cancel_pending(state);
}

static void thread_write_off(void *state, size_t worker)
{
    cfi_pool_write_off(state, worker);
}

static enum cf_status thread_set_workers(void *state, size_t count)
{
    return cfi_pool_set_workers(state, count);
}

static void thread_stop(void *state)
{
    cfi_pool_stop(state);
}

static void thread_destroy(void *state)
{
    cfi_pool_destroy(state);
}

const struct cf_backend cf_backend_thread = {
    .name = "thread",
    .about = "threads of this process; shared memory, no interpreter lock",
    .abilities = CFI_POOL_ABILITIES,
    .relieves = true,
    .default_workers = cfi_pool_default_workers,
    .start = thread_start,
    .submit = thread_submit,
    .submit_array = thread_submit_array,
    .submit_parts = thread_submit_parts,
    .cancel_pending = thread_cancel_pending,
    .write_off = thread_write_off,
    .set_workers = thread_set_workers,
    .stop = thread_stop,
    .destroy = thread_destroy,
};
