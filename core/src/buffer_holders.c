/* SPDX-License-Identifier: MIT */
/*
 * Which workers have a buffer. A process gives each of them the descriptor
 * once; when it gives its own last reference back it lets them know.
 *
 * Executors come and go while a buffer lives, and the other way round, so
 * neither holds the other: between them stands a crew, counted, which the host
 * ends when it ends. Three locks, taken in this order and never the other way:
 * a crew's (while it tells), its host's, a buffer's.
 */
#include "buffer_impl.h"

#include <stdlib.h>
#include <string.h>

struct cfi_crew {
    _Atomic uint32_t references; /* the host's, and each holder's          */
    _Atomic bool has_ended;      /* for who would only know, without lock  */
    cfi_crew_tell *tell;
    void *state;

    struct cfi_lock lock; /* held while it tells: it does not end meanwhile */
};

struct cfi_crew *cfi_crew_create(cfi_crew_tell *tell, void *state)
{
    struct cfi_crew *crew = malloc(sizeof *crew);

    if (crew != NULL)
        *crew =
            (struct cfi_crew){.references = 1, .tell = tell, .state = state};
    return crew;
}

void cfi_crew_end(struct cfi_crew *crew)
{
    cfi_lock(&crew->lock);
    atomic_store(&crew->has_ended, true);
    cfi_unlock(&crew->lock);
}

void cfi_crew_release(struct cfi_crew *crew)
{
    if (crew != NULL && atomic_fetch_sub(&crew->references, 1) == 1)
        free(crew);
}

static void tell(const struct cfi_holder *holder)
{
    struct cfi_crew *crew = holder->crew;

    cfi_lock(&crew->lock);
    if (!atomic_load(&crew->has_ended))
        crew->tell(crew->state, holder->worker, holder->generation);
    cfi_unlock(&crew->lock);
}

/* Who has, or once had, that worker's place. Lock held. */
static struct cfi_holder *find(struct cf_buffer *buffer, struct cfi_holder by)
{
    for (size_t i = 0; i < buffer->holder_count; i++)
        if (buffer->holders[i].crew == by.crew &&
            buffer->holders[i].worker == by.worker)
            return &buffer->holders[i];
    return NULL;
}

bool cfi_buffer_is_held(struct cf_buffer *buffer, struct cfi_holder by)
{
    cfi_lock(&buffer->lock);
    const struct cfi_holder *holder = find(buffer, by);
    bool is_held = holder != NULL && holder->generation == by.generation;
    cfi_unlock(&buffer->lock);
    return is_held;
}

static void drop(struct cf_buffer *buffer, struct cfi_holder *holder)
{
    cfi_crew_release(holder->crew);
    *holder = buffer->holders[--buffer->holder_count];
    if (buffer->holder_count == 0)
        atomic_fetch_sub(&buffer->head->givers, 1);
}

/* A buffer that outlives executor after executor forgets their workers. */
static void drop_ended(struct cf_buffer *buffer)
{
    for (size_t i = buffer->holder_count; i-- > 0;)
        if (atomic_load(&buffer->holders[i].crew->has_ended))
            drop(buffer, &buffer->holders[i]);
}

static bool add(struct cf_buffer *buffer, struct cfi_holder by)
{
    drop_ended(buffer);
    struct cfi_holder *holders =
        calloc(buffer->holder_count + 1, sizeof *holders);
    if (holders == NULL)
        return false;
    if (buffer->holder_count > 0)
        memcpy(holders, buffer->holders,
               buffer->holder_count * sizeof *holders);
    free(buffer->holders);
    atomic_fetch_add(&by.crew->references, 1);
    if (buffer->holder_count == 0)
        atomic_fetch_add(&buffer->head->givers, 1);
    holders[buffer->holder_count++] = by;
    buffer->holders = holders;
    return true;
}

bool cfi_buffer_note_holder(struct cf_buffer *buffer, struct cfi_holder by)
{
    bool is_noted = true;

    cfi_lock(&buffer->lock);
    struct cfi_holder *holder = find(buffer, by);
    if (holder != NULL)
        holder->generation = by.generation;
    else
        is_noted = add(buffer, by);
    cfi_unlock(&buffer->lock);
    return is_noted;
}

void cfi_buffer_forget_holder(struct cf_buffer *buffer, struct cfi_holder by)
{
    cfi_lock(&buffer->lock);
    struct cfi_holder *holder = find(buffer, by);
    if (holder != NULL)
        drop(buffer, holder);
    cfi_unlock(&buffer->lock);
}

void cfi_buffer_tell_holders(struct cf_buffer *buffer)
{
    /* nobody else has the buffer any more: no lock */
    if (buffer->holder_count > 0)
        atomic_fetch_sub(&buffer->head->givers, 1);
    for (size_t i = 0; i < buffer->holder_count; i++) {
        tell(&buffer->holders[i]);
        cfi_crew_release(buffer->holders[i].crew);
    }
    free(buffer->holders);
}
