/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_IMPL_H
#define CFI_FUTURE_IMPL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/future.h>
#include <cf/task.h>

#include "block.h"
#include "future_extra.h"
#include "lock.h"
#include "outcome.h"
#include "task_impl.h"

/* The worker's stamps, kept where the executor's options ask for them. */
struct cfi_times {
    int64_t submitted_ns;
    int64_t started_ns;
    int64_t finished_ns;
    int64_t cpu_ns;
};

struct cfi_watch;

/* An argument has less than 64 GiB; a result of up to 16 bytes may lie behind
 * it. */
enum { CFI_ARG_BITS = 36, CFI_ROOM = 16 };

/*
 * One submitted task and its outcome: this head of one cache line, behind it the
 * argument's copy, more room for a result, the times, what is special; and,
 * elsewhere, its rest. The states and who moves them stand in future.c. An empty
 * task that nobody watches is run, ended and read in the head alone.
 */
struct cf_future {
    _Atomic uint64_t head; /* state, flags, references: future_head.h */
    struct cf_executor *executor;
    union {
        cf_function *_Atomic function; /* the runner takes it in hand first */
        struct cfi_ladder *_Atomic written_off; /* how it ended without him */
    };

    /* --- set at birth, then only read --- */
    union {
        uint64_t birth; /* all of them; see cfi_future_birth() */
        struct {
            uint64_t arg_bytes : CFI_ARG_BITS; /* of the copy */
            uint64_t has_room : 1;    /* for a result: CFI_ROOM bytes       */
            uint64_t block_size : 3;  /* see future_block.c                 */
            uint64_t has_times : 1;   /* see cfi_future_times()             */
            uint64_t has_extra : 1;   /* see cfi_future_extra()             */
            uint64_t has_item : 1;    /* see future_tie.h                   */
            uint64_t ends_loudly : 1; /* more is to be done at its end      */
            uint64_t epoch : 2;       /* which count of open tasks it is in */
            uint64_t travels : 1;     /* its backend may be asked           */
            uint64_t is_abroad : 1;   /* another process may have run it    */
            uint64_t fork_generation : 16; /* of the process it belongs to  */
        };
    };

    /* --- written by whoever runs it, read once it is final --- */
    struct cfi_outcome outcome;
    _Atomic uint32_t worker;
    _Atomic uint32_t attempt; /* runs begun */

    _Atomic uint64_t tie; /* see future_tie.h */

    max_align_t space[]; /* argument, result, times, extra, in this order */
};

/*
 * What most tasks have no need of, in a line of its own that lies so far from
 * the head that nothing has to be read or made for it meanwhile: see cfi_rest().
 * What has no `has_` is zero at birth, and again when the block is given back;
 * but for the backend's first two, which it sets before it reads them, and the
 * room.
 */
struct cfi_future_rest {
    uint32_t item_low; /* has_item: place in the array it came with, ... */
    uint16_t item_high;
    _Atomic bool is_read;        /* somebody asked how it ended         */
    _Atomic bool holds_executor; /* a reference; only where it travels,
                                    or ends in any way but CF_OK        */
    struct cfi_extra *extra;     /* where has_extra                     */
    uintptr_t waits_for;         /* an edge: see waits_for.c, which guards it */

    /* --- the backend's own while the future is queued or under way --- */
    struct cf_future *next; /* in a queue                   */
    uint64_t ticket;        /* where a transport carries it */
    int32_t pid;            /* of the process that ran it   */

    /* --- guarded by lock --- */
    struct cfi_lock lock;
    struct cfi_watch *watches; /* the latest first */

    uint64_t small_result; /* room for one of up to 8 bytes */
};

_Static_assert(sizeof(struct cf_future) == CFI_BLOCK_LEAST &&
                   sizeof(struct cfi_future_rest) == CFI_BLOCK_REST,
               "a cache line each");

/* That of a block lies where block.h says; what fits no block has it in front. */
static inline struct cfi_future_rest *cfi_rest(const struct cf_future *future)
{
    uintptr_t at = (uintptr_t)future;

    return (void *)(CFI_BLOCKS_ARE_KEPT && future->block_size < CFI_BLOCK_SIZES
                        ? at + CFI_BLOCK_REST_AT
                        : at - sizeof(struct cfi_future_rest));
}

/* In `head`: the caller's reference, the backend's, ... */
#define CFI_REFERENCE ((uint64_t)1 << 32)

/* What its waiters sleep on: the half of `head` below the references. */
static inline const _Atomic uint32_t *
cfi_future_sleepers(const struct cf_future *future)
{
    const _Atomic uint32_t *halves = (const void *)&future->head;
    return &halves[__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__];
}

/* NULL: there is nothing special about it. */
static inline struct cfi_extra *cfi_future_extra(const struct cf_future *future)
{
    return future->has_extra ? cfi_rest(future)->extra : NULL;
}

#define CFI_NO_WORKER UINT32_MAX

/* A pending future with two references, the caller's and the backend's, and
 * copies of the argument and of what `call` says (may be NULL). `executor` is counted in (cfi_executor_enter() came
 * before, which gave the epoch) and counts it out when it is final. NULL without
 * memory. */
struct cf_future *cfi_future_create(struct cf_executor *executor,
                                    cf_function *function, const void *arg,
                                    size_t arg_bytes,
                                    const struct cf_call *call, uint32_t epoch);

/* What the futures of an executor have in common of what is set at birth; for
 * its `birth`, once its backend, its observer and its generation are set. */
uint64_t cfi_future_birth(const struct cf_executor *executor);

/* Gives a reference back, but for the last one: then it is false, and nobody
 * else has the future. */
bool cfi_future_release_but_last(struct cf_future *future);

/* Drops both references of a future that no backend took (NULL: nothing). */
void cfi_future_discard(struct cf_future *future);

/* A pending future of no executor, with one reference; NULL without memory. */
struct cf_future *cfi_promise_create(void);

/* Claims the right to write a promise's outcome, to be published then. False:
 * it is final, or somebody else has it. */
bool cfi_future_settle(struct cf_future *future);
bool cfi_future_is_settled(const struct cf_future *future);

/* Is a cancel under way that nothing can stop? */
bool cfi_future_is_being_cancelled(const struct cf_future *future);

/* What the task gets: its copy, or what was handed over, or lent. */
static inline const void *cfi_future_arg(const struct cf_future *future)
{
    return cfi_is_handed_over(cfi_future_extra(future))
               ? cfi_rest(future)->extra->object
               : (const void *)future->space;
}

static inline size_t cfi_future_arg_bytes(const struct cf_future *future)
{
    return cfi_is_handed_over(cfi_future_extra(future))
               ? cfi_rest(future)->extra->object_bytes
               : future->arg_bytes;
}

/* How a final future ended. */
const struct cfi_outcome *cfi_future_outcome(const struct cf_future *future);

/* What is behind each other in a block has multiples of this. */
static inline size_t cfi_round_up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

/* Behind the argument: room for a result, the times, the extra. */
static inline char *cfi_future_behind_arg(const struct cf_future *future)
{
    return (char *)(uintptr_t)future->space + cfi_round_up(future->arg_bytes);
}

/* Room for a result: `*space_bytes` at the address that is returned, aligned
 * for any type that fits. */
static inline void *cfi_future_space(struct cf_future *future,
                                     size_t *space_bytes)
{
    if (!future->has_room) {
        *space_bytes = sizeof cfi_rest(future)->small_result;
        return &cfi_rest(future)->small_result;
    }
    *space_bytes = CFI_ROOM;
    return cfi_future_behind_arg(future);
}

/* NULL unless asked for. */
struct cfi_times *cfi_future_times(const struct cf_future *future);

/*
 * Claims a pending future for running. True: it is RUNNING and the caller must
 * finish it. False: it was cancelled, or somebody else has it. A future that
 * a transport carries cannot be claimed here.
 */
bool cfi_future_claim(struct cf_future *future);

/* Claims and runs a future and those of its chunk on `worker`, each to its
 * end, callbacks included; gives one reference of each back. */
void cfi_future_run(struct cf_future *first, struct cfi_worker *worker);

/* As above for one future that was claimed by the caller, who keeps his
 * reference; `function` is the future's, read before the claim. */
void cfi_future_run_claimed(struct cf_future *future, cf_function *function,
                            struct cfi_worker *worker);

/* An attempt has ended with the outcome that the future has: does its call
 * allow another one? */
bool cfi_future_may_try_again(const struct cf_future *future);

/*
 * Running futures that others may end: see ladder.c. ask() asks the task to
 * end; false: it does not run, or its end has begun (where a transport carries
 * it the backend knows whether it runs). asked(): was it?
 * unask(): nobody asks any more. write_off() ends it without its runner, with
 * the ladder's outcome; false: it has come back. After it the future owns the
 * ladder where that is a block of its own, and `*calls_back` says whether
 * callbacks are due.
 */
bool cfi_future_ask(struct cf_future *future);
bool cfi_future_is_asked(const struct cf_future *future);
void cfi_future_unask(struct cf_future *future);
bool cfi_future_write_off(struct cf_future *future, struct cfi_ladder *ladder,
                          bool *calls_back);

/*
 * The end of a run in this process, whose outcome is filled: as publish() for
 * its runner, which may be too late. `gives_back`: the runner's reference may
 * go in the same step.
 */
enum cfi_run_end {
    CFI_RUN_OVER,
    CFI_RUN_GONE,       /* and so is the reference                         */
    CFI_RUN_CALLS_BACK, /* callbacks are due                               */
    CFI_RUN_TOO_LATE,   /* written off: what the run left is to be dropped */
};
enum cfi_run_end cfi_future_end_run(struct cf_future *future,
                                    struct cfi_worker *worker, bool gives_back);

/* Frees a future whose last reference is gone. */
void cfi_future_free(struct cf_future *future);

/*
 * Ends a future whose `outcome` is filled: FINISHED is visible, waiters are
 * woken. From RUNNING or as carried by a transport (an executor that breaks
 * claims or sends what is pending first). publish() returns true where callbacks are due, which the
 * caller passes on to whichever thread is to run them; finish() runs them at
 * once. After the callbacks the executor counts the future out.
 */
bool cfi_future_publish(struct cf_future *future);
void cfi_future_run_callbacks(struct cf_future *future);
void cfi_future_finish(struct cf_future *future);

/*
 * For a backend whose tasks travel. send(): the transport has it from now on;
 * cf_cancel() and cf_running() then ask the backend. False: it was cancelled
 * meanwhile. unsend(): it came back unstarted and is plainly pending again.
 */
bool cfi_future_send(struct cf_future *future);
void cfi_future_unsend(struct cf_future *future);

/* Cancels a plainly pending future with all that follows; false if it is none.
 * (What the queue holds stays there as an empty hint.) */
bool cfi_future_cancel_pending(struct cf_future *future);

/* The same for one that the transport gave back (CFI_TAKEN). */
bool cfi_future_cancel_taken(struct cf_future *future);

/* And where the transport did so: true where callbacks are due, which the
 * caller passes on as those of publish(). */
bool cfi_future_cancel_sent(struct cf_future *future);

/* Likewise of one that is plainly pending. */
bool cfi_future_cancel_queued(struct cf_future *future);

/* The state as a user sees it; asks the backend where a transport carries it. */
enum cf_future_state cfi_future_state(const struct cf_future *future);
bool cfi_future_is_sent(const struct cf_future *future);

/* Is it past being claimed? */
bool cfi_future_has_begun(const struct cf_future *future);

/* Is it final? Acquires what the outcome's writer wrote. */
bool cfi_future_is_final(const struct cf_future *future);

/* Blocks until the future is final (CF_OK) or the deadline has passed
 * (CF_TIMEOUT); CF_BROKEN in a forked child of its process, where nobody would
 * ever end it; CF_DEADLOCK where it waits, through others, for the task that
 * asks. Runs the task itself where cf_result() promises so. */
enum cf_status cfi_future_await(struct cf_future *future, int64_t deadline_ns);

/* Is it not final yet? Then whoever ends it wakes those who sleep on its word
 * while that is `*word`. */
bool cfi_future_is_open(struct cf_future *future, uint32_t *word);

/* Runs the task here if this thread is a worker of its executor and the task
 * has not started: waits may nest. True: it is final now. */
bool cfi_future_help(struct cf_future *future);

/* Did it end by an error (not by a cancel)? Then `*error` tells which. */
bool cfi_future_has_error(const struct cf_future *future,
                          struct cf_error *error);

/* May this process act on the future (false in a forked child)? */
bool cfi_future_is_ours(const struct cf_future *future);

/* For the list of watches. Has whoever ends it look there: true; false: it is
 * final already. is_watched(): may somebody be there? */
bool cfi_future_set_watched(struct cf_future *future);
bool cfi_future_is_watched(const struct cf_future *future);

#endif
