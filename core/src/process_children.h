/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_CHILDREN_H
#define CFI_PROCESS_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "desk.h"
#include "watch.h"

struct cfi_endings;
struct cfi_host;
struct cfi_lane;

/*
 * A child: a task that a task in a worker process has submitted, as the host
 * keeps it until that worker was told of its end, or is no more. Calls need the
 * host's lock.
 */
struct cfi_child {
    struct cfi_watch watch; /* first: it is cast back                       */
    struct cfi_host *host;
    struct cfi_lane *lane;    /* of who submitted it; NULL: that is no more  */
    struct cf_future *future; /* with a reference                            */
    uint64_t id;              /* the worker's name for it is `token`         */
    uint64_t token;
    uint64_t parent;          /* the position of the task that submitted it  */
    struct cf_future *waiter; /* borrowed: who runs it in its wait, or NULL  */
    bool is_borrowed;
    bool is_inside; /* of these, the worker's task runs it, and waits       */
    bool is_awaited;
    bool is_heard;
    struct cfi_child *next;      /* in the host's list of those that have ended,
                               until it is heard                             */
    TAILQ_ENTRY(cfi_child) link; /* of the lane's                         */
    TAILQ_ENTRY(cfi_child) special; /* borrowed, awaited or to be told of    */
    bool has_ended; /* guarded by the future's lock; apart, since a compiler may
                       read the others all at once                           */
};

TAILQ_HEAD(cfi_child_list, cfi_child);

/* All that the host keeps of one worker's children. */
struct cfi_nest {
    struct cfi_child **by_id; /* at the low half of an id; NULL: free */
    size_t room;
    uint32_t serial; /* the high half of the last one */
    struct cfi_child_list all;
    struct cfi_child_list borrowed; /* inside, the innermost first */
    struct cfi_child_list awaited;  /* by a task that sleeps          */
    struct cfi_child_list news;     /* have ended, and it is not told */
    struct cf_future *waiter; /* its wait is noted in waits_for.c, ...    */
    struct cf_future *waited; /* ... for this one                         */
    TAILQ_ENTRY(cfi_nest) sleeper; /* while the lane is absent       */
    struct cfi_lane *lane;

    unsigned char *parcel; /* what came ahead of a submit */
    size_t parcel_bytes;
    size_t parcel_used;

    struct cfi_child *told;     /* whose end the worker is being told of */
    const unsigned char *story; /* what of it does not fit the window: */
    unsigned char *story_owned; /* texts; NULL: the future's result      */
    size_t story_bytes;
    size_t story_used;
};

TAILQ_HEAD(cfi_sleeper_list, cfi_nest);

/* Makes one for a lane that has none. NULL without memory. */
struct cfi_nest *cfi_nest_create(struct cfi_lane *lane);

/*
 * A child for `future`, which has just been made: the reference of its caller
 * becomes the child's. NULL without memory.
 */
struct cfi_child *cfi_child_create(struct cfi_host *host, struct cfi_lane *lane,
                                   struct cf_future *future, uint64_t token);
/* Enters it into the worker's table; false without memory. find(): NULL where
 * there is none. */
bool cfi_child_give_id(struct cfi_nest *nest, struct cfi_child *child);
struct cfi_child *cfi_child_find(const struct cfi_nest *nest, uint64_t id);

/* The worker knows how it ended, or ended it itself. */
void cfi_child_forget(struct cfi_child *child, struct cfi_endings *endings);

/* Takes a child that has not started for good, and cancels it; or for its
 * worker, which runs it. False: too late. */
bool cfi_child_cancel(struct cfi_child *child, struct cfi_endings *endings);
bool cfi_child_borrow(struct cfi_child *child, struct cfi_endings *endings);

/* One that nobody has queued yet is run by its worker; one that was borrowed
 * has ended so. */
void cfi_child_lend(struct cfi_child *child, bool is_inside);
void cfi_child_return(struct cfi_child *child, enum cf_status status,
                      struct cfi_endings *endings);

/* Else whoever asks there for its worker's sake is no task: a thread that one
 * has left behind, or nonsense that came late. Nothing's end would end what it
 * has begun. */
bool cfi_lane_runs_a_task(struct cfi_lane *lane);

/* The task whose worker asks sleeps until it has ended, at most. */
void cfi_child_note_awaited(struct cfi_child *child);

/* The task whose worker asks will wait for it for ever. CF_OK, CF_DEADLOCK. */
enum cf_status cfi_child_await(struct cfi_child *child);

/* The worker's task waits no more, and the lane is not absent. The second: it
 * has ended, whatever it has left behind. */
void cfi_nest_wake(struct cfi_host *host, struct cfi_lane *lane);
void cfi_nest_task_ended(struct cfi_host *host, struct cfi_lane *lane);

/* What children have ended since the last look: their workers are told. */
void cfi_host_hear_of_children(struct cfi_host *host,
                               struct cfi_endings *endings);

/* A worker is no more. What the task that it was running, at `crashed` (0:
 * none), has submitted and nobody has started never runs; what it borrowed has
 * crashed; all else goes on. */
void cfi_nest_close(struct cfi_host *host, struct cfi_lane *lane,
                    uint64_t crashed, struct cfi_endings *endings);

/* Frees a list of them, without the lock. */
void cfi_children_free(struct cfi_child *first);

/* Answers the question of that number. */
void cfi_desk_answer(struct cfi_lane *lane, size_t which, uint32_t number,
                     const struct cfi_reply *reply);

/* Answers the worker's question what has ended, if it has asked and something
 * has: see process_news.c. */
void cfi_desk_tell(struct cfi_lane *lane, struct cfi_endings *endings);

#endif
