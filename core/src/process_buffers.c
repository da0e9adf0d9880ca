/* SPDX-License-Identifier: MIT */
/*
 * How buffers get to a worker and back, at the host's end. Each lane has a
 * post: a pair of sockets, since a descriptor can go by nothing else.
 *
 *   with a task    who lacks a buffer is posted its descriptor before the
 *                  request that names it is visible, and keeps it mapped
 *   with a result  a buffer that the worker made is posted before its answer
 *                  is committed: what is committed is there, though the worker
 *                  be dead. One that came with the task goes by its id
 *   at the end     of a buffer the worker is told by a number in its ring, and
 *                  woken if it sleeps
 *
 * Posting never blocks. The post has room for what is under way: a worker takes
 * everything out before it answers a position, one that was taken back too. So
 * where there is no room something will yet be answered, and the task waits for
 * that as one does whose argument finds no room in the arena. A user who is not
 * root may have too many descriptors on their way, in all processes together:
 * then the task is put off (process_put_off.c), and the worker takes out what it
 * was posted already, which is some of them. Where the worker has closed its end it is dead or of no
 * use for this: it is to leave, and the task goes to another one.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "future_impl.h"
#include "process_lane.h"

static size_t count_of(const struct cf_future *future)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    return extra != NULL ? extra->buffer_count : 0;
}

size_t cfi_payload_bytes(const struct cf_future *future)
{
    size_t arg_bytes = cfi_future_arg_bytes(future), count = count_of(future);

    return count == 0 ? arg_bytes
                      : cfi_buffer_ids_at(arg_bytes) + count * sizeof(uint64_t);
}

size_t cfi_payload_write(const struct cf_future *future, void *to)
{
    size_t arg_bytes = cfi_future_arg_bytes(future), count = count_of(future);
    unsigned char *ids = (unsigned char *)to + cfi_buffer_ids_at(arg_bytes);

    memcpy(to, cfi_future_arg(future), arg_bytes);
    for (size_t i = 0; i < count; i++) {
        uint64_t id = cfi_buffer_id(cfi_rest(future)->extra->buffers[i]);
        memcpy(ids + i * sizeof id, &id, sizeof id);
    }
    return count;
}

static struct cfi_holder worker_of(const struct cfi_lane *lane)
{
    return (struct cfi_holder){.crew = lane->crew,
                               .worker = lane->index,
                               .generation = lane->generation};
}

bool cfi_lane_lacks(const struct cfi_lane *lane, const struct cf_future *future)
{
    for (size_t i = 0; i < count_of(future); i++)
        if (!cfi_buffer_is_held(cfi_rest(future)->extra->buffers[i],
                                worker_of(lane)))
            return true;
    return false;
}

/* A worker's end is closed as soon as it dies, some time before its death is
 * told; and a task may close it, which is no descriptor of its own. */
static enum cf_status why_not_posted(const struct cfi_lane *lane, int error)
{
    if (error == EAGAIN && lane->drained < lane->posted)
        return CF_NOMEM; /* something will be answered */
    switch (error) {
    case EAGAIN: /* all is from tasks that were put off */
    case ENOBUFS:
    case ETOOMANYREFS:
        return CF_AGAIN;
    case EPIPE:
    case ECONNRESET:
        return CF_BROKEN;
    case EBADF: /* of the host's, by the program */
    case ENOTSOCK:
        return CF_SYSTEM;
    default:
        return CF_NOMEM;
    }
}

static enum cf_status post(struct cfi_lane *lane, struct cf_buffer *buffer)
{
    struct cfi_buffer_message message = {.id = cfi_buffer_id(buffer),
                                         .bytes = buffer->bytes};

    if (!cfi_buffer_can_travel(buffer))
        return CF_SYSTEM;
    /* noted first: the head has to say that somebody gives it */
    if (!cfi_buffer_note_holder(buffer, worker_of(lane)))
        return CF_NOMEM;
    if (!cfi_message_send(lane->post, &message, sizeof message,
                          buffer->descriptor, MSG_DONTWAIT)) {
        int error = errno;
        cfi_buffer_forget_holder(buffer, worker_of(lane));
        return why_not_posted(lane, error);
    }
    atomic_fetch_add(&lane->region.rings->mail, 1);
    return CF_OK;
}

enum cf_status cfi_lane_post(struct cfi_lane *lane,
                             const struct cf_future *future)
{
    enum cf_status status = CF_OK;

    for (size_t i = 0; i < count_of(future) && status == CF_OK; i++)
        if (!cfi_buffer_is_held(cfi_rest(future)->extra->buffers[i],
                                worker_of(lane))) {
            status = post(lane, cfi_rest(future)->extra->buffers[i]);
            if (status == CF_OK)
                cfi_buffer_note_sent(future);
        }
    return status;
}

void cfi_lane_tell_abandoned(struct cfi_lane *lane)
{
    atomic_fetch_add(&lane->region.rings->mail, 1);
    cfi_rings_wake_worker(lane->region.rings);
}

/* --- what comes back --- */

static struct cf_buffer *find(const struct cf_future *future, uint64_t id)
{
    for (size_t i = 0; i < count_of(future); i++)
        if (cfi_buffer_id(cfi_rest(future)->extra->buffers[i]) == id)
            return cf_buffer_retain(cfi_rest(future)->extra->buffers[i]);
    return NULL;
}

/* What the worker has made. False: nothing was posted. */
static bool receive(struct cfi_lane *lane, struct cf_future *future,
                    struct cf_buffer **buffer)
{
    struct cfi_buffer_message message;
    int descriptor;
    size_t count = 1;

    ssize_t received =
        cfi_message_receive_many(lane->post, &message, sizeof message,
                                 &descriptor, &count, MSG_DONTWAIT);
    if (received != (ssize_t)sizeof message) {
        if (count == 1)
            cfi_descriptor_close(&descriptor);
        return false;
    }
    enum cf_status status =
        count == 1 ? cfi_buffer_adopt(message.bytes, descriptor, buffer)
                   : CF_SYSTEM;
    if (status != CF_OK)
        cfi_outcome_fail(&future->outcome, CF_EXCEPTION, (int)status,
                         "the result's buffer of %zu bytes could not be taken "
                         "over: %s",
                         (size_t)message.bytes,
                         status == CF_SYSTEM
                             ? "no descriptor"
                             : "no address space, or no buffer");
    return true;
}

static void forget_lacking(struct cfi_lane *lane,
                           const struct cf_future *future)
{
    for (size_t i = 0; i < count_of(future); i++)
        cfi_buffer_forget_holder(cfi_rest(future)->extra->buffers[i],
                                 worker_of(lane));
}

bool cfi_lane_take_buffer(struct cfi_lane *lane,
                          const struct cfi_report *report,
                          struct cf_future *future)
{
    struct cf_buffer *buffer = NULL;
    bool is_there = true;

    if (report->buffer == CFI_BUFFER_NONE)
        return true;
    if (report->buffer == CFI_BUFFER_LACKING) {
        forget_lacking(lane, future);
        return report->status != CF_OK;
    }
    if (report->status != CF_OK || report->bytes != 0)
        return false;
    if (report->buffer == CFI_BUFFER_POSTED)
        is_there = receive(lane, future, &buffer);
    else
        is_there = (buffer = find(future, report->buffer)) != NULL;
    if (buffer != NULL &&
        cfi_outcome_set_buffer(&future->outcome, buffer) != CF_OK) {
        cfi_outcome_fail(&future->outcome, CF_EXCEPTION, CF_NOMEM,
                         "no memory for the result's buffer");
        cf_buffer_release(buffer); /* no worker has it: takes no lock */
    }
    return is_there;
}
