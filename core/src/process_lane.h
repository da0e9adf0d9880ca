/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_LANE_H
#define CFI_PROCESS_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "arena.h"
#include "buffer_impl.h"
#include "process_children.h"
#include "queue.h"
#include "region.h"
#include "zygote.h"

/* What a worker can be given, seen from the host: each lane is in one list. */
enum cfi_lane_place {
    CFI_LANE_ABSENT,  /* no worker                                        */
    CFI_LANE_SURPLUS, /* no worker, and none is to come but a spare one   */
    CFI_LANE_SPARE,   /* a spare worker with nothing to do                */
    CFI_LANE_IDLE,    /* nothing to do, or not started yet                */
    CFI_LANE_BUSY,    /* has something to do, and room                    */
    CFI_LANE_FULL,
    CFI_LANE_LEAVING, /* gets nothing any more, and ends                  */
    CFI_LANE_SPOILT,  /* its ring holds nonsense: to be killed and buried */
    CFI_LANE_PLACES,
};

/* How the task that a worker runs is being ended: see process_ladder.c. */
struct cfi_rungs {
    uint64_t position;        /* of that task; 0: none is ended          */
    enum cf_status ends_with; /* CF_EXPIRED, CF_STOPPED                  */
    enum cf_rung rung;        /* the last that was climbed               */
    int64_t grace_ns;         /* from one to the next                    */
    int64_t next_ns;          /* when the next one is due                */
};

/*
 * The host's end of one worker's rings, with the host's own copy of every
 * index and request: nothing that the worker writes is believed unchecked.
 * Calls need the host's lock. A lane outlives its workers; positions go on
 * from one to the next.
 */
struct cfi_lane {
    TAILQ_ENTRY(cfi_lane) link;
    enum cfi_lane_place place;
    uint32_t index;
    uint32_t generation; /* of the present worker                       */
    int32_t pid;         /* 0 until it has started                      */
    int pidfd;
    bool is_ready;
    bool is_spoilt;
    bool is_waking;     /* it was asleep, and has answered nothing since   */
    bool is_tried;      /* of these times, one of a few: see process_wait.c */
    bool is_stuffed;    /* its arena has no room until something ends  */
    bool is_stuck;      /* nor has the worker time, as it seems        */
    bool is_leaving;    /* it is ended, or was told to leave           */
    bool is_deaf;       /* of these, as it has closed its post         */
    bool is_worn;       /* it has told that it has grown too large     */
    bool is_surplus;    /* one of more than are wanted                 */
    bool is_spare;      /* of these, one that stands in for others     */
    bool is_absent;     /* its task sleeps: see process_spares.c       */
    uint32_t questions; /* its tasks have asked, and were heard  */
    uint32_t answered[CFI_WINDOWS]; /* which of them, at either window */
    struct cfi_nest *nest;          /* of these; NULL before the first       */
    struct cfi_region region;
    int post;              /* buffers and their descriptors, both ways */
    struct cfi_crew *crew; /* as buffers know our workers       */
    struct cfi_arena args;
    size_t results_end;    /* of what the arena of results has had in it     */
    uint64_t first;        /* position of the present worker's first request */
    uint64_t drained;      /* answers before this one were copied            */
    uint64_t posted;       /* position of the next request                   */
    size_t load;           /* requests that were not taken back or answered  */
    size_t arg_bytes;      /* of these, what lies in the arena               */
    uint32_t task_ns;      /* how long its tasks take of late                */
    uint32_t wakes;        /* how often it was asleep when a task came       */
    int32_t cpu;           /* where its last task ran                        */
    uint64_t rest;         /* how many tasks it may still be given           */
    int64_t idle_until_ns; /* while it is idle: then it leaves           */
    uint64_t cursor;       /* is_stuck: before it all were taken back        */
    uint64_t watched;      /* what it was at when that was last seen ...     */
    int64_t watched_ns;    /* ... to be something new                        */
    uint64_t timed;        /* the position whose limit was last looked at    */
    struct cfi_rungs rungs;
    struct cf_future *held[CFI_RING_SLOTS]; /* NULL: was taken back     */
    uint64_t numbers[CFI_RING_SLOTS];       /* see cfi_lane_number()    */
};

TAILQ_HEAD(cfi_lane_list, cfi_lane);

void cfi_lane_init(struct cfi_lane *lane, uint32_t index,
                   struct cfi_crew *crew);

/* What a new worker is told and bound by. */
struct cfi_lane_terms {
    struct cfi_worker_order order; /* but for what tells it from others  */
    size_t arena_bytes;
    uint64_t most_tasks; /* then it is to leave; 0: no bound              */
    bool stopping;
    bool closed;
    bool may_take_last; /* of the host's descriptors: it is the only one, or
                           stands in for who waits                       */
    int pidfds_to_come; /* of others that are being started               */
};

/* Makes a region for a new worker and orders the zygote to start it. */
CF_MUST_CHECK enum cf_status cfi_lane_open(struct cfi_lane *lane,
                                           struct cfi_zygote *zygote,
                                           const struct cfi_lane_terms *terms);

/* Forgets the worker, which is dead and whose requests were seen to. */
void cfi_lane_close(struct cfi_lane *lane);

/* Which list it belongs in now. */
enum cfi_lane_place cfi_lane_place_of(const struct cfi_lane *lane);

/*
 * Puts a request for `future`, which is SENT, into the ring; `function` names
 * its function there. Where the worker sleeps, `*is_to_wake`: the call on
 * `asleep` is the caller's. CF_OK; CF_NOMEM: no room for its argument or its
 * buffers; CF_SYSTEM: somebody closed a descriptor of ours, and they cannot get
 * there; CF_AGAIN: no more descriptors may be on their way for now; CF_BROKEN:
 * the worker takes no more of them, it is dead or has closed its post.
 */
CF_MUST_CHECK enum cf_status
cfi_lane_send(struct cfi_lane *lane, struct cf_future *future,
              const struct cfi_code_address *function, bool *is_to_wake);

/* Copies the answers that are committed: futures whose outcome is complete
 * are pushed to `ended`, those of which something special was said to
 * `special`. Returns how many positions that were. Nonsense makes the lane
 * spoilt. */
size_t cfi_lane_drain(struct cfi_lane *lane, struct cfi_queue *ended,
                      struct cfi_queue *special);

/* So far the arena of results was written to. */
void cfi_lane_note_result(struct cfi_lane *lane, size_t end);

/* Gives back a part of the memory that large payloads left; false: none is left,
 * or the worker has something to do (`*is_in_use`). */
bool cfi_lane_trim(struct cfi_lane *lane, bool *is_in_use);

/* Takes `future` back. False: it has started. */
bool cfi_lane_take_back(struct cfi_lane *lane, const struct cf_future *future);

/* What for a task is taken back: only where it is to run elsewhere its argument
 * comes along, which may have to be copied. */
enum cfi_recall { CFI_RECALL_TO_RUN, CFI_RECALL_TO_END };

/* Numbers the last request, to be told from those of other lanes; and that of
 * the oldest from its cursor on that has not started (UINT64_MAX: there is
 * none). */
void cfi_lane_number(struct cfi_lane *lane, uint64_t number);
uint64_t cfi_lane_oldest(struct cfi_lane *lane);

/* Takes back the oldest request that has not started; NULL: there is none. */
struct cf_future *cfi_lane_recall(struct cfi_lane *lane, enum cfi_recall why);

/* Has the worker started `future`, which it was sent? */
bool cfi_lane_has_started(struct cfi_lane *lane,
                          const struct cf_future *future);

/* What the worker runs, or will run next, unless it is nothing: drained
 * before. */
struct cf_future *cfi_lane_head(const struct cfi_lane *lane);

/* The request that a dead worker was running, drained before; NULL: none. */
struct cf_future *cfi_lane_running(struct cfi_lane *lane);

/* Any other request of a dead worker, the latest first; NULL: none is left. */
struct cf_future *cfi_lane_salvage(struct cfi_lane *lane, enum cfi_recall why);

/* --- buffers: see process_buffers.c --- */

/* What of its arguments travels: bytes, and the ids of buffers behind them.
 * write() returns how many of those there are. */
size_t cfi_payload_bytes(const struct cf_future *future);
size_t cfi_payload_write(const struct cf_future *future, void *to);

/* Posts those of a future's buffers that the worker lacks. CF_OK; CF_NOMEM: no
 * room, before the worker has taken out what is there; CF_SYSTEM, CF_AGAIN,
 * CF_BROKEN. */
CF_MUST_CHECK enum cf_status cfi_lane_post(struct cfi_lane *lane,
                                           const struct cf_future *future);

/* Is there one among them that the worker lacks? */
bool cfi_lane_lacks(const struct cfi_lane *lane,
                    const struct cf_future *future);

/* Does what a report says of buffers; its outcome was read. False: it is
 * nonsense. */
bool cfi_lane_take_buffer(struct cfi_lane *lane,
                          const struct cfi_report *report,
                          struct cf_future *future);

/* A worker need not keep a buffer any more. */
void cfi_lane_tell_abandoned(struct cfi_lane *lane);

/* Where a future is: no lane, its lane, or past its end. */
#define CFI_TICKET_NONE  ((uint64_t)0)
#define CFI_TICKET_ENDED UINT64_MAX
#define CFI_MOST_LANES   0x10000 /* a ticket can tell */

static inline size_t cfi_ticket_lane(uint64_t ticket)
{
    return ticket & 0xffff;
}

static inline uint64_t cfi_ticket_position(uint64_t ticket)
{
    return ticket >> 16;
}

#endif
