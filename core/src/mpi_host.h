/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_HOST_H
#define CFI_MPI_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "completion.h"
#include "executor_impl.h"
#include "mpi_world.h"

/* So many tasks one rank may have of an executor, beyond those that run. */
#define CFI_MPI_MOST_AHEAD 256u

/* ... and in all, since 16 bits of a task's name tell which of them it is. */
#define CFI_MPI_MOST_SLOTS ((size_t)1 << 16)

enum cfi_mpi_place_of_lane {
    CFI_MPI_IDLE, /* some worker of it has nothing to do */
    CFI_MPI_BUSY, /* it has, and room                    */
    CFI_MPI_FULL,
    CFI_MPI_PLACES,
};

/* A task that a rank has. */
struct cfi_mpi_held {
    struct cf_future *future; /* NULL: none                          */
    size_t bytes;             /* argument, and buffers sent for it   */
};

/* A rank's part in an executor, seen from the host. */
struct cfi_mpi_lane {
    TAILQ_ENTRY(cfi_mpi_lane) link;
    enum cfi_mpi_place_of_lane place;
    int rank;
    uint32_t index;
    uint32_t workers;
    bool is_opened;         /* it was told to begin                */
    _Atomic bool has_begun; /* and has said that it did: anybody may look  */
    bool is_recalled;       /* asked to give back, no answer yet  */
    uint32_t serial;        /* of tasks, part of their names       */
    int64_t heard_ns; /* when a task of it ended last, or it got its first */
    uint32_t task_ns; /* how long its tasks take of late    */
    uint32_t written_off; /* of its workers, when it last said so */
    size_t bytes;         /* of the tasks that it has, together  */
    size_t load;          /* tasks that it has                   */
    size_t slots;
    struct cfi_mpi_held *held; /* `slots` of them          */
};

TAILQ_HEAD(cfi_mpi_lane_list, cfi_mpi_lane);

/* A question that some thread waits for the answer of. */
struct cfi_mpi_ask {
    struct cfi_mpi_ask *next;
    uint64_t id;
    struct cfi_mpi_lane *lane;
    uint64_t task;
    uint32_t kind; /* CFI_MPI_ASK or CFI_MPI_RECALL      */
    uint32_t number;
    int64_t grace_ns;      /* CFI_MPI_END_IT            */
    enum cf_status status; /* ... and what came of that */
    bool is_yes;
    struct cfi_queue recalled;
    struct cfi_eventcount answer;
    _Atomic bool is_answered;
};

/* The host's side of one executor. */
struct cfi_mpi_host {
    struct cf_executor *executor;
    uint32_t id;
    size_t rank_workers;
    struct cfi_completion completion;
    struct cfi_eventcount change; /* notified when a lane begins or closes */
    struct cfi_mpi_host *next;    /* of the process's; see mpi_host.c      */

    /* --- guarded by lock; held while no user code runs --- */
    struct cfi_lock lock;
    struct cfi_queue queue; /* pending futures that no lane holds */
    struct cfi_mpi_lane_list places[CFI_MPI_PLACES];
    struct cfi_mpi_ask *to_ask; /* the latest first */
    struct cfi_mpi_ask *asked;
    size_t lane_count;
    size_t opened;
    size_t begun;
    size_t closed;
    size_t loads;  /* of all lanes                                  */
    size_t unread; /* its errors that mpi_unread.c has still to tell  */
    uint64_t asks;
    bool is_uneven;  /* since a worker fell idle, nobody looked behind others */
    bool must_start; /* every lane is to begin at once                */
    bool is_settling; /* its futures are being told, with no lock held     */
    bool is_shut;     /* by a call here; its end may be waited for         */
    bool is_closing;
    bool has_said_close;
    bool has_ended; /* MPI has: nothing is said or heard any more         */
    bool is_over;   /* ... and its futures have been told                 */
    bool is_broken;
    enum cf_status failure; /* of a rank that could not begin */
    bool must_tell_stopping;
    cf_function *known;
    struct cfi_code_address known_address;
    struct cfi_mpi_lane lanes[];
};

/* What comes out while locks are held, to be settled without. */
struct cfi_mpi_endings {
    struct cfi_queue ended;     /* its outcome is filled                  */
    struct cfi_queue cancelled; /* to be cancelled, by a shutdown         */
    struct cfi_queue dropped;   /* was cancelled: a reference to give back */
};

/* Makes the host of an executor that takes part in as many ranks as it needs.
 * CF_OK, CF_AGAIN, CF_NOMEM, CF_UNSUPPORTED, CF_BROKEN. */
CF_MUST_CHECK enum cf_status cfi_mpi_host_create(struct cf_executor *executor,
                                                 struct cfi_mpi_host **made);
void cfi_mpi_host_close(struct cfi_mpi_host *host);
void cfi_mpi_host_destroy(struct cfi_mpi_host *host);

/* On the thread that calls MPI, no lock held: gives a reference back; publishes
 * a future whose outcome is filled, as cfi_completion_publish(). A handler of
 * errors that comes of it is called on another thread. */
void cfi_mpi_let_go(struct cf_future *future);
void cfi_mpi_publish(struct cfi_completion *completion,
                     struct cf_future *future);

/* Is this that other thread? It cannot wait until an executor's errors are told:
 * it may be telling one. tell_unread() tells those that wait to be; no lock
 * held. */
bool cfi_mpi_is_telling(void);
void cfi_mpi_tell_unread(const struct cf_executor *executor);

/* Asks, and waits for the answer. No lock held. */
void cfi_mpi_host_ask(struct cfi_mpi_host *host, struct cfi_mpi_ask *ask);

/* The answer where none can come: it is too late. */
void cfi_mpi_ask_in_vain(struct cfi_mpi_ask *ask);

/* A shutdown has begun. Where MPI has ended, or as soon as it ends, what is left
 * is CF_BROKEN. No lock held. */
void cfi_mpi_host_shut(struct cfi_mpi_host *host);
#define CFI_MPI_HAS_ENDED "MPI has ended"

/* --- what follows needs the lock --- */

/* Finds out what ranks are to know of a function. False: it lies in no loaded
 * object. */
bool cfi_mpi_host_knows(struct cfi_mpi_host *host, cf_function *function);

/* Puts a lane into the list where it belongs now. */
void cfi_mpi_host_place(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane);

/* The lane that holds a future which is under way. */
struct cfi_mpi_lane *cfi_mpi_lane_of(struct cfi_mpi_host *host,
                                     const struct cf_future *future);

/* What a lane holds under that name; NULL: nothing any more. */
struct cf_future *cfi_mpi_lane_held(struct cfi_mpi_lane *lane, uint64_t task);

/* It holds the future no more, which gets `ticket`. */
void cfi_mpi_lane_let_go(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                         struct cf_future *future, uint64_t ticket);

/* Asks a lane's rank for as many tasks as that, on the thread that calls MPI;
 * what has not started comes back to the queue. */
void cfi_mpi_host_recall(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                         uint32_t number);

/* Says to a lane's rank what is queued, or has it cancelled once a shutdown
 * cancels; on the thread that calls MPI. True: something was said. */
bool cfi_mpi_host_dispatch(struct cfi_mpi_host *host,
                           struct cfi_mpi_endings *endings);

/* Takes in what a rank has said of it; on that thread too. */
void cfi_mpi_host_hear(struct cfi_mpi_host *host,
                       const struct cfi_mpi_record *record, const void *payload,
                       struct cfi_mpi_apart *apart, int64_t clock_ns,
                       struct cfi_mpi_endings *endings);

/* Ends what has not started CF_BROKEN. */
void cfi_mpi_host_break(struct cfi_mpi_host *host, const char *why,
                        struct cfi_mpi_endings *endings);

#define CFI_MPI_TICKET_NONE  ((uint64_t)0)
#define CFI_MPI_TICKET_ENDED UINT64_MAX

#endif
