/* SPDX-License-Identifier: MIT */
/* What a sleeping worker waits for, so that another can run just that. */
#include "awaited.h"

#include "task_impl.h"

static struct cf_future *future_at(const struct cfi_awaited *awaited, size_t i)
{
    return *(struct cf_future *const *)(const void *)(awaited->first +
                                                      i * awaited->stride);
}

void cfi_awaited_init(struct cfi_awaited *awaited,
                      struct cf_future *const *first, size_t stride,
                      size_t count)
{
    *awaited = (struct cfi_awaited){
        .first = (const unsigned char *)first,
        .stride = stride,
        .count = count,
    };
    if (count == 0)
        return;
    awaited->executor = future_at(awaited, 0)->executor;
    for (size_t i = 1; i < count; i++)
        if (future_at(awaited, i)->executor != awaited->executor) {
            awaited->executor = NULL;
            return;
        }
}

struct cf_future *cfi_awaited_pending(struct cfi_awaited *awaited,
                                      const struct cf_executor *executor)
{
    for (; awaited->at < awaited->count; awaited->at++) {
        struct cf_future *future = future_at(awaited, awaited->at);
        if (future != NULL && future->executor == executor &&
            !cfi_future_has_begun(future))
            return future;
    }
    return NULL;
}

bool cfi_absence_begin(struct cfi_awaited *awaited)
{
    struct cfi_worker *worker = cfi_worker_current();

    if (worker == NULL || worker->absence == NULL)
        return worker == NULL;
    return worker->absence->sleeps(worker, awaited);
}

void cfi_absence_end(void)
{
    struct cfi_worker *worker = cfi_worker_current();

    if (worker != NULL && worker->absence != NULL)
        worker->absence->wakes(worker);
}
