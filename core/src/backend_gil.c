/* SPDX-License-Identifier: MIT */
/* gil: the same pool of threads, of which one computes at a time. */
#include <stdlib.h>

#include "backend_impl.h"
#include "gil.h"
#include "last_error.h"
#include "pool.h"

struct gil_state {
    struct cfi_gil gil;
    struct cfi_pool *pool;
};

static enum cf_status gil_start(struct cf_executor *executor, void **out)
{
    struct gil_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an executor");
    enum cf_status status = cfi_pool_start(executor, &state->gil, &state->pool);
    if (status != CF_OK) {
        free(state);
        return status;
    }
    *out = state;
    return CF_OK;
}

static enum cf_status gil_submit(void *state, struct cf_future *first)
{
    return cfi_pool_submit(((struct gil_state *)state)->pool, first);
}

static enum cf_status gil_submit_array(void *state,
                                       struct cf_future *const *futures,
                                       size_t count, size_t chunk)
{
    return cfi_pool_submit_array(((struct gil_state *)state)->pool, futures,
                                 count, chunk);
}

static void gil_cancel_pending(void *state)
{
    cfi_pool_cancel_pending(((struct gil_state *)state)->pool);
}

static void gil_write_off(void *state, size_t worker)
{
    cfi_pool_write_off(((struct gil_state *)state)->pool, worker);
}

static enum cf_status gil_set_workers(void *state, size_t count)
{
    return cfi_pool_set_workers(((struct gil_state *)state)->pool, count);
}

static void gil_stop(void *state)
{
    cfi_pool_stop(((struct gil_state *)state)->pool);
}

static void gil_destroy(void *state)
{
    cfi_pool_destroy(((struct gil_state *)state)->pool);
    free(state);
}

const struct cf_backend cf_backend_gil = {
    .name = "gil",
    .about = "threads that share one lock by CPython's rule; the control",
    .needs_worker = true,
    .abilities = CFI_POOL_ABILITIES,
    .default_workers = cfi_pool_default_workers,
    .start = gil_start,
    .submit = gil_submit,
    .submit_array = gil_submit_array,
    .cancel_pending = gil_cancel_pending,
    .write_off = gil_write_off,
    .set_workers = gil_set_workers,
    .stop = gil_stop,
    .destroy = gil_destroy,
};
