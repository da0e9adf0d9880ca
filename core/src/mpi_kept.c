/* SPDX-License-Identifier: MIT */
/*
 * The copies of rank 0's buffers that a rank keeps, for the tasks of every
 * executor. They are buffers as any other: a task that runs here has a
 * reference to its own, worker processes get their pages, and what is dropped
 * here is gone when the last such reference is. A copy that could not be taken
 * is noted as well, so that tasks which name it can say why they fail; then the
 * host sends all of such a task's buffers again, also those that are here, which
 * stay as the tasks here have left them.
 */
#include "mpi_buffers.h"

#include <stdlib.h>

struct kept {
    uint64_t id;
    struct cf_buffer *buffer; /* NULL: it could not be taken */
    enum cf_status status;
};

/* Of the process, which is one rank; the thread that calls MPI alone has it.
 * The latest last: they are asked for most. */
static struct kept *all;
static size_t count;
static size_t capacity;

static struct kept *find(uint64_t id)
{
    for (size_t i = count; i-- > 0;)
        if (all[i].id == id)
            return &all[i];
    return NULL;
}

/* NULL without memory. */
static struct kept *add(uint64_t id)
{
    if (count == capacity) {
        size_t more = capacity * 2 + 8;
        struct kept *larger = realloc(all, more * sizeof *larger);
        if (larger == NULL)
            return NULL;
        all = larger;
        capacity = more;
    }
    all[count] = (struct kept){.id = id};
    return &all[count++];
}

void cfi_kept_put(uint64_t id, struct cfi_mpi_apart *apart)
{
    struct kept *kept = find(id);

    if (kept == NULL)
        kept = add(id);
    if (kept == NULL)
        return; /* a task that names it finds that it is not there */
    if (kept->buffer != NULL)
        return;
    kept->buffer = apart->buffer;
    kept->status = apart->status;
    apart->buffer = NULL;
}

void cfi_kept_drop(uint64_t id)
{
    struct kept *kept = find(id);

    if (kept == NULL)
        return;
    cf_buffer_release(kept->buffer);
    *kept = all[--count];
}

struct cf_buffer *cfi_kept_find(uint64_t id, enum cf_status *status,
                                const char **why)
{
    const struct kept *kept = find(id);

    *status = kept != NULL ? kept->status : CF_NOMEM;
    *why = cfi_buffer_why_no_room(*status);
    return kept != NULL ? kept->buffer : NULL;
}

void cfi_buffer_make_room(size_t bytes, struct cfi_mpi_apart *apart)
{
    apart->status = cf_buffer_create(bytes, &apart->buffer);
    apart->bytes = cf_buffer_data(apart->buffer);
    apart->is_unwanted = apart->buffer == NULL;
}

const char *cfi_buffer_why_no_room(enum cf_status status)
{
    return status == CF_NOMEM ? "no memory"
                              : "no descriptor, or no files of that length";
}
