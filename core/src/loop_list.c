/* SPDX-License-Identifier: MIT */
/* The loops of a team, between the first that some member has not left behind
 * and the last that was appended. */
#include "loop_list.h"

#include <stdlib.h>

struct cfi_loop *cfi_loop_create(struct cf_future *const *futures, size_t count,
                                 size_t chunk)
{
    struct cfi_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    if (futures != NULL) {
        loop->futures = malloc(count * sizeof loop->futures[0]);
        if (loop->futures == NULL) {
            free(loop);
            return NULL;
        }
        for (size_t i = 0; i < count; i++)
            atomic_init(&loop->futures[i], futures[i]);
    }
    loop->count = count;
    loop->chunk = chunk;
    atomic_init(&loop->references, 1);
    atomic_init(&loop->remaining, count);
    return loop;
}

void cfi_loop_hold(struct cfi_loop *loop)
{
    /* relaxed: a new reference is made from one that is held */
    atomic_fetch_add_explicit(&loop->references, 1, memory_order_relaxed);
}

void cfi_loop_drop(struct cfi_loop *loop)
{
    /* acq_rel: everybody's use comes before the last one's free */
    if (atomic_fetch_sub_explicit(&loop->references, 1, memory_order_acq_rel) !=
        1)
        return;
    free(loop->futures); /* who left it last has seen each taken */
    free(loop);
}

struct cf_future *cfi_loop_take(struct cfi_loop *loop, size_t i)
{
    /* relaxed: decides who has it; what it holds came with the list's lock */
    return atomic_exchange_explicit(&loop->futures[i], NULL,
                                    memory_order_relaxed);
}

bool cfi_loop_list_init(struct cfi_loop_list *list)
{
    list->first = list->last = cfi_loop_create(NULL, 0, 1);
    list->appended = 0;
    return list->first != NULL;
}

void cfi_loop_list_append(struct cfi_loop_list *list, struct cfi_loop *loop,
                          size_t members)
{
    loop->behind = members;
    list->last->next = loop;
    list->last = loop;
    list->appended++;
}

struct cfi_loop *cfi_loop_list_leave(struct cfi_loop_list *list,
                                     struct cfi_loop *loop)
{
    if (--loop->behind > 0)
        return NULL;
    list->first = loop->next; /* all pass in one order: it was the first */
    return loop;
}

struct cfi_loop *cfi_loop_list_next(struct cfi_loop_list *list,
                                    const struct cfi_loop *loop)
{
    /* one that was taken off meanwhile cannot vouch for its next */
    struct cfi_loop *next = loop->behind > 0 ? loop->next : list->first;
    if (next != NULL)
        cfi_loop_hold(next);
    return next;
}
