/* SPDX-License-Identifier: MIT */
/*
 * Items of an array, computed in the thread that asked for them. It looks
 * whether its time is up, or an interrupt has come, between blocks: of one item
 * at first, then as many as take about as long as a look is worth. Who has no
 * time-out and cannot be interrupted pays nothing.
 */
#include "range.h"

#include "clock.h"
#include "interrupt.h"
#include "last_error.h"

/* A look at the clock takes 20 to 50 ns. */
#define BLOCK_NS 20000

const char cfi_range_unfinished[] = "not all items are done in time";

static size_t next_block(size_t block, int64_t took_ns)
{
    if (took_ns > BLOCK_NS)
        return block / 2 > 0 ? block / 2 : 1;
    return block < CFI_RANGE_BLOCK ? 2 * block : block;
}

enum cf_status cfi_range_run_part(const struct cfi_range *range, size_t first,
                                  size_t count, size_t *block)
{
    if (range->deadline_ns == INT64_MAX && !cfi_is_interruptible()) {
        cfi_range_compute(range, first, count);
        return CF_OK;
    }
    int64_t now_ns = cfi_now_ns();
    while (count > 0) {
        if (now_ns >= range->deadline_ns || cfi_use_interrupt())
            return cfi_fail(CF_TIMEOUT, "%s%s", cfi_range_unfinished,
                            now_ns < range->deadline_ns ? ": interrupted" : "");
        size_t size = count < *block ? count : *block;
        cfi_range_compute(range, first, size);
        first += size;
        count -= size;
        int64_t begun_ns = now_ns;
        now_ns = cfi_now_ns();
        *block = next_block(*block, now_ns - begun_ns);
    }
    return CF_OK;
}

enum cf_status cfi_range_run(const struct cfi_range *range, size_t first,
                             size_t count)
{
    size_t block = 1;

    return cfi_range_run_part(range, first, count, &block);
}
