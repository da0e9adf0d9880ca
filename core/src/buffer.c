/* SPDX-License-Identifier: MIT */
/*
 * Shared memory for tasks: a memfd, which has no name and ends with its last
 * mapping and descriptor, its length sealed. One page in front of the data is
 * ours. A process that was given a buffer by another has it mapped there under
 * a handle of its own; the head's `givers` tell it when it need not keep it
 * for later tasks any more.
 *
 * Every byte has memory behind it from the start, so that a task which writes
 * there never finds that there is none (SIGBUS): create fails instead.
 */
#include "buffer_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend_impl.h"
#include "executor_impl.h"
#include "last_error.h"
#include "region.h"

#define LENGTH_SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

static size_t head_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool is_ours(const struct cf_buffer *buffer)
{
    return buffer->fork_generation == cfi_fork_generation();
}

static void close_descriptor(struct cf_buffer *buffer)
{
    if (cfi_descriptor_is(buffer->descriptor, &buffer->file))
        cfi_descriptor_close(&buffer->descriptor);
    buffer->descriptor = -1;
}

/* Maps what its descriptor stands for. */
static enum cf_status map(struct cf_buffer *buffer)
{
    size_t all = head_bytes() + buffer->bytes;

    if (!cfi_descriptor_identify(buffer->descriptor, &buffer->file))
        return cfi_fail_errno(CF_SYSTEM, "fstat of a buffer");
    void *start = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED,
                       buffer->descriptor, 0);
    if (start == MAP_FAILED)
        return cfi_fail(CF_NOMEM, "no address space for a buffer of %zu bytes",
                        buffer->bytes);
    /* a forked worker that is never given it is not to keep it alive */
    if (madvise(start, all, MADV_DONTFORK) != 0) {
        munmap(start, all);
        return cfi_fail_errno(CF_SYSTEM, "madvise of a buffer");
    }
    buffer->head = start;
    return CF_OK;
}

/* NULL without memory: the descriptor is closed then. */
static struct cf_buffer *new_handle(size_t bytes, int descriptor)
{
    struct cf_buffer *buffer = malloc(sizeof *buffer);

    if (buffer == NULL) {
        cfi_descriptor_close(&descriptor);
        cfi_fail(CF_NOMEM, "no memory for a buffer");
        return NULL;
    }
    *buffer = (struct cf_buffer){.references = 1,
                                 .descriptor = descriptor,
                                 .bytes = bytes,
                                 .fork_generation = cfi_fork_generation()};
    return buffer;
}

static enum cf_status set_length(int descriptor, size_t bytes)
{
    size_t limit = cfi_file_limit(); /* past it there is a signal */

    if (bytes > limit)
        return cfi_fail(CF_SYSTEM, "files may have %zu bytes, not %zu", limit,
                        bytes);
    if (bytes > INT64_MAX || ftruncate(descriptor, (off_t)bytes) != 0)
        return cfi_fail(CF_NOMEM, "no memory for a buffer of %zu bytes", bytes);
    if (fcntl(descriptor, F_ADD_SEALS, LENGTH_SEALS | F_SEAL_SEAL) != 0)
        return cfi_fail_errno(CF_SYSTEM, "sealing a buffer");
    return CF_OK;
}

static enum cf_status open_memory(size_t bytes, int *descriptor)
{
    *descriptor = cfi_descriptor_adopt(
        memfd_create("cf-buffer", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (*descriptor < 0)
        return cfi_fail_errno(errno == ENOMEM ? CF_NOMEM : CF_SYSTEM,
                              "memfd_create");
    enum cf_status status = set_length(*descriptor, bytes);
    if (status != CF_OK)
        cfi_descriptor_close(descriptor);
    return status;
}

enum cf_status cf_buffer_create(size_t bytes, struct cf_buffer **buffer)
{
    int descriptor;

    if (buffer != NULL)
        *buffer = NULL;
    if (buffer == NULL || bytes == 0)
        return cfi_fail(CF_INVALID, "no place for the buffer, or no bytes");
    if (bytes > SIZE_MAX - head_bytes())
        return cfi_fail(CF_NOMEM, "no memory for a buffer of %zu bytes", bytes);
    cfi_fork_watch();
    enum cf_status status = open_memory(head_bytes() + bytes, &descriptor);
    if (status != CF_OK)
        return status;
    struct cf_buffer *made = new_handle(bytes, descriptor);
    if (made == NULL)
        return CF_NOMEM;
    status = map(made);
    if (status == CF_OK)
        status = cfi_region_reserve(made->head, head_bytes() + bytes);
    if (status != CF_OK) {
        cf_buffer_release(made);
        return status;
    }
    *buffer = made;
    return CF_OK;
}

/* Whoever sent it could cut it short under our hands otherwise. */
static bool is_a_buffer(int descriptor, size_t bytes)
{
    struct stat about;
    int seals = fcntl(descriptor, F_GET_SEALS);

    return seals >= 0 && (seals & LENGTH_SEALS) == LENGTH_SEALS &&
           fstat(descriptor, &about) == 0 && bytes > 0 &&
           bytes < INT64_MAX - head_bytes() &&
           about.st_size == (off_t)(head_bytes() + bytes);
}

enum cf_status cfi_buffer_adopt(size_t bytes, int descriptor,
                                struct cf_buffer **buffer)
{
    *buffer = NULL;
    if (!is_a_buffer(descriptor, bytes)) {
        cfi_descriptor_close(&descriptor);
        return cfi_fail(CF_INVALID, "what came is no buffer");
    }
    struct cf_buffer *made = new_handle(bytes, descriptor);
    if (made == NULL)
        return CF_NOMEM;
    enum cf_status status = map(made);
    if (status != CF_OK) {
        cf_buffer_release(made);
        return status;
    }
    *buffer = made;
    return CF_OK;
}

void *cf_buffer_data(const struct cf_buffer *buffer)
{
    if (buffer == NULL || !is_ours(buffer))
        return NULL;
    return (char *)buffer->head + head_bytes();
}

size_t cf_buffer_bytes(const struct cf_buffer *buffer)
{
    return buffer != NULL ? buffer->bytes : 0;
}

struct cf_buffer *cf_buffer_retain(struct cf_buffer *buffer)
{
    /* relaxed: a new reference is made from one that is held */
    if (buffer != NULL)
        atomic_fetch_add_explicit(&buffer->references, 1, memory_order_relaxed);
    return buffer;
}

/* In a forked child neither the mapping nor the workers are there. */
static void destroy(struct cf_buffer *buffer)
{
    if (is_ours(buffer)) {
        cfi_buffer_tell_holders(buffer);
        if (buffer->copies != NULL)
            buffer->copies->give_up(buffer->copies);
        if (buffer->head != NULL)
            munmap(buffer->head, head_bytes() + buffer->bytes);
    } else {
        free(buffer->copies);
    }
    close_descriptor(buffer);
    free(buffer);
}

void cf_buffer_release(struct cf_buffer *buffer)
{
    /* acq_rel: every holder's access comes before the last one's end */
    if (buffer != NULL && atomic_fetch_sub_explicit(&buffer->references, 1,
                                                    memory_order_acq_rel) == 1)
        destroy(buffer);
}

void cfi_buffer_note_sent(const struct cf_future *future)
{
    atomic_fetch_add(&future->executor->buffers_sent, 1);
}

bool cfi_buffer_can_travel(const struct cf_buffer *buffer)
{
    return cfi_descriptor_is(buffer->descriptor, &buffer->file);
}

bool cfi_buffer_is_abandoned(const struct cf_buffer *buffer)
{
    return atomic_load(&buffer->head->givers) == 0;
}

enum cf_status cfi_buffers_check(struct cf_buffer *const *buffers, size_t count)
{
    if (count == 0)
        return CF_OK;
    if (buffers == NULL || count > CF_MOST_BUFFERS)
        return cfi_fail(CF_INVALID, "no buffers, or %zu: at most %d", count,
                        CF_MOST_BUFFERS);
    for (size_t i = 0; i < count; i++)
        if (buffers[i] == NULL)
            return cfi_fail(CF_INVALID, "a buffer is missing");
        else if (!is_ours(buffers[i]))
            return cfi_fail(CF_BROKEN, "a buffer belongs to the process that "
                                       "forked this one");
    return CF_OK;
}

/* --- as a result --- */

static void release(void *buffer)
{
    cf_buffer_release(buffer);
}

enum cf_status cfi_outcome_set_buffer(struct cfi_outcome *outcome,
                                      struct cf_buffer *buffer)
{
    struct cfi_error *holder = cfi_error_create(NULL, NULL);
    if (holder == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a buffer's holder");
    cfi_outcome_clear(outcome);
    holder->object = buffer;
    holder->destroy = release;
    cfi_outcome_set_object(outcome, holder);
    return CF_OK;
}

struct cf_buffer *cfi_outcome_buffer(const struct cfi_outcome *outcome)
{
    /* who destroys it tells what it is */
    return outcome->status == CF_OK && outcome->is_object &&
                   outcome->error->destroy == release
               ? outcome->error->object
               : NULL;
}

enum cf_status cf_result_buffer(struct cf_future *future, int64_t timeout_ns,
                                struct cf_buffer **buffer)
{
    const void *result;

    if (buffer != NULL)
        *buffer = NULL;
    if (buffer == NULL)
        return cfi_fail(CF_INVALID, "no place given for the buffer");
    enum cf_status status = cf_result_view(future, timeout_ns, &result, NULL);
    if (status != CF_OK)
        return status;
    struct cf_buffer *found = cfi_outcome_buffer(cfi_future_outcome(future));
    if (found == NULL)
        return cfi_fail(CF_INVALID, "the task's result is no buffer");
    *buffer = cf_buffer_retain(found);
    return CF_OK;
}
