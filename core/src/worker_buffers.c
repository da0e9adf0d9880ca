/* SPDX-License-Identifier: MIT */
/*
 * A worker's end of its post; process_buffers.c has the host's. What comes is
 * mapped once and kept for later tasks, until the host gives it to nobody any
 * more: then the next look at the ring's `mail` finds it out.
 *
 * The descriptors here are the only ones of ours in a worker. A task may close
 * them: then no buffer can go any more, and a task that returns one fails; but
 * what is mapped stays. Where one is to come the host finds out, has the worker
 * leave, and gives the task to another.
 */
#include "worker_buffers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct cfi_kept_buffer {
    uint64_t id;
    struct cf_buffer *buffer;
};

void cfi_worker_buffers_init(struct cfi_worker_buffers *buffers, int post)
{
    *buffers = (struct cfi_worker_buffers){.post = post};
    if (!cfi_descriptor_identify(post, &buffers->file))
        buffers->post = -1;
}

static bool has_post(const struct cfi_worker_buffers *buffers)
{
    return buffers->post >= 0 &&
           cfi_descriptor_is(buffers->post, &buffers->file);
}

static void drop(struct cfi_worker_buffers *buffers, size_t i)
{
    cf_buffer_release(buffers->kept[i].buffer);
    buffers->kept[i] = buffers->kept[--buffers->count];
}

static void drop_abandoned(struct cfi_worker_buffers *buffers)
{
    for (size_t i = buffers->count; i-- > 0;)
        if (cfi_buffer_is_abandoned(buffers->kept[i].buffer))
            drop(buffers, i);
}

static struct cf_buffer *find(const struct cfi_worker_buffers *buffers,
                              uint64_t id)
{
    for (size_t i = buffers->count; i-- > 0;)
        if (buffers->kept[i].id == id)
            return buffers->kept[i].buffer;
    return NULL;
}

static bool make_room(struct cfi_worker_buffers *buffers)
{
    size_t capacity = buffers->capacity * 2 + 8;

    if (buffers->count < buffers->capacity)
        return true;
    struct cfi_kept_buffer *kept =
        realloc(buffers->kept, capacity * sizeof *kept);
    if (kept == NULL)
        return false;
    buffers->kept = kept;
    buffers->capacity = capacity;
    return true;
}

/* An id comes again where the host has forgotten that it was here, or has
 * another buffer at that address now. */
static void keep(struct cfi_worker_buffers *buffers,
                 const struct cfi_buffer_message *message, int descriptor)
{
    struct cf_buffer *buffer;

    for (size_t i = buffers->count; i-- > 0;)
        if (buffers->kept[i].id == message->id)
            drop(buffers, i);
    if (cfi_buffer_adopt(message->bytes, descriptor, &buffer) != CF_OK)
        return; /* a task that names it finds that it is not there */
    if (make_room(buffers))
        buffers->kept[buffers->count++] =
            (struct cfi_kept_buffer){.id = message->id, .buffer = buffer};
    else
        cf_buffer_release(buffer);
}

void cfi_worker_buffers_tidy(struct cfi_worker_buffers *buffers,
                             const struct cfi_rings *rings)
{
    struct cfi_buffer_message message;
    int descriptor;
    size_t count = 1;

    buffers->mail = atomic_load(&rings->mail);
    drop_abandoned(buffers); /* first: it makes room for descriptors */
    while (has_post(buffers)) {
        ssize_t received =
            cfi_message_receive_many(buffers->post, &message, sizeof message,
                                     &descriptor, &count, MSG_DONTWAIT);
        if (received == (ssize_t)sizeof message && count == 1)
            keep(buffers, &message, descriptor);
        else if (count == 1) /* of a task that wrote here */
            cfi_descriptor_close(&descriptor);
        if (received != (ssize_t)sizeof message)
            break;
        count = 1;
    }
    /* what was given up before it came: nobody may write again */
    drop_abandoned(buffers);
}

bool cfi_worker_buffers_find(struct cfi_worker_buffers *buffers,
                             const void *ids, size_t count, const char **why)
{
    buffers->named_count = 0;
    for (size_t i = 0; i < count && i < CF_MOST_BUFFERS; i++) {
        uint64_t id;
        memcpy(&id, (const unsigned char *)ids + i * sizeof id, sizeof id);
        buffers->ids[i] = id;
        buffers->named[i] = find(buffers, id);
        if (buffers->named[i] == NULL) {
            *why = has_post(buffers) ? "no descriptor or no address space"
                                     : "a task closed the descriptor that "
                                       "buffers come by";
            return false;
        }
        buffers->named_count = i + 1;
    }
    return true;
}

uint64_t cfi_worker_buffers_report(struct cfi_worker_buffers *buffers,
                                   const struct cf_buffer *buffer)
{
    struct cfi_buffer_message message = {.bytes = buffer->bytes};

    for (size_t i = 0; i < buffers->named_count; i++)
        if (buffers->named[i] == buffer)
            return buffers->ids[i];
    if (has_post(buffers) && cfi_buffer_can_travel(buffer) &&
        cfi_message_send(buffers->post, &message, sizeof message,
                         buffer->descriptor, 0))
        return CFI_BUFFER_POSTED;
    return CFI_BUFFER_NONE;
}
