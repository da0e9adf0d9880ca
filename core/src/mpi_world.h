/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_WORLD_H
#define CFI_MPI_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "mpi_message.h"
#include "mpi_module.h"

/*
 * This process as a rank: its one thread that calls MPI, what waits to be sent
 * and what has come in part. One per process, as MPI is; made by
 * cf_worker_entry().
 */
struct cfi_mpi_world;

/* What comes apart, and where it is put. */
struct cfi_mpi_apart {
    void *bytes;              /* NULL: nothing, or it was thrown away         */
    bool is_heap;             /* `bytes` is to be freed                       */
    struct cf_buffer *buffer; /* that the bytes lie in, with one reference;
                                 NULL: they do not                            */
    bool is_unwanted;         /* to be thrown away as it comes ...            */
    enum cf_status status;    /* ... since no buffer could be made, and why   */
};

/* A record has come from `rank`; `payload` and `apart` are valid during the
 * call: who takes over what is on the heap, or the buffer, leaves NULL there.
 * `clock_ns`: add it to the sender's times. */
typedef void cfi_mpi_hear(int rank, const struct cfi_mpi_record *record,
                          const void *payload, struct cfi_mpi_apart *apart,
                          int64_t clock_ns);

/* What a rank does with its turn, on the thread that calls MPI. */
struct cfi_mpi_role {
    cfi_mpi_hear *hear;

    /* Where to put what is about to come apart; `*apart` is empty: where that
     * is left so, on the heap. */
    void (*room)(const struct cfi_mpi_record *record,
                 struct cfi_mpi_apart *apart);

    /* Is there anything to say? Says it, by cfi_mpi_say(). True: there was. */
    bool (*speak)(void);

    /* Is anything to come, soon or late? Else it sleeps until it is woken. */
    bool (*expects)(void);
};

/* The process's own, NULL where it is no rank of a job that serves. `*why`
 * (may be NULL) then is the reason, constant. */
struct cfi_mpi_world *cfi_mpi_world(const char **why);

/* How many ranks serve, and where rank `rank` runs ("" while unknown). */
int cfi_mpi_ranks(void);
const char *cfi_mpi_host_name(int rank);

/* May any thread of this process call MPI? */
bool cfi_mpi_is_for_all(void);

/* Is this the thread that calls MPI? */
bool cfi_mpi_is_here(void);

/* From any thread: there is something to say. */
void cfi_mpi_wake(void);

/*
 * On the thread that calls MPI: adds a record to what goes to `rank` next, with
 * `bytes` of payload, copied here; where `payload` is NULL the caller fills in
 * what is returned, before it says anything else.
 */
void *cfi_mpi_say(int rank, const struct cfi_mpi_record *record,
                  const void *payload, size_t bytes);

/* The same for the `record->apart_bytes` bytes of the record that was said
 * last: they are not copied, and stay as they are until sent(context), on that
 * thread, with no lock held. */
void cfi_mpi_say_apart(int rank, const void *bytes, size_t count,
                       void (*sent)(void *context), void *context);

/* On that thread: is something not sent yet that went with this context? */
bool cfi_mpi_is_going(const void *context);

/* On that thread, in a rank: no further turn, MPI is ended; where tasks still
 * run, the process with it. */
void cfi_mpi_leave(bool is_busy);

/* Becomes a rank where an MPI launcher started this process: returns on rank
 * 0, and at once where none did; serves on the others, and ends them. */
void cfi_mpi_enter(void);

/* On rank 0, when MPI has ended; see mpi_host_end.c. */
void cfi_mpi_hosts_end(bool is_exit);

extern const struct cfi_mpi_role cfi_mpi_host_role;
extern const struct cfi_mpi_role cfi_mpi_rank_role;

#endif
