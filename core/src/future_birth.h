/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_BIRTH_H
#define CFI_FUTURE_BIRTH_H

/* How a future is born, in place for who submits; the rest of its block's life
 * is in future_block.c. */
#include <string.h>

#include "block.h"
#include "copy.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "future_tie.h"

/* Its rest is zero already; of what is set at birth `common` has the
 * most. */
static inline __attribute__((always_inline)) void
cfi_future_bear(struct cf_future *future, uint64_t common, size_t arg_bytes,
                bool has_room, size_t block_size, uint32_t epoch,
                uint64_t references)
{
    memset(future, 0, sizeof *future);
    atomic_init(&future->head, references * CFI_REFERENCE);
    future->birth = common;
    future->arg_bytes = arg_bytes & (((uint64_t)1 << CFI_ARG_BITS) - 1);
    future->has_room = has_room;
    future->block_size = block_size & 7;
    future->epoch = epoch % CFI_EPOCHS;
    atomic_init(&future->worker, CFI_NO_WORKER);
}

/* What is set beside that. */
static inline __attribute__((always_inline)) void
cfi_future_fill(struct cf_future *future, struct cf_executor *executor,
                cf_function *function, const void *arg, size_t copied)
{
    future->executor = executor;
    atomic_init(&future->function, function);
    cfi_copy(future->space, arg, copied);
    if (!future->travels)
        return;
    if (future->block_size < CFI_BLOCK_SIZES)
        cfi_block_fetch_rest(future->block_size);
    atomic_init(&cfi_rest(future)->holds_executor, true);
    cfi_rest(future)->ticket = 0; /* no transport has it yet */
    cfi_executor_retain(executor);
}

/* The largest argument of a future that fits a block, room for its result and
 * nothing else. */
enum {
    CFI_SMALL_ARG = (CFI_BLOCK_SIZES - 1) * CFI_BLOCK_STEP - CFI_ROOM,
};

_Static_assert((int)CFI_BLOCK_STEP == 2 * (int)CFI_ROOM,
               "a block is a future and so many times two units");

/* cfi_future_create() of one of which nothing is said, whose argument has
 * CFI_SMALL_ARG bytes at the most, of an executor that records no times. */
static inline __attribute__((always_inline)) struct cf_future *
cfi_future_create_small(struct cf_executor *executor, cf_function *function,
                        const void *arg, size_t arg_bytes, uint32_t epoch)
{
    size_t units = (arg_bytes + CFI_ROOM - 1) / CFI_ROOM;
    size_t size = (units + cfi_gives_results(executor) + 1) / 2;
    void *later;
    struct cf_future *future = cfi_block_take(size, &later);

    if (future != NULL) {
        cfi_future_bear(future, executor->birth, arg_bytes, 2 * size != units,
                        size, epoch, 2);
        cfi_future_tie_to(future, later);
        cfi_future_fill(future, executor, function, arg, arg_bytes);
    }
    return future;
}

#endif
