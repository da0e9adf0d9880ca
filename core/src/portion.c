/* SPDX-License-Identifier: MIT */
/* A portion's ends that meet its lock. */
#include "portion.h"

#include "barrier.h"

void cfi_portion_fill(struct cfi_portion *portion,
                      struct cf_future *const *futures, size_t count)
{
    cfi_lock(&portion->lock);
    /* relaxed: the owner's own word */
    uint64_t at = atomic_load_explicit(&portion->next, memory_order_relaxed);
    for (size_t i = 0; i < count; i++)
        portion->entries[(at + i) % CFI_PORTION_MOST] = futures[i];
    portion->is_fenced = !cfi_barrier_all_exists();
    atomic_store(&portion->end, at + count);
    cfi_unlock(&portion->lock);
}

bool cfi_portion_settle(struct cfi_portion *portion, uint64_t at)
{
    cfi_lock(&portion->lock);
    bool is_owners = at < portion->kept;
    cfi_unlock(&portion->lock);
    return is_owners;
}

bool cfi_portion_stands(const struct cfi_portion *portion,
                        struct cfi_portion_look *look)
{
    /* relaxed: a guess; to be wrong costs a barrier, or some time */
    struct cfi_portion_look now = {
        .portion = portion,
        .next = atomic_load_explicit(&portion->next, memory_order_relaxed),
    };
    bool stands = look->portion == portion && look->next == now.next;

    *look = now;
    return stands;
}

size_t cfi_portion_steal(struct cfi_portion *portion,
                         struct cf_future *futures[CFI_PORTION_MOST])
{
    size_t count = 0;

    if (cfi_portion_is_empty(portion))
        return 0;
    cfi_lock(&portion->lock);
    uint64_t end = atomic_load(&portion->end);
    if (end > atomic_load(&portion->next)) {
        atomic_store(&portion->end, 0);
        if (!portion->is_fenced)
            cfi_barrier_all();
        portion->kept = atomic_load(&portion->next);
        for (uint64_t at = portion->kept; at < end; at++)
            futures[count++] = portion->entries[at % CFI_PORTION_MOST];
    }
    cfi_unlock(&portion->lock);
    return count;
}
