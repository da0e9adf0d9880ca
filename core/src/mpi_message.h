/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_MESSAGE_H
#define CFI_MPI_MESSAGE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code_address.h"
#include "ring.h"

/*
 * What rank 0, the host, and the other ranks say to each other. A frame is
 * what one look had to say to one rank: a head, then records, each with its
 * payload behind it. What is large goes apart, in a message of its own behind
 * the frame that its record ends. A function is named, and an outcome told, in the same
 * words as between a host and its worker processes (ring.h).
 *
 *      host                                rank
 *                             <- HELLO     once: where it runs
 *      BUFFER                 ->            a copy of one, which is kept
 *      FORGET                 ->            and need not be any more
 *      OPEN an executor       ->
 *                             <- OPENED    its workers begin, or why not
 *      TASK                   ->
 *                             <- RESULT
 *      ASK something of one   ->
 *                             <- ANSWER
 *      RECALL so many         ->
 *                             <- RECALLED  those that had not started
 *      STOPPING               ->
 *                             <- SHUT      by a task there: so is the executor
 *      CLOSE                  ->
 *                             <- CLOSED    its workers have ended
 *      LEAVE                  ->           the rank ends
 *                             <- LEFT      nothing comes after this
 *
 * What is not acknowledged as not started has started: a task that was sent
 * can be taken back, but only the rank's yes counts.
 */
enum cfi_mpi_kind {
    CFI_MPI_HELLO = 1,
    CFI_MPI_BUFFER,
    CFI_MPI_FORGET,
    CFI_MPI_OPEN,
    CFI_MPI_OPENED,
    CFI_MPI_TASK,
    CFI_MPI_RESULT,
    CFI_MPI_ASK,
    CFI_MPI_ANSWER,
    CFI_MPI_RECALL,
    CFI_MPI_RECALLED,
    CFI_MPI_STOPPING,
    CFI_MPI_SHUT,
    CFI_MPI_CLOSE,
    CFI_MPI_CLOSED,
    CFI_MPI_LEAVE,
    CFI_MPI_LEFT,
};

/* What is asked of a task. */
enum cfi_mpi_question {
    CFI_MPI_GIVE_BACK,   /* take it back; yes: it never starts  */
    CFI_MPI_HAS_STARTED, /* yes: it has, or has ended           */
    CFI_MPI_END_IT,      /* cf_stop(); the grace is the payload */
};

struct cfi_mpi_record {
    alignas(16) uint32_t kind;
    uint32_t executor;
    uint64_t bytes; /* of payload behind this, before padding             */
    uint64_t apart_bytes; /* of what comes apart; 0: nothing               */
    uint64_t task;   /* the host's name for it; of a buffer, its           */
    uint64_t ask;    /* which question this is or answers; 0: nobody waits */
    uint32_t number; /* a question, a yes (1) or no (0), how many; of a task:
                        a call stands before its argument (1), or none (0);
                        of SHUT: enum cf_shutdown_how                       */
    uint32_t worker; /* who ran it                                          */
    int32_t signal;  /* CF_CRASHED: what ended its process */
    int32_t exit_code;
    uint32_t attempt;     /* how often it was run                         */
    uint32_t rung;        /* enum cf_rung                                 */
    uint32_t written_off; /* workers of the rank that are, at this moment */
    struct cfi_code_address function;
    struct cfi_report report; /* of a buffer: POSTED, it comes apart      */
    struct cfi_stamps stamps;
};

/* What is said of a task: the names of its buffers follow, and its own, if any,
 * padded; then its argument. */
struct cfi_mpi_call {
    int64_t timeout_ns;
    int64_t grace_ns;
    uint32_t retries;
    uint32_t retry_on;
    uint64_t buffer_count;
    uint64_t name_bytes; /* with its end; 0: none */
};

static inline size_t cfi_mpi_padded(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

/* Where the argument stands. */
static inline size_t cfi_mpi_call_bytes(const struct cfi_mpi_call *call)
{
    return sizeof *call + cfi_mpi_padded(call->buffer_count * sizeof(uint64_t) +
                                         call->name_bytes);
}

/* Payload of OPEN; the initializer's argument follows. */
struct cfi_mpi_opening {
    uint64_t workers;      /* of the rank                                 */
    uint64_t first_worker; /* index of the first of them ...              */
    uint64_t first_spare;  /* ... and of who stands in for one            */
    uint64_t most_spare;
    uint32_t is_process; /* they are processes, else threads            */
    uint32_t start_all;
    uint64_t inner_threads; /* 0: the rank's share of its machine          */
    uint64_t host_workers;  /* the executor's on that machine              */
    uint64_t initializer_arg_bytes;
    uint32_t has_initializer;
    uint32_t has_finalizer;
    struct cfi_code_address initializer;
    struct cfi_code_address finalizer;
};

/* Payload of HELLO. */
struct cfi_mpi_hello {
    char boot_id[40]; /* the same on two ranks: one machine, one clock */
    char host[256];
};

/* An argument or result of so many bytes goes apart: it is then neither copied
 * into a frame nor out of one. A buffer always does. */
#define CFI_MPI_APART_BYTES ((size_t)32 << 10)

struct cfi_mpi_frame {
    uint64_t bytes;  /* in all, this head too                         */
    int64_t sent_ns; /* the sender's clock                            */
};

#endif
