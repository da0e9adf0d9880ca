/* SPDX-License-Identifier: MIT */
#ifndef CFI_RING_H
#define CFI_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code_address.h"
#include "futex.h"
#include "last_words.h"

/*
 * The memory that the host shares with one worker: two rings of paired slots.
 * Requests are numbered by position, 1, 2, 3, ...; the request at position p
 * and its result use slot p modulo CFI_RING_SLOTS of their rings. The worker
 * answers every position in order, a task that was taken back too, and the
 * host reuses a slot only after it has copied that answer. So neither side
 * ever waits for room, and there is no index that both would trust.
 *
 *      host                         request's word               worker
 *      fills slot, stores           (p, QUEUED)
 *      takes back: compare-and-swap (p, TAKEN)           answers "skipped"
 *                                   (p, RUNNING)  compare-and-swap: starts
 *      copies the answer            result.position == p  stored last: commit
 *
 * Nothing here is owned by anybody: each word has one writer at a time, or a
 * compare-and-swap decides. A side may vanish between any two instructions.
 */
#define CFI_RING_SLOTS 64u

/* Values of `ready`. */
enum { CFI_SERVES = 1, CFI_LEAVES = 2 };

/* So many bytes of an argument or a result travel in the slot itself. */
#define CFI_SLOT_BYTES 192u

enum cfi_slot_state {
    CFI_SLOT_QUEUED = 1,
    CFI_SLOT_RUNNING = 2,
    CFI_SLOT_TAKEN = 3, /* by the host: the worker passes it by */
};

/* `at` of a payload that lies in its slot, not in an arena. */
#define CFI_IN_SLOT UINT64_MAX

/* Each line that one side writes and the other reads comes from the other's
 * cache: a task without argument and result takes one of each slot. */
struct cfi_request {
    _Atomic uint64_t word; /* position and state: cfi_slot_word() */
    struct cfi_code_address function;
    uint64_t arg_bytes;
    uint64_t arg_at; /* in the arena of arguments, or CFI_IN_SLOT */
    uint32_t attempt;
    uint16_t is_limited;   /* when it starts is to be noted */
    uint16_t is_tried;     /* the worker is to look for the next one */
    int32_t cpu;           /* where the host's thread ran that sent it */
    uint32_t buffer_count; /* their ids follow the argument: see
                              cfi_buffer_ids_at()             */
    alignas(64) unsigned char bytes[CFI_SLOT_BYTES];
};

/* How a task ended, as the worker tells it. Never believed unchecked. */
struct cfi_report {
    uint16_t status;  /* enum cf_status, or CFI_REPORT_SKIPPED */
    uint16_t is_worn; /* the worker has grown larger than it may */
    int32_t code;
    int32_t line;
    uint32_t message_bytes; /* of a failure: its texts are the payload,    */
    uint64_t bytes;         /* message, NUL, file, NUL                     */
    uint64_t at;            /* in the arena of results, or CFI_IN_SLOT     */
    int32_t pid; /* the first answers may come before the news of the birth */
    uint32_t took_ns; /* roughly; for choosing how much to prefetch          */
    int32_t cpu;      /* where it ran                                       */
    uint64_t buffer;  /* the result: the id of one that came with the task, or
                        of these                                              */
};

#define CFI_REPORT_SKIPPED UINT16_MAX

/* Where times are recorded. */
struct cfi_stamps {
    int64_t started_ns;
    int64_t finished_ns;
    int64_t cpu_ns;
};

enum {
    CFI_BUFFER_NONE,    /* it is bytes                              */
    CFI_BUFFER_POSTED,  /* the next one in the worker's post        */
    CFI_BUFFER_LACKING, /* a failure: what was posted has not come  */
};

/* Where the buffers' ids stand behind an argument. */
static inline size_t cfi_buffer_ids_at(size_t arg_bytes)
{
    return (arg_bytes + sizeof(uint64_t) - 1) & ~(sizeof(uint64_t) - 1);
}

struct cfi_result {
    _Atomic uint64_t position; /* stored last: the commit */
    struct cfi_report report;
    alignas(64) unsigned char bytes[CFI_SLOT_BYTES];
    struct cfi_stamps stamps;
};

_Static_assert(offsetof(struct cfi_request, bytes) == 64, "one line before it");
_Static_assert(offsetof(struct cfi_result, bytes) == 64, "one line before it");

struct cfi_rings {
    /* --- written by the host --- */
    alignas(64) _Atomic uint32_t leave; /* not 0: end when nothing is queued */
    _Atomic uint32_t stopping;          /* not 0: tasks are asked to end     */
    _Atomic uint32_t closed;            /* not 0: no task is taken any more  */
    _Atomic uint64_t asked;             /* the position of one that is asked */
    _Atomic uint32_t mail; /* one more whenever a buffer was posted, or one
                              that was need not be kept any more             */
    alignas(64) _Atomic uint64_t drained; /* answers before this position were
                                             copied: their memory is free    */
    _Atomic uint32_t trimmed; /* how often the arena of results was trimmed,
                                 while there was nothing to do: arena.h      */

    /* --- written by the worker (the host clears `asleep`) --- */
    alignas(64) _Atomic uint32_t asleep; /* slept on; 1: about to sleep */
    _Atomic uint32_t ready;     /* CFI_SERVES; CFI_LEAVES: in good order */
    _Atomic uint32_t questions; /* asked at the desk: see desk.h */
    _Atomic int64_t started_ns; /* when the last task with a limit
                                            was about to start          */
    char why[160]; /* why it does not: what its initializer returned    */

    struct cfi_request requests[CFI_RING_SLOTS];
    struct cfi_result results[CFI_RING_SLOTS];

    struct cfi_last_words last_words;
};

static inline uint64_t cfi_slot_word(uint64_t position,
                                     enum cfi_slot_state state)
{
    return position << 2 | state;
}

static inline struct cfi_request *cfi_rings_request(struct cfi_rings *rings,
                                                    uint64_t position)
{
    return &rings->requests[position % CFI_RING_SLOTS];
}

static inline struct cfi_result *cfi_rings_result(struct cfi_rings *rings,
                                                  uint64_t position)
{
    return &rings->results[position % CFI_RING_SLOTS];
}

/* Has the host sent it? Maybe it was taken back since. */
static inline bool cfi_request_is_there(const struct cfi_request *request,
                                        uint64_t position)
{
    /* acquire: all that the host put into the slot before the word */
    return atomic_load_explicit(&request->word, memory_order_acquire) >> 2 ==
           position;
}

/* QUEUED becomes `state`: how a worker starts a task, how the host takes it
 * back. False: the other side was first. */
static inline bool cfi_request_claim(struct cfi_request *request,
                                     uint64_t position,
                                     enum cfi_slot_state state)
{
    uint64_t queued = cfi_slot_word(position, CFI_SLOT_QUEUED);
    return atomic_compare_exchange_strong(&request->word, &queued,
                                          cfi_slot_word(position, state));
}

/*
 * The host has made the request at `position` visible. Wakes the worker if it
 * sleeps (true). None is lost: the host stores the word, then reads `asleep`; the
 * worker stores `asleep`, then reads the word; all sequentially consistent.
 * is_to_wake() leaves the call to whoever has asked, who alone is told: later,
 * with no lock held, when the memory may have gone with its worker, it wakes
 * nobody or somebody in vain.
 */
static inline bool cfi_rings_is_to_wake(struct cfi_rings *rings)
{
    return atomic_load(&rings->asleep) != 0 &&
           atomic_exchange(&rings->asleep, 0) != 0;
}

static inline bool cfi_rings_wake_worker(struct cfi_rings *rings)
{
    if (!cfi_rings_is_to_wake(rings))
        return false;
    cfi_futex_wake_shared(&rings->asleep, 1);
    return true;
}

#endif
