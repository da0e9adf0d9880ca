/* SPDX-License-Identifier: MIT */
/*
 * Priorities that age.
 *
 * A task's rank is the number of tasks that came before it, less STEP for each
 * step of its priority; the lowest rank is next. So a task can be overtaken by
 * no more than STEP later ones for each step that they are above it: whatever
 * comes, it starts. No clock is read, and a rank never changes while it waits.
 *
 *      came as number      0    1    2    3       priority 1 is worth 16
 *      priority            0    0    1    2
 *      rank                     -    -14  -29     starts: 3, 2, then the others
 *
 * Tasks without a priority are not here but in the queues of station.c, which
 * know nothing of ranks: a program that has none pays for one look at `count`.
 * Their oldest has, as it were, the rank `now`, which each of them that starts
 * raises. So a task below 0 waits for STEP of them a step, and one above 0 goes
 * before them; but after STEP such in a row it is the others' turn, so that
 * they start too.
 *
 * The heap is a pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986), linked
 * through what is special about the tasks: a push needs no memory.
 */
#include "precedence.h"

#include "future_tie.h"

#define STEP 16

/* All that are here have a priority, so an extra. */
static struct cfi_extra *extra_of(const struct cf_future *future)
{
    return cfi_rest(future)->extra;
}

static bool comes_before(const struct cf_future *a, const struct cf_future *b)
{
    if (extra_of(a)->rank != extra_of(b)->rank)
        return extra_of(a)->rank < extra_of(b)->rank;
    return cfi_rest(a)->ticket < cfi_rest(b)->ticket;
}

/* Two heaps, made one; NULL is an empty one. */
static struct cf_future *meld(struct cf_future *a, struct cf_future *b)
{
    if (a == NULL || b == NULL)
        return a != NULL ? a : b;
    if (comes_before(b, a)) {
        struct cf_future *first = b;
        b = a;
        a = first;
    }
    extra_of(b)->sibling = extra_of(a)->child;
    extra_of(a)->child = b;
    return a;
}

/* Heaps that are linked as siblings, made one: in pairs, then all the pairs
 * from the last. */
static struct cf_future *meld_all(struct cf_future *heaps)
{
    struct cf_future *pairs = NULL, *all = NULL, *next;

    for (; heaps != NULL; heaps = next) {
        struct cf_future *other = extra_of(heaps)->sibling;
        next = other != NULL ? extra_of(other)->sibling : NULL;
        struct cf_future *pair = meld(heaps, other);
        extra_of(pair)->sibling = pairs;
        pairs = pair;
    }
    for (; pairs != NULL; pairs = next) {
        next = extra_of(pairs)->sibling;
        all = meld(all, pairs);
    }
    return all;
}

void cfi_precedence_push(struct cfi_precedence *queue, struct cf_future *future)
{
    struct cfi_extra *extra = extra_of(future);

    cfi_future_end_chunk(future);
    extra->child = extra->sibling = NULL;
    cfi_lock(&queue->lock);
    cfi_rest(future)->ticket = (uint64_t)queue->now;
    extra->rank = queue->now++ - (int64_t)extra->priority * STEP;
    queue->first = meld(queue->first, future);
    atomic_fetch_add(&queue->count, 1);
    cfi_unlock(&queue->lock);
}

/* Lock held, and there is one. */
static struct cf_future *pop(struct cfi_precedence *queue)
{
    struct cf_future *future = queue->first;

    queue->first = meld_all(extra_of(future)->child);
    queue->streak++;
    atomic_fetch_sub(&queue->count, 1);
    return future;
}

struct cf_future *cfi_precedence_take_due(struct cfi_precedence *queue)
{
    struct cf_future *future = NULL;

    cfi_lock(&queue->lock);
    if (queue->first != NULL && extra_of(queue->first)->rank < queue->now &&
        queue->streak < STEP)
        future = pop(queue);
    cfi_unlock(&queue->lock);
    return future;
}

struct cf_future *cfi_precedence_take(struct cfi_precedence *queue)
{
    struct cf_future *future = NULL;

    cfi_lock(&queue->lock);
    if (queue->first != NULL)
        future = pop(queue);
    cfi_unlock(&queue->lock);
    return future;
}

void cfi_precedence_note_other(struct cfi_precedence *queue)
{
    cfi_lock(&queue->lock);
    queue->streak = 0;
    queue->now++;
    cfi_unlock(&queue->lock);
}
