/* SPDX-License-Identifier: MIT */
/*
 * One worker's rings from the host's end; ring.h has the drawing. Positions
 * [drained, posted) are under way, at most CFI_RING_SLOTS of them. A task can
 * be running only at `drained`: the worker goes in order, and answers one
 * position before it looks at the next. So after a death, what is committed
 * counts, the task at `drained` has crashed unless its word still says QUEUED,
 * and all behind it never started.
 *
 * How many tasks a worker is given follows from how long they take: AHEAD_NS of
 * work behind the one that it runs, and at least one task; but no more than
 * AHEAD_BYTES of arguments, which are to be in a cache still when it comes to
 * them. The worker tells how long each task took. One that takes longer than was thought counts at once,
 * shorter ones by and by; whatever waits behind a task that turns out to be
 * long can be taken back (process_host.c).
 */
#include "process_lane.h"

#include <sched.h>
#include <string.h>

#include "chaos.h"
#include "descriptor.h"
#include "last_error.h"
#include "lent.h"
#include "process_report.h"

#define AHEAD_NS       50000u
#define AHEAD_BYTES    ((size_t)256 << 10)
#define FIRST_GUESS_NS AHEAD_NS /* before anything is known */
#define WAKES_A_TRIAL  64u

void cfi_lane_init(struct cfi_lane *lane, uint32_t index, struct cfi_crew *crew)
{
    *lane = (struct cfi_lane){.index = index,
                              .pidfd = -1,
                              .post = -1,
                              .crew = crew,
                              .drained = 1,
                              .posted = 1,
                              .task_ns = FIRST_GUESS_NS};
}

enum cf_status cfi_lane_open(struct cfi_lane *lane, struct cfi_zygote *zygote,
                             const struct cfi_lane_terms *terms)
{
    struct cfi_worker_order order = terms->order;
    int descriptor, post[2];

    if (!cfi_socket_pair(post))
        return cfi_fail_errno(CF_SYSTEM, "socketpair");
    lane->post = post[0];
    enum cf_status status =
        terms->may_take_last ||
                !cfi_descriptor_is_among_last(post[1] + terms->pidfds_to_come)
            ? cfi_region_create(terms->arena_bytes, &lane->region, &descriptor)
            : cfi_fail(CF_AGAIN, "the last descriptors are the program's");
    if (status != CF_OK)
        goto close_post;
    atomic_store(&lane->region.rings->stopping, terms->stopping);
    atomic_store(&lane->region.rings->closed, terms->closed);
    cfi_arena_init(&lane->args, lane->region.args, lane->region.arena_bytes);
    lane->results_end = 0;
    lane->generation++;
    lane->watched = 0; /* none has that position */
    lane->first = lane->drained = lane->posted;
    lane->rest = terms->most_tasks != 0 ? terms->most_tasks : UINT64_MAX;
    order.worker = lane->index;
    order.generation = lane->generation;
    order.first_position = lane->first;
    if (!cfi_zygote_order(zygote, &order, descriptor, post[1]))
        status = cfi_fail_errno(CF_AGAIN, "asking for it");
    cfi_descriptor_close(&descriptor);
close_post:
    cfi_descriptor_close(&post[1]);
    if (status != CF_OK)
        cfi_lane_close(lane);
    return status;
}

void cfi_lane_close(struct cfi_lane *lane)
{
    cfi_region_unmap(&lane->region);
    cfi_descriptor_close(&lane->pidfd);
    cfi_descriptor_close(&lane->post);
    lane->pid = 0;
    lane->load = 0;
    lane->arg_bytes = 0;
    lane->drained = lane->posted;
    lane->is_ready = lane->is_waking = lane->is_tried = false;
    lane->is_spoilt = lane->is_stuffed = lane->is_stuck = false;
    lane->is_leaving = lane->is_worn = lane->is_spare = false;
    lane->is_deaf = false;
    lane->questions = 0;
    memset(lane->answered, 0, sizeof lane->answered);
    lane->rungs = (struct cfi_rungs){0};
}

/* How many tasks the worker may have: the one it runs, and those behind. */
static size_t depth_of(const struct cfi_lane *lane)
{
    size_t ahead = AHEAD_NS / (lane->task_ns | 1); /* never by 0 */

    if (ahead < 1 || lane->arg_bytes >= AHEAD_BYTES)
        return 2;
    return ahead < CFI_RING_SLOTS ? ahead + 1 : CFI_RING_SLOTS;
}

/* `took_ns` is the worker's word: nonsense costs speed, no more. */
static void learn(struct cfi_lane *lane, uint32_t took_ns)
{
    lane->task_ns = took_ns > lane->task_ns
                        ? took_ns
                        : lane->task_ns - (lane->task_ns - took_ns) / 2;
}

enum cfi_lane_place cfi_lane_place_of(const struct cfi_lane *lane)
{
    bool is_full = lane->posted - lane->drained == CFI_RING_SLOTS;

    if (lane->region.rings == NULL)
        return lane->is_surplus ? CFI_LANE_SURPLUS : CFI_LANE_ABSENT;
    if (lane->is_spoilt)
        return CFI_LANE_SPOILT;
    if (lane->is_leaving)
        return CFI_LANE_LEAVING;
    if (is_full || lane->is_stuffed || lane->is_stuck || lane->is_absent ||
        lane->rest == 0 || lane->load >= depth_of(lane))
        return CFI_LANE_FULL;
    if (lane->is_spare)
        return lane->load == 0 ? CFI_LANE_SPARE : CFI_LANE_FULL;
    return lane->load == 0 ? CFI_LANE_IDLE : CFI_LANE_BUSY;
}

static struct cf_future **held_at(struct cfi_lane *lane, uint64_t position)
{
    return &lane->held[position % CFI_RING_SLOTS];
}

/* The next wake is one of a few for which both sides try to stay awake. */
static bool is_trial(const struct cfi_lane *lane)
{
    return (lane->wakes + 1) % WAKES_A_TRIAL == 0;
}

static void note_wake(struct cfi_lane *lane)
{
    lane->is_waking = true;
    lane->is_tried = is_trial(lane);
    lane->wakes++;
}

enum cf_status cfi_lane_send(struct cfi_lane *lane, struct cf_future *future,
                             const struct cfi_code_address *function,
                             bool *is_to_wake)
{
    uint64_t position = lane->posted;
    struct cfi_request *request =
        cfi_rings_request(lane->region.rings, position);
    size_t bytes = cfi_payload_bytes(future), at;
    unsigned char *to = request->bytes;

    *is_to_wake = false;
    enum cf_status status = cfi_lane_post(lane, future);
    if (status != CF_OK)
        return status;
    request->function = *function;
    request->arg_bytes = cfi_future_arg_bytes(future);
    request->attempt = future->attempt + 1;
    request->is_limited = cfi_has_limit(cfi_future_extra(future));
    request->is_tried = is_trial(lane);
    request->cpu = sched_getcpu();
    request->arg_at = CFI_IN_SLOT;
    if (bytes > CFI_SLOT_BYTES) {
        if (!cfi_arena_take(&lane->args, position, bytes, &at))
            return CF_NOMEM;
        request->arg_at = at;
        lane->arg_bytes += bytes;
        to = lane->region.args + at;
    }
    request->buffer_count = (uint32_t)cfi_payload_write(future, to);
    *held_at(lane, position) = future;
    cfi_rest(future)->ticket = position << 16 | lane->index;
    lane->posted++;
    lane->load++;
    lane->rest--;
    cfi_chaos(CFI_CHAOS_SENDING);
    /* seq_cst: a release of the slot; and it precedes the look at `asleep` */
    atomic_store(&request->word, cfi_slot_word(position, CFI_SLOT_QUEUED));
    cfi_chaos(CFI_CHAOS_SENT);
    *is_to_wake = cfi_rings_is_to_wake(lane->region.rings);
    if (*is_to_wake)
        note_wake(lane);
    return CF_OK;
}

/* The lane has nothing to do with what it held at `position` any more. */
static struct cf_future *let_go(struct cfi_lane *lane, uint64_t position,
                                uint64_t ticket)
{
    struct cf_future **held = held_at(lane, position);
    struct cf_future *future = *held;

    *held = NULL;
    lane->load--;
    size_t bytes = cfi_payload_bytes(future);
    if (bytes > CFI_SLOT_BYTES)
        lane->arg_bytes -= bytes;
    cfi_rest(future)->ticket = ticket;
    return future;
}

/* What may stand in a word of the ring: this position's states. */
static bool is_state_of(uint64_t word, uint64_t position)
{
    return word >> 2 == position && (word & 3) != 0;
}

/* What stands in an answer that is not there yet: the one before it in the
 * same slot, from the same worker, or nothing. */
static bool is_older(const struct cfi_lane *lane, uint64_t seen,
                     uint64_t position)
{
    return seen == (position >= lane->first + CFI_RING_SLOTS
                        ? position - CFI_RING_SLOTS
                        : 0);
}

/* Reads the answer at `position`, which is committed. False: nonsense. */
static bool read_answer(struct cfi_lane *lane, uint64_t position,
                        struct cfi_queue *ended, struct cfi_queue *special)
{
    struct cfi_result *result = cfi_rings_result(lane->region.rings, position);
    struct cf_future *future = *held_at(lane, position);
    struct cfi_report report = result->report; /* copied first, checked then */
    uint64_t word =
        atomic_load(&cfi_rings_request(lane->region.rings, position)->word);

    if (future == NULL)
        return report.status == CFI_REPORT_SKIPPED &&
               word == cfi_slot_word(position, CFI_SLOT_TAKEN);
    if (word != cfi_slot_word(position, CFI_SLOT_RUNNING) ||
        !cfi_report_read(&report, &lane->region, result, future) ||
        !cfi_lane_take_buffer(lane, &report, future))
        return false;
    future->worker = lane->index;
    cfi_rest(future)->pid = lane->pid != 0 ? lane->pid : report.pid;
    future->attempt++;
    learn(lane, report.took_ns);
    lane->cpu = report.cpu;
    lane->is_worn |= report.is_worn != 0;
    if (lane->rungs.position == position) {
        cfi_report_late(future, &lane->rungs);
        if (lane->rungs.rung < CF_RUNG_TERMINATED) /* else the worker ends */
            lane->rungs = (struct cfi_rungs){0};
    }
    if (report.at != CFI_IN_SLOT)
        cfi_lane_note_result(lane, report.at + report.bytes);
    let_go(lane, position, CFI_TICKET_ENDED);
    cfi_queue_push(future->has_extra ? special : ended, future);
    return true;
}

size_t cfi_lane_drain(struct cfi_lane *lane, struct cfi_queue *ended,
                      struct cfi_queue *special)
{
    struct cfi_rings *rings = lane->region.rings;
    uint64_t before = lane->drained;

    while (lane->drained < lane->posted && !lane->is_spoilt) {
        uint64_t position = lane->drained;
        /* seq_cst: acquires the answer; and it follows cfi_seat_prepare() */
        uint64_t seen =
            atomic_load(&cfi_rings_result(rings, position)->position);
        if (seen != position) {
            uint64_t word =
                atomic_load(&cfi_rings_request(rings, position)->word);
            lane->is_spoilt =
                !is_older(lane, seen, position) || !is_state_of(word, position);
            break;
        }
        cfi_chaos(CFI_CHAOS_READING);
        if (read_answer(lane, position, ended, special))
            lane->drained++;
        else
            lane->is_spoilt = true;
    }
    size_t count = (size_t)(lane->drained - before);
    if (count > 0) {
        cfi_arena_release(&lane->args, lane->drained);
        lane->is_stuffed = lane->is_stuck = false;
        lane->is_waking = lane->is_tried = false;
        /* release: the copies are made; pairs with the acquire in run() of
         * the worker */
        atomic_store_explicit(&rings->drained, lane->drained,
                              memory_order_release);
    }
    return count;
}

/* Takes back what is at `position`, if it has not started. */
static struct cf_future *take(struct cfi_lane *lane, uint64_t position)
{
    struct cfi_request *request =
        cfi_rings_request(lane->region.rings, position);

    if (*held_at(lane, position) == NULL ||
        !cfi_request_claim(request, position, CFI_SLOT_TAKEN))
        return NULL;
    lane->rest++;
    return let_go(lane, position, CFI_TICKET_NONE);
}

bool cfi_lane_take_back(struct cfi_lane *lane, const struct cf_future *future)
{
    return take(lane, cfi_ticket_position(cfi_rest(future)->ticket)) != NULL;
}

void cfi_lane_number(struct cfi_lane *lane, uint64_t number)
{
    lane->numbers[(lane->posted - 1) % CFI_RING_SLOTS] = number;
}

uint64_t cfi_lane_oldest(struct cfi_lane *lane)
{
    for (; lane->cursor < lane->posted; lane->cursor++) {
        size_t slot = lane->cursor % CFI_RING_SLOTS;
        const struct cfi_request *request =
            cfi_rings_request(lane->region.rings, lane->cursor);
        if (lane->held[slot] != NULL &&
            atomic_load(&request->word) ==
                cfi_slot_word(lane->cursor, CFI_SLOT_QUEUED))
            return lane->numbers[slot];
    }
    return UINT64_MAX;
}

/* A task that comes back from `position`: of an argument that lies in this
 * worker's memory alone another worker is to have a copy. */
static struct cf_future *fetch(struct cfi_lane *lane, struct cf_future *future,
                               uint64_t position, enum cfi_recall why)
{
    if (why == CFI_RECALL_TO_RUN && cfi_argument_is_placed(future))
        cfi_argument_keep(future, lane->region.args +
                                      cfi_arena_where(&lane->args, position));
    return future;
}

struct cf_future *cfi_lane_recall(struct cfi_lane *lane, enum cfi_recall why)
{
    for (uint64_t position = lane->drained; position < lane->posted;
         position++) {
        struct cf_future *future = take(lane, position);
        if (future != NULL)
            return fetch(lane, future, position, why);
    }
    return NULL;
}

struct cf_future *cfi_lane_head(const struct cfi_lane *lane)
{
    return lane->drained < lane->posted
               ? lane->held[lane->drained % CFI_RING_SLOTS]
               : NULL;
}

bool cfi_lane_has_started(struct cfi_lane *lane, const struct cf_future *future)
{
    uint64_t position = cfi_ticket_position(cfi_rest(future)->ticket);

    return atomic_load(
               &cfi_rings_request(lane->region.rings, position)->word) ==
           cfi_slot_word(position, CFI_SLOT_RUNNING);
}

struct cf_future *cfi_lane_running(struct cfi_lane *lane)
{
    uint64_t position = lane->drained;

    if (position == lane->posted || *held_at(lane, position) == NULL)
        return NULL;
    uint64_t word =
        atomic_load(&cfi_rings_request(lane->region.rings, position)->word);
    if (word == cfi_slot_word(position, CFI_SLOT_QUEUED))
        return NULL;
    return let_go(lane, position, CFI_TICKET_ENDED);
}

struct cf_future *cfi_lane_salvage(struct cfi_lane *lane, enum cfi_recall why)
{
    for (uint64_t position = lane->posted; position-- > lane->drained;)
        if (*held_at(lane, position) != NULL)
            return fetch(lane, let_go(lane, position, CFI_TICKET_NONE),
                         position, why);
    return NULL;
}
