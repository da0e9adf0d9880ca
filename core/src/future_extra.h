/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_EXTRA_H
#define CFI_FUTURE_EXTRA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/executor.h>

struct cf_buffer;
struct cf_future;
struct cfi_ladder;

/* What is said of few tasks, in their futures' blocks; the others have none. */
struct cfi_extra {
    const char *name; /* NULL: none */
    int64_t timeout_ns;
    int64_t grace_ns;
    unsigned retries;
    unsigned retry_on;
    int priority;
    struct cfi_ladder *ladder; /* NULL without a time limit */

    /* an argument that was handed over, until it has been destroyed; or that a
     * transport has in hand: lent.h */
    cf_destructor *arg_destroy;
    void *object;
    size_t object_bytes;

    struct cf_buffer **buffers; /* with a reference to each, until it ends */
    size_t buffer_count;

    _Atomic bool has_expired; /* the attempt that runs is past its limit */
    _Atomic bool is_stopped;  /* by cf_stop(): no further attempt        */

    /* --- while it is queued: see precedence.c --- */
    struct cf_future *child;
    struct cf_future *sibling;
    int64_t rank;
};

static inline bool cfi_is_handed_over(const struct cfi_extra *extra)
{
    return extra != NULL && extra->arg_destroy != NULL;
}

static inline bool cfi_has_limit(const struct cfi_extra *extra)
{
    return extra != NULL && extra->timeout_ns > 0;
}

/* Lets go of what the task needed: destroys what was handed over, if that was
 * not done, and gives its buffers back. The second alone, for a task that was
 * refused. NULL does nothing. */
void cfi_extra_destroy_arg(struct cfi_extra *extra);
void cfi_extra_release_buffers(struct cfi_extra *extra);

#endif
