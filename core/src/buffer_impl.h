/* SPDX-License-Identifier: MIT */
#ifndef CFI_BUFFER_IMPL_H
#define CFI_BUFFER_IMPL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/buffer.h>

#include "descriptor.h"
#include "lock.h"
#include "outcome.h"

struct cf_executor;
struct cfi_crew;

/* In front of a buffer's data, shared by all who have it mapped. */
struct cfi_buffer_head {
    /* processes that give the buffer to others: who was given it need not keep
     * it once there are none */
    _Atomic uint32_t givers;
};

/* A worker that was given the buffer. */
struct cfi_holder {
    struct cfi_crew *crew;
    uint32_t worker;
    uint32_t generation;
};

/* What is known of copies in other address spaces, which are to go with the
 * buffer. One block of the heap. */
struct cfi_buffer_copies {
    /* The buffer's last reference was given back; takes the block over. */
    void (*give_up)(struct cfi_buffer_copies *copies);
};

struct cf_buffer {
    _Atomic uint32_t references;
    int descriptor;
    struct cfi_file file; /* what that stands for */
    struct cfi_buffer_head *head;
    size_t bytes;
    uint64_t fork_generation;         /* of the process that has it mapped */
    struct cfi_buffer_copies *copies; /* NULL: none; see mpi_copies.c */

    /* --- guarded by lock --- */
    struct cfi_lock lock;
    struct cfi_holder *holders;
    size_t holder_count;
};

/* As it is called between processes: by its address in the one that gives. */
static inline uint64_t cfi_buffer_id(const struct cf_buffer *buffer)
{
    return (uintptr_t)buffer;
}

/* How a buffer travels: this, and its descriptor. */
struct cfi_buffer_message {
    uint64_t id; /* the giver's */
    uint64_t bytes;
};

/* A buffer that came from another process, with one reference; `descriptor`
 * becomes its own, on failure too. CF_OK, CF_NOMEM, CF_SYSTEM, CF_INVALID (it
 * is no buffer). */
CF_MUST_CHECK enum cf_status cfi_buffer_adopt(size_t bytes, int descriptor,
                                              struct cf_buffer **buffer);

/* Counts, for a task's executor, that one of its buffers went to a worker or
 * rank that did not have it. */
struct cf_future;
void cfi_buffer_note_sent(const struct cf_future *future);

/* False: this process's descriptor of it was closed by somebody else. */
bool cfi_buffer_can_travel(const struct cf_buffer *buffer);

/* Does this process give it to others no more? For who was given it. */
bool cfi_buffer_is_abandoned(const struct cf_buffer *buffer);

/* May these be named for a task? */
enum cf_status cfi_buffers_check(struct cf_buffer *const *buffers,
                                 size_t count);

/* --- results --- */

/* Makes the buffer the result of an outcome that is CF_OK; takes over one
 * reference, on failure none. CF_OK, CF_NOMEM. */
CF_MUST_CHECK enum cf_status cfi_outcome_set_buffer(struct cfi_outcome *outcome,
                                                    struct cf_buffer *buffer);

/* The buffer that is the result, lent; NULL: it is something else. */
struct cf_buffer *cfi_outcome_buffer(const struct cfi_outcome *outcome);

/* --- who has it: see buffer_holders.c --- */

/*
 * The workers of one executor, as buffers know them. Outlives their host,
 * which ends it: from then on nobody is told anything.
 */
typedef void cfi_crew_tell(void *state, uint32_t worker, uint32_t generation);

struct cfi_crew *cfi_crew_create(cfi_crew_tell *tell, void *state);
void cfi_crew_end(struct cfi_crew *crew);
void cfi_crew_release(struct cfi_crew *crew);

bool cfi_buffer_is_held(struct cf_buffer *buffer, struct cfi_holder by);

/* False: no memory to note it. */
bool cfi_buffer_note_holder(struct cf_buffer *buffer, struct cfi_holder by);
void cfi_buffer_forget_holder(struct cf_buffer *buffer, struct cfi_holder by);

/* The last reference is gone: tells every holder. */
void cfi_buffer_tell_holders(struct cf_buffer *buffer);

#endif
