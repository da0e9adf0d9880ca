/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_HOST_H
#define CFI_PROCESS_HOST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "board.h"
#include "completion.h"
#include "executor_impl.h"
#include "last_error.h"
#include "process_endings.h"
#include "process_lane.h"

/* What is due though nothing ends, the later first: see process_sharing.c. */
enum cfi_due {
    CFI_DUE_NOTHING,
    CFI_DUE_RETRY, /* of what could not be started or given out         */
    CFI_DUE_LOOK,  /* at what waits behind the task that a worker is at */
};

/* The host's side of one executor of the process backend. */
struct cfi_host {
    struct cf_executor *executor; /* to `lanes`: set at birth, then read */
    struct cfi_zygote zygote;
    struct cfi_board board;
    struct cfi_crew *crew;    /* as buffers know the workers */
    size_t address_space;     /* all arenas may take so much, as it was found */
    bool has_helpful_waiters; /* they can sleep on the bell, too */

    struct cfi_alarm alarm; /* see process_ladder.c */
    struct cfi_completion completion;
    pthread_t drainer;        /* copies answers                     */
    pthread_t listener;       /* hears of births and deaths         */
    _Atomic bool is_ending;   /* the drainer's work is done         */
    _Atomic bool has_large;   /* it is to look after their memory   */
    _Atomic int64_t large_ns; /* when the last one came                */
    int64_t trim_ns;       /* the drainer's: no sooner than that, ...         */
    int64_t trim_pause_ns; /* ... and how long it waits where one is in use   */
    struct cfi_eventcount readiness; /* notified when all are ready, or it is
                                       clear that they never will be     */

    /* tasks of workers' tasks that have ended, the latest first */
    _Atomic(struct cfi_child *) ended_children;

    /* --- guarded by lock; held while no user code runs --- */
    struct cfi_lock lock;
    struct cfi_queue queue;   /* pending futures that no lane holds, but ... */
    struct cfi_queue put_off; /* ... those whose buffers may not be posted */
    struct cfi_lane_list places[CFI_LANE_PLACES];
    bool is_uneven;    /* since a worker had nothing to do, nobody tried */
                       /* to find work for it behind another one         */
    unsigned submits;  /* while the rings were full                      */
    size_t lanes_used; /* no lane from this one on ever had a worker     */
    size_t alive;      /* workers that are, or are being started         */
    size_t spares;     /* of these, beyond those asked for               */
    size_t absent;     /* of these, whose tasks sleep, ...               */
    struct cfi_sleeper_list sleepers; /* ... which are these                 */
    size_t starting;      /* of these, ordered and not heard of             */
    size_t ready;         /* of these, serving                              */
    size_t most_workers;  /* fewer than asked for where no more could start */
    int64_t retry_ns;     /* none is started before; 0: at any time         */
    int64_t post_ns;      /* what is put off is tried then; 0: it need not be */
    unsigned vain_starts; /* in a row                                       */
    struct cfi_noted start_failure; /* why there was not one at last; or none */
    uint64_t given;        /* how many tasks were given out, some again      */
    _Atomic uint32_t due;  /* cfi_due: what the drainer is to see to         */
    bool is_made;          /* create has returned it                         */
    size_t deaths;         /* in a row, with no task ended in between        */
    uint64_t memory_kills; /* by the system, that were told of             */
    bool is_full;          /* every worker is there from the start on        */
    bool is_closing;       /* workers were told to leave                     */
    bool has_heard_all;    /* the zygote is gone                             */
    unsigned questions_near; /* not 0: workers ask, so looks come soon       */
    bool is_broken;

    cf_function *known; /* this function's address is known, until the lock is
                           given back; NULL: none */
    struct cfi_code_address known_address;
    uint64_t noted; /* the object in the catalogue that was asked for last */

    size_t lane_count;
    struct cfi_lane **lanes; /* so many; each stays where it is */
};

/* A large argument or result passes through: the drainer looks after the memory
 * that these leave, once there have been none for a while. */
void cfi_host_note_payload(struct cfi_host *host, size_t bytes);

/* For the drainer: does a part of that, if it is due; when the next one is. See
 * process_trim.c. */
void cfi_host_trim(struct cfi_host *host);
int64_t cfi_host_trim_due_ns(const struct cfi_host *host);

/* Makes a host as the executor's options ask. CF_OK, CF_AGAIN, CF_NOMEM,
 * CF_SYSTEM. */
CF_MUST_CHECK enum cf_status cfi_host_create(struct cf_executor *executor,
                                             struct cfi_host **made);

/* Sees to it that there are `count` lanes; lock held, once others may see
 * them. False: no memory, and maybe more lanes than before. */
CF_MUST_CHECK bool cfi_host_add_lanes(struct cfi_host *host, size_t count);

/* How large each arena of a worker that is started now may be. Lock held. */
size_t cfi_host_arena_bytes(const struct cfi_host *host);

/* Ends workers, zygote and threads; every future is final. */
void cfi_host_close(struct cfi_host *host);

/* Frees it: after close(), or without it in a forked child of the host. */
void cfi_host_destroy(struct cfi_host *host);

static inline void cfi_host_lock(struct cfi_host *host)
{
    cfi_lock(&host->lock);
}

void cfi_host_unlock(struct cfi_host *host, struct cfi_endings *endings);

/* The same for who has handed something over, and may be waiting for it next:
 * what the workers that are woken answer meanwhile wakes no other thread. */
void cfi_host_unlock_and_look(struct cfi_host *host,
                              struct cfi_endings *endings);

/* One look at all rings: copies answers, gives out what is queued. Returns how
 * many positions were answered. */
size_t cfi_host_look(struct cfi_host *host);

/* The same in two parts: the second calls the user's code, and is for who is not
 * counted in on the bell. */
size_t cfi_host_look_into(struct cfi_host *host, struct cfi_endings *endings);
void cfi_host_settle(struct cfi_host *host, struct cfi_endings *endings);

/* --- what follows needs the lock --- */

/* Finds out what workers are to know of a function, for the next dispatch.
 * False: it lies in no loaded object. */
bool cfi_host_knows(struct cfi_host *host, cf_function *function);

/* The same where not one worker can be started, for the reason that this thread
 * has noted. */
void cfi_host_break_for_want(struct cfi_host *host,
                             struct cfi_endings *endings);

/* A new task of the executor's is queued. */
void cfi_host_enqueue(struct cfi_host *host, struct cf_future *future);

/* Has the future's task started, or ended? */
bool cfi_host_has_started(struct cfi_host *host,
                          const struct cf_future *future);

/* Gives a future that is SENT, or has had attempts, to a lane. False: it went
 * back to the queue, since the lane has no room for its argument before
 * something ends there, or its worker is to leave; or it was put off. */
bool cfi_host_give(struct cfi_host *host, struct cfi_lane *lane,
                   struct cf_future *future, struct cfi_endings *endings);

/* The same for one that is queued, unless it was cancelled. */
bool cfi_host_hand(struct cfi_host *host, struct cfi_lane *lane,
                   struct cf_future *future, struct cfi_endings *endings);

/* What cannot be done now is tried again in a while: a worker is started
 * (`retry_ns`), a buffer posted (`post_ns`). */
void cfi_host_retry_later(struct cfi_host *host, int64_t *at_ns);

/* Starts a worker: in a lane that has none; where nobody is alive (false: it
 * cannot be); in any lane, if one more may be. */
bool cfi_host_start_in(struct cfi_host *host, struct cfi_lane *lane);
CF_MUST_CHECK bool cfi_host_ensure_one(struct cfi_host *host);
bool cfi_host_may_start(const struct cfi_host *host);
struct cfi_lane *cfi_host_start_worker(struct cfi_host *host,
                                       struct cfi_endings *endings);

/* One whose worker has nothing to do, or a new one's; NULL: there is none. */
struct cfi_lane *cfi_host_free_lane(struct cfi_host *host,
                                    struct cfi_endings *endings);

/* Who gets the next task; NULL: nobody has room. */
struct cfi_lane *cfi_host_choose_lane(struct cfi_host *host,
                                      struct cfi_endings *endings);

/* What cf_shutdown() does but for waiting; `how` as there. */
void cfi_host_cancel_pending(struct cfi_host *host,
                             struct cfi_endings *endings);
void cfi_host_tell_stopping(struct cfi_host *host);
void cfi_host_tell_closed(struct cfi_host *host);
void cfi_host_shut_down(struct cfi_host *host, unsigned how,
                        struct cfi_endings *endings);

/* Starts workers as work needs them, gives them what is queued, and moves a
 * task that waits behind a busy worker to one that has nothing to do. */
void cfi_host_dispatch(struct cfi_host *host, struct cfi_endings *endings);

/* Copies what workers have answered. Returns how many positions that were. */
size_t cfi_host_drain(struct cfi_host *host, struct cfi_endings *endings);

/* The same for one worker that is. */
size_t cfi_host_drain_lane(struct cfi_host *host, struct cfi_lane *lane,
                           struct cfi_endings *endings);

/* After a change of `ready`, `most_workers` or `is_broken`: wakes who waits for
 * all workers, if the wait is over. */
void cfi_host_tell_readiness(struct cfi_host *host);

/* Counts a worker as ready once it has been heard of and serves. */
void cfi_host_note_ready(struct cfi_host *host, struct cfi_lane *lane);

/* Takes half of what waits behind a busy worker for one that has nothing to do.
 * False: there is none such. */
bool cfi_host_even_out(struct cfi_host *host, struct cfi_endings *endings);

/* When to try again what could not be done, by time; INT64_MAX: there is nothing,
 * or no work for it. */
int64_t cfi_host_retry_ns(const struct cfi_host *host);

/* Something will be due though nothing ends: has the drainer see to it, which is
 * woken unless it sleeps until something as soon. For that: when anything is due
 * next (INT64_MAX: nothing is), where it was last looked for at `looked_ns`; and
 * does it, once it is. */
void cfi_host_note_due(struct cfi_host *host, enum cfi_due due);
int64_t cfi_host_due_ns(struct cfi_host *host, int64_t looked_ns);
void cfi_host_do_what_is_due(struct cfi_host *host, int64_t *looked_ns);

/* Puts one that came back unstarted at the end of a queue. */
void cfi_host_push_back(struct cfi_queue *queue, struct cf_future *future);

/* Takes back what its worker has not started, to the head of the queue. */
void cfi_host_recall_all(struct cfi_host *host, struct cfi_lane *lane,
                         enum cfi_recall why);

/* An attempt of a task has ended, with the outcome that it has: the task has,
 * or it goes back to the head of the queue for another one. */
void cfi_host_end_attempt(struct cfi_host *host, struct cf_future *future,
                          struct cfi_endings *endings);

/* Puts a lane into the list where it belongs now. */
void cfi_host_place(struct cfi_host *host, struct cfi_lane *lane);

/* No worker can be had any more, for `reason`: all that has not started ends
 * CF_BROKEN, what runs goes on. */
void cfi_host_break(struct cfi_host *host, const char *reason,
                    struct cfi_endings *endings);

/* Fills the outcome of a future that is SENT or RUNNING with a failure. */
void cfi_host_end(struct cf_future *future, enum cf_status status,
                  const char *reason, struct cfi_endings *endings);

/* A future that is SENT goes back to the head of the queue. */
void cfi_host_requeue(struct cfi_host *host, struct cf_future *future);

/* What the zygote tells of a worker; `pidfd` becomes the host's. */
void cfi_host_hear(struct cfi_host *host, const struct cfi_zygote_news *news,
                   int pidfd, struct cfi_endings *endings);

/* The zygote is dead, and so is every worker. */
void cfi_host_lose_all(struct cfi_host *host, struct cfi_endings *endings);

/* --- what workers ask for: see process_desk.c; lock held --- */

/* Answers what a worker has asked. Returns how many questions those were. */
size_t cfi_host_answer(struct cfi_host *host, struct cfi_lane *lane,
                       struct cfi_endings *endings);

/* An error that no task there has read, from a worker's window, for the
 * executor's handler. False: it is nonsense. tell(): with no lock held. */
bool cfi_host_note_unread(struct cfi_host *host, const unsigned char *from,
                          uint64_t bytes, struct cfi_endings *endings);
void cfi_host_tell_unread(struct cfi_host *host, struct cfi_unread_note *first);

/* --- ending what runs: see process_ladder.c --- */

void cfi_host_init_alarm(struct cfi_host *host);

/* Kills a worker that has written nonsense. Lock held. */
void cfi_host_kill_spoilt(struct cfi_host *host, struct cfi_lane *lane);

/* A task stands first in its ring that did not before: its limit is to be
 * kept. Lock held. */
void cfi_host_note_head(struct cfi_host *host, struct cfi_lane *lane);

/* cf_stop() for a task of this host. CF_OK, CF_INVALID (it has ended),
 * CF_AGAIN. */
enum cf_status cfi_host_stop_task(struct cfi_host *host,
                                  struct cf_future *future, int64_t grace_ns);

/* One look at where the task is, lock held. CF_AGAIN: it is on its way to
 * another place, or plainly pending. */
enum cf_status cfi_host_try_to_stop(struct cfi_host *host,
                                    struct cf_future *future, int64_t grace_ns,
                                    struct cfi_endings *endings);

/* --- threads: see process_threads.c --- */

CF_MUST_CHECK enum cf_status cfi_host_start_threads(struct cfi_host *host);
void cfi_host_stop_threads(struct cfi_host *host);

#endif
