/* SPDX-License-Identifier: MIT */
#ifndef CFI_LOOP_LIST_H
#define CFI_LOOP_LIST_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "backend_impl.h"
#include "eventcount.h"

/*
 * Loops that every member of a team passes in one order. Each member stands at
 * the last one it passed; the last member to leave a loop behind takes it off:
 *
 *         first                      last
 *           v                         v
 *         loop 3 --> loop 4 --> loop 5 --> NULL
 *           ^ member 1            ^ member 0
 *
 * The list is guarded by a lock of its owner's, which is held in the calls
 * that take the list.
 *
 * A loop over tasks has a reference of each future until its iteration takes
 * it, or a shutdown that cancels does, which walks the list: whoever takes the
 * future out has the reference. So of a loop that all have passed no future is
 * kept, though the last loop stays in the list.
 */
struct cfi_loop {
    struct cf_future *_Atomic *futures; /* one per iteration, NULL where taken;
                                           NULL: an array without futures, */
    struct cfi_range range;             /* this one                        */
    size_t count;
    size_t chunk;
    _Atomic size_t references;  /* the list's, and of who looks at it     */
    _Atomic size_t remaining;   /* iterations of a range not yet done     */
    _Atomic size_t inside;      /* members that may be at its items       */
    _Atomic bool is_over;       /* those pass over what is left of it     */
    struct cfi_eventcount done; /* notified when `remaining` reaches 0,
                                   and once it is over of each member that
                                   leaves                                 */

    /* --- the list's --- */
    struct cfi_loop *next;
    size_t behind; /* members that have not left it behind yet */
};

struct cfi_loop_list {
    struct cfi_loop *first;
    struct cfi_loop *last;
    uint64_t appended;
};

/* A loop of `count` iterations with one reference, over the futures, of which
 * it takes one reference each, or (NULL) over a range, which the maker fills
 * in. NULL without memory. */
struct cfi_loop *cfi_loop_create(struct cf_future *const *futures, size_t count,
                                 size_t chunk);
void cfi_loop_hold(struct cfi_loop *loop);
void cfi_loop_drop(struct cfi_loop *loop);

/* The i-th future with the loop's reference; NULL: somebody has it. */
struct cf_future *cfi_loop_take(struct cfi_loop *loop, size_t i);

/* An empty loop for members to stand at before the first, whose `behind` the
 * owner sets once it knows their number. False without memory. */
bool cfi_loop_list_init(struct cfi_loop_list *list);

/* Takes over the maker's reference. */
void cfi_loop_list_append(struct cfi_loop_list *list, struct cfi_loop *loop,
                          size_t members);

/* A member has left `loop` behind. Returns it where it is off the list now, to
 * be dropped without the lock; else NULL. */
struct cfi_loop *cfi_loop_list_leave(struct cfi_loop_list *list,
                                     struct cfi_loop *loop);

/* The loop after `loop`, which is held, with a reference; NULL: none. */
struct cfi_loop *cfi_loop_list_next(struct cfi_loop_list *list,
                                    const struct cfi_loop *loop);

#endif
