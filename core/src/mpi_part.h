/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_PART_H
#define CFI_MPI_PART_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "future_impl.h"
#include "mpi_world.h"
#include "watch.h"

struct cfi_part;

struct cfi_job {
    struct cfi_watch watch;    /* first: it is told by it */
    TAILQ_ENTRY(cfi_job) link; /* of its part, the oldest first */
    struct cfi_job *next;      /* of those that have ended */
    struct cfi_part *part;
    struct cf_future *future;
    uint64_t task;      /* the host's name for it */
    bool is_given_back; /* which the host was told */
};

/* This rank's part in an executor. */
struct cfi_part {
    TAILQ_ENTRY(cfi_part) link;
    struct cfi_part *next; /* of those that have ended */
    pthread_t closer;
    bool has_closer;
    uint32_t id;
    uint64_t lane; /* which one it is, to the host       */
    uint64_t first_worker;
    bool is_process;
    void *arg;
    struct cf_executor *executor; /* NULL: it could not be made */
    bool has_told_shut;           /* that a task shut it down ...      */
    uint32_t told_how;            /* ... and how, the last time        */
    enum cf_status failure;
    char why[256];
    TAILQ_HEAD(, cfi_job) jobs;
};

/* The part in the executor of that number; NULL: there is none. */
struct cfi_part *cfi_part_find(uint32_t id);
bool cfi_part_is_any(void);

/* Begins a part as the host says, and tells it how that went. */
void cfi_part_open(const struct cfi_mpi_record *record,
                   const struct cfi_mpi_opening *opening);

/* Begins to end one whose tasks have all ended; tells the host of those that
 * have ended since. True: there were some. */
void cfi_part_close(struct cfi_part *part);
bool cfi_parts_tell_closed(void);

/* Tells the host of parts that one of their tasks has shut down. */
void cfi_parts_tell_shut(void);

/* --- what is told of tasks: see mpi_outcome.c --- */

/* How a job ended, its future final and not given back. */
void cfi_job_tell(struct cfi_job *job);

/* That a task was cancelled here, by a shutdown. */
void cfi_job_tell_cancelled(const struct cfi_part *part, uint64_t task);

/* That a task could not begin here: `why`; the function is not here; one of
 * its buffers is not, since none could be made. */
void cfi_job_refuse(const struct cfi_part *part, uint64_t task,
                    enum cf_status status, int code, const char *why);
void cfi_job_refuse_function(const struct cfi_part *part, uint64_t task);
void cfi_job_refuse_lacking(const struct cfi_part *part, uint64_t task,
                            enum cf_status status, const char *reason);

/* Says something of a part to the host. */
void cfi_part_say(const struct cfi_part *part, struct cfi_mpi_record record,
                  const void *payload, size_t bytes);

#endif
