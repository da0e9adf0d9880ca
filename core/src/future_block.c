/* SPDX-License-Identifier: MIT */
/*
 * A future's block of memory: one allocation for its head, the argument's
 * copy, room for a small result, the times and what is special about the task;
 * counted references.
 *
 * The block is rounded up, and what that leaves is room for a result; at the
 * least the head's own 8 bytes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cf/buffer.h>

#include "clock.h"
#include "executor_impl.h"
#include "future_birth.h"
#include "future_head.h"
#include "future_tie.h"
#include "heap.h"
#include "ladder.h"
#include "watch.h"

/* Values of block_size beyond the sizes of blocks: a large argument's future
 * lies where large payloads do, any other that fits no block is malloc's. */
enum { ON_HEAP = CFI_BLOCK_SIZES, OTHER };

static size_t block_size_of(size_t block_bytes, size_t arg_bytes)
{
    size_t size = cfi_block_size(block_bytes);

    if (size < CFI_BLOCK_SIZES)
        return size;
    return arg_bytes >= CFI_HEAP_LARGE ? ON_HEAP : OTHER;
}

static void zero_rest(struct cf_future *future)
{
    memset(cfi_rest(future), 0, sizeof(struct cfi_future_rest));
}

/* Of one that is no block. */
static void *memory_of(struct cf_future *future)
{
    return (char *)future - sizeof(struct cfi_future_rest);
}

static struct cf_future *new_large(size_t size, size_t bytes)
{
    size_t all = sizeof(struct cfi_future_rest) + bytes;
    char *memory = size == ON_HEAP ? cfi_heap_take_whole(all) : malloc(all);

    if (memory == NULL)
        return NULL;
    memset(memory, 0, sizeof(struct cfi_future_rest));
    return (void *)(memory + sizeof(struct cfi_future_rest));
}

/* A pending future with `more_bytes` behind its room for a result, which is
 * what is left of its block, and `room_bytes` at the least. */
static inline struct cf_future *new_future(uint64_t common, size_t arg_bytes,
                                           size_t room_bytes, size_t more_bytes,
                                           uint32_t epoch, uint64_t references)
{
    if (arg_bytes >> CFI_ARG_BITS != 0)
        return NULL;
    size_t needed = sizeof(struct cf_future) + cfi_round_up(arg_bytes) +
                    cfi_round_up(more_bytes);
    size_t bytes = cfi_block_bytes(needed + room_bytes);
    size_t size = block_size_of(bytes, arg_bytes);
    void *later = NULL;
    struct cf_future *future = size < CFI_BLOCK_SIZES
                                   ? cfi_block_take(size, &later)
                                   : new_large(size, bytes);
    if (future == NULL)
        return NULL;
    cfi_future_bear(future, common, arg_bytes, bytes - needed >= CFI_ROOM, size,
                    epoch, references);
    if (later != NULL)
        cfi_future_tie_to(future, later);
    return future;
}

/* As whoever takes its block next relies on. */
static inline bool is_clean(const struct cf_future *future)
{
    const struct cfi_future_rest *rest = cfi_rest(future);

    return !rest->is_read && !rest->holds_executor && rest->waits_for == 0 &&
           rest->pid == 0 && rest->lock.word == 0 && rest->watches == NULL;
}

static inline void free_future(struct cf_future *future)
{
    assert(is_clean(future));
    if (future->block_size == 0) /* a guess: the shelf is known before its line
                                    has come from another cache */
        cfi_block_give(future, 0);
    else if (future->block_size < CFI_BLOCK_SIZES)
        cfi_block_give(future, future->block_size);
    else if (future->block_size == ON_HEAP)
        cfi_heap_give(memory_of(future));
    else
        free(memory_of(future));
}

uint64_t cfi_future_birth(const struct cf_executor *executor)
{
    const struct cf_backend *backend = executor->backend;
    struct cf_future common = {0};

    common.has_times = executor->record_times;
    common.ends_loudly = executor->observer != NULL;
    common.travels = backend->take_back != NULL;
    common.is_abroad = common.travels || backend->borrow != NULL;
    common.fork_generation = executor->fork_generation & 0xffff;
    return common.birth;
}

struct cf_future *cfi_promise_create(void)
{
    cfi_fork_watch();
    struct cf_future *promise = new_future(0, 0, 0, 0, 0, 1);
    if (promise != NULL)
        promise->fork_generation = cfi_fork_generation() & 0xffff;
    return promise;
}

static char *behind_room(const struct cf_future *future)
{
    return cfi_future_behind_arg(future) + future->has_room * CFI_ROOM;
}

struct cfi_times *cfi_future_times(const struct cf_future *future)
{
    return future->has_times ? (struct cfi_times *)(void *)behind_room(future)
                             : NULL;
}

static inline bool is_special(const struct cf_call *call)
{
    return call != NULL &&
           (call->name != NULL || call->timeout_ns > 0 || call->retries > 0 ||
            call->priority != 0 || call->arg_destroy != NULL ||
            call->buffer_count > 0);
}

/* The extra, its ladder, its buffers and its name behind each other. */
static inline size_t extra_bytes(const struct cf_call *call)
{
    if (!is_special(call))
        return 0;
    return cfi_round_up(sizeof(struct cfi_extra)) +
           (call->timeout_ns > 0 ? cfi_round_up(sizeof(struct cfi_ladder))
                                 : 0) +
           cfi_round_up(call->buffer_count * sizeof(struct cf_buffer *)) +
           (call->name != NULL ? strlen(call->name) + 1 : 0);
}

static void fill_extra(struct cf_future *future, char *behind,
                       const struct cf_call *call)
{
    struct cfi_extra *extra = (struct cfi_extra *)behind;

    *extra = (struct cfi_extra){
        .timeout_ns = call->timeout_ns,
        .grace_ns = call->grace_ns,
        .retries = call->retries,
        .retry_on = call->retry_on,
        .priority = call->priority,
        .arg_destroy = call->arg_destroy,
    };
    behind += cfi_round_up(sizeof *extra);
    if (call->timeout_ns > 0) {
        extra->ladder = (struct cfi_ladder *)behind;
        cfi_ladder_init(extra->ladder, future, CF_EXPIRED);
        behind += cfi_round_up(sizeof *extra->ladder);
    }
    extra->buffers = (struct cf_buffer **)behind;
    extra->buffer_count = call->buffer_count;
    for (size_t i = 0; i < call->buffer_count; i++)
        extra->buffers[i] = cf_buffer_retain(call->buffers[i]);
    behind += cfi_round_up(call->buffer_count * sizeof(struct cf_buffer *));
    if (call->name != NULL)
        extra->name = strcpy(behind, call->name);
    cfi_rest(future)->extra = extra;
    future->has_extra = true;
    future->ends_loudly = true;
}

struct cf_future *cfi_future_create(struct cf_executor *executor,
                                    cf_function *function, const void *arg,
                                    size_t arg_bytes,
                                    const struct cf_call *call, uint32_t epoch)
{
    size_t times_bytes = executor->record_times ? sizeof(struct cfi_times) : 0;
    size_t copied = call != NULL && call->arg_destroy != NULL ? 0 : arg_bytes;

    struct cf_future *future = new_future(
        executor->birth, copied, cfi_gives_results(executor) ? CFI_ROOM : 0,
        times_bytes + extra_bytes(call), epoch, 2);
    if (future == NULL)
        return NULL;
    cfi_future_fill(future, executor, function, arg, copied);
    if (times_bytes > 0)
        *cfi_future_times(future) =
            (struct cfi_times){.submitted_ns = cfi_now_ns()};
    if (is_special(call)) {
        fill_extra(future, behind_room(future) + times_bytes, call);
        cfi_rest(future)->extra->object = (void *)(uintptr_t)arg;
        cfi_rest(future)->extra->object_bytes = arg_bytes;
    }
    return future;
}

void cfi_extra_release_buffers(struct cfi_extra *extra)
{
    size_t count = extra != NULL ? extra->buffer_count : 0;

    for (size_t i = 0; i < count; i++)
        cf_buffer_release(extra->buffers[i]);
    if (count > 0)
        extra->buffer_count = 0;
}

void cfi_extra_destroy_arg(struct cfi_extra *extra)
{
    cfi_extra_release_buffers(extra);
    if (!cfi_is_handed_over(extra))
        return;
    cf_destructor *destroy = extra->arg_destroy;
    extra->arg_destroy = NULL;
    destroy(extra->object);
}

struct cf_future *cf_future_retain(struct cf_future *future)
{
    /* relaxed: a new reference is made from one that is held */
    if (future != NULL)
        atomic_fetch_add_explicit(&future->head, CFI_REFERENCE,
                                  memory_order_relaxed);
    return future;
}

static inline bool is_ours(const struct cf_future *future)
{
    return future->fork_generation == (cfi_fork_generation() & 0xffff);
}

/* Most are: its block is all that it has, but for the executor where it
 * travels. Not in a forked child: another thread may have been at it. */
static inline bool is_plain(const struct cf_future *future)
{
    const struct cfi_outcome *outcome = &future->outcome;

    return is_ours(future) && !future->has_extra && outcome->status == CF_OK &&
           !outcome->is_object && !outcome->is_heap &&
           (cfi_future_word(future) & (CFI_WATCHED | CFI_WRITTEN_OFF)) == 0;
}

__attribute__((noinline)) static void free_special(struct cf_future *future)
{
    const struct cfi_outcome *outcome = cfi_future_outcome(future);

    /* what nearly all are is told by the first line; where it holds none, the
     * executor may be gone already */
    if ((future->travels || outcome->status != CF_OK) &&
        cfi_rest(future)->holds_executor) {
        struct cf_error error;
        if (outcome->status != CF_OK && !cfi_rest(future)->is_read &&
            cfi_future_has_error(future, &error))
            cfi_executor_unread_error(future->executor, cf_future_name(future),
                                      &error);
        cfi_executor_release(future->executor);
    }
    if (cfi_future_is_written_off(future))
        cfi_ladder_finish(future->written_off);
    cfi_watches_drop(future);
    cfi_extra_release_buffers(cfi_future_extra(future));
    if (future->outcome.result != NULL) /* or the error */
        cfi_outcome_clear(&future->outcome);
    zero_rest(future);
    free_future(future);
}

static void free_abroad(struct cf_future *future)
{
    if (cfi_rest(future)->holds_executor)
        cfi_executor_release(future->executor);
    zero_rest(future);
    free_future(future);
}

static inline void free_any(struct cf_future *future)
{
    if (!is_plain(future))
        free_special(future);
    else if (future->is_abroad)
        free_abroad(future);
    else
        free_future(future);
}

void cfi_future_free(struct cf_future *future)
{
    free_any(future);
}

void cf_future_release(struct cf_future *future)
{
    if (future == NULL)
        return;
    cfi_future_fetch_later(future);
    /* The last reference, ours, is not counted down: nobody else can have it.
     * acquire, acq_rel: every holder's reading comes before the last one's
     * free */
    if (atomic_load_explicit(&future->head, memory_order_acquire) <
            2 * CFI_REFERENCE ||
        atomic_fetch_sub_explicit(&future->head, CFI_REFERENCE,
                                  memory_order_acq_rel) < 2 * CFI_REFERENCE)
        free_any(future);
}

bool cfi_future_release_but_last(struct cf_future *future)
{
    uint64_t head = atomic_load_explicit(&future->head, memory_order_acquire);

    while (head >= 2 * CFI_REFERENCE)
        /* acq_rel: as in cf_future_release() */
        if (atomic_compare_exchange_weak_explicit(
                &future->head, &head, head - CFI_REFERENCE,
                memory_order_acq_rel, memory_order_acquire))
            return true;
    return false;
}

void cfi_future_discard(struct cf_future *future)
{
    cf_future_release(future);
    cf_future_release(future);
}

bool cfi_future_is_ours(const struct cf_future *future)
{
    return is_ours(future);
}
