/* SPDX-License-Identifier: MIT */
/* What a sleeping worker waits for, so that another can run just that. */
#include "awaited.h"

#include "shift.h"

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

static bool begin(struct cfi_worker *worker, struct cfi_awaited *awaited)
{
    return worker != NULL && worker->absence != NULL &&
           worker->absence->sleeps(worker, awaited);
}

static void end(struct cfi_worker *worker)
{
    if (worker != NULL && worker->absence != NULL)
        worker->absence->wakes(worker);
}

/* Of all that this thread is the worker of, one may run what it waits for; each
 * of the others just waits for something elsewhere. */
bool cfi_absence_begin(struct cfi_awaited *awaited)
{
    struct cfi_worker *worker = cfi_worker_current();
    struct cfi_worker *runner = cfi_worker_of(awaited->executor);

    if (runner == NULL)
        runner = worker;
    bool can_end = runner == NULL || begin(runner, awaited);
    struct cfi_awaited elsewhere = {0};
    if (worker != runner)
        begin(worker, &elsewhere);
    for (const struct cfi_shift *shift = cfi_shift_current(); shift != NULL;
         shift = shift->up)
        if (shift->before != runner && !cfi_shift_is_again(shift))
            begin(shift->before, &elsewhere);
    return can_end;
}

static void last(struct cfi_worker *worker)
{
    if (worker != NULL && worker->absence != NULL &&
        worker->absence->lasts != NULL)
        worker->absence->lasts(worker);
}

void cfi_absence_lasts(void)
{
    last(cfi_worker_current());
    for (const struct cfi_shift *shift = cfi_shift_current(); shift != NULL;
         shift = shift->up)
        if (!cfi_shift_is_again(shift))
            last(shift->before);
}

void cfi_absence_end(void)
{
    end(cfi_worker_current());
    for (const struct cfi_shift *shift = cfi_shift_current(); shift != NULL;
         shift = shift->up)
        if (!cfi_shift_is_again(shift))
            end(shift->before);
}

void cfi_sleep_elsewhere_begin(void)
{
    struct cfi_awaited elsewhere = {0};

    cfi_absence_begin(&elsewhere);
    cfi_sleep_begin();
}

void cfi_sleep_elsewhere_end(void)
{
    cfi_sleep_end();
    cfi_absence_end();
}
