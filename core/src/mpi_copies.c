/* SPDX-License-Identifier: MIT */
/*
 * Rank 0's notes on buffers: a rank is sent a copy before the first task that
 * names the buffer, once, from where it lies, and keeps it for the tasks of
 * every executor, until the host has given its last reference back.
 *
 *      task names a buffer -> the rank has no copy: BUFFER, then TASK
 *      last reference gone -> given_up -> FORGET to each that was sent one
 *
 * The notes on a buffer hang on the buffer itself, so they are found without a
 * search; the thread that calls MPI writes them, until whoever gives the last
 * reference back (any thread) hands them to that thread again. Names are not
 * used twice, so what a rank has by mistake is never taken for another buffer.
 */
#include "mpi_buffers.h"

#include <stdlib.h>

#include "future_impl.h"
#include "lock.h"

enum standing {
    NEVER_SENT, /* zero */
    LACKING,    /* was sent, and may be there: to be sent again */
    SENT,
};

struct copies {
    struct cfi_buffer_copies base; /* first: it is given up by it */
    struct copies *next;           /* of those given up           */
    uint64_t id;
    unsigned char standings[]; /* by rank */
};

/* Of the process, as MPI is. */
static struct cfi_lock lock;
/* --- guarded by lock, which is taken last and alone --- */
static struct copies *given_up;
static bool has_ended;
/* --- the thread's that calls MPI --- */
static uint64_t last_id;

static void give_up(struct cfi_buffer_copies *base)
{
    struct copies *copies = (struct copies *)base;

    cfi_lock(&lock);
    bool is_told = !has_ended;
    if (is_told) {
        copies->next = given_up;
        given_up = copies;
    }
    cfi_unlock(&lock);
    if (is_told)
        cfi_mpi_wake();
    else
        free(copies);
}

static struct copies *copies_of(struct cf_buffer *buffer)
{
    struct copies *copies = (struct copies *)buffer->copies;

    if (copies != NULL)
        return copies;
    copies = calloc(1, sizeof *copies + (size_t)cfi_mpi_ranks() + 1);
    if (copies == NULL)
        return NULL;
    copies->base.give_up = give_up;
    copies->id = ++last_id;
    buffer->copies = &copies->base;
    return copies;
}

static void release(void *buffer)
{
    cf_buffer_release(buffer);
}

bool cfi_copies_send(int rank, const struct cf_future *future,
                     size_t *sent_bytes)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    size_t count = extra != NULL ? extra->buffer_count : 0;

    for (size_t i = 0; i < count; i++) {
        struct cf_buffer *buffer = extra->buffers[i];
        struct copies *copies = copies_of(buffer);
        if (copies == NULL)
            return false;
        if (copies->standings[rank] == SENT)
            continue;
        struct cfi_mpi_record record = {.kind = CFI_MPI_BUFFER,
                                        .task = copies->id,
                                        .apart_bytes = buffer->bytes};
        copies->standings[rank] = SENT;
        cfi_mpi_say(rank, &record, NULL, 0);
        cfi_mpi_say_apart(rank, cf_buffer_data(buffer), buffer->bytes, release,
                          cf_buffer_retain(buffer));
        cfi_buffer_note_sent(future);
        *sent_bytes += buffer->bytes;
    }
    return true;
}

uint64_t cfi_copies_name(const struct cf_buffer *buffer)
{
    return ((const struct copies *)buffer->copies)->id;
}

void cfi_copies_lacking(int rank, const struct cf_future *future)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    size_t count = extra != NULL ? extra->buffer_count : 0;

    for (size_t i = 0; i < count; i++)
        /* made to send it */
        copies_of(extra->buffers[i])->standings[rank] = LACKING;
}

static void tell(const struct copies *copies)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_FORGET, .task = copies->id};

    for (int rank = 1; rank <= cfi_mpi_ranks(); rank++)
        if (copies->standings[rank] != NEVER_SENT)
            cfi_mpi_say(rank, &record, NULL, 0);
}

static struct copies *take_given_up(bool is_end)
{
    cfi_lock(&lock);
    struct copies *all = given_up;
    given_up = NULL;
    has_ended |= is_end;
    cfi_unlock(&lock);
    return all;
}

bool cfi_copies_forget(void)
{
    struct copies *copies = take_given_up(false), *next;
    bool has_said = copies != NULL;

    for (; copies != NULL; copies = next) {
        next = copies->next;
        tell(copies);
        free(copies);
    }
    return has_said;
}

void cfi_copies_end(void)
{
    struct copies *copies = take_given_up(true), *next;

    for (; copies != NULL; copies = next) {
        next = copies->next;
        free(copies);
    }
}
