/* SPDX-License-Identifier: MIT */
/*
 * Which rank gets which task. As with worker processes (process_lane.c), a
 * rank is given work ahead by time: about AHEAD_NS behind what it runs, and at
 * least one task for each of its workers, so that it never waits for a round
 * trip; but no more than AHEAD_BYTES of arguments and of buffers that are sent
 * for them. What waits behind a task that turns out to be long is asked back
 * for a rank that has nothing to do, and goes to the head of the queue.
 *
 * Ranks begin as work needs them, the first of them first; an executor with
 * fewer workers than there are takes those that serve the fewest executors.
 */
#include "mpi_host.h"

#include <string.h>

#include "clock.h"
#include "mpi_buffers.h"

#define AHEAD_NS    1000000u
#define AHEAD_BYTES ((size_t)4 << 20)

void cfi_mpi_host_place(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane)
{
    size_t ahead = (size_t)AHEAD_NS * lane->workers / (lane->task_ns | 1);
    enum cfi_mpi_place_of_lane place = CFI_MPI_BUSY;

    if (ahead < lane->workers || lane->bytes >= AHEAD_BYTES)
        ahead = lane->workers;
    if (lane->load < lane->workers)
        place = CFI_MPI_IDLE;
    else if (lane->load >= lane->slots || lane->load >= lane->workers + ahead)
        place = CFI_MPI_FULL;
    if (place == lane->place)
        return;
    TAILQ_REMOVE(&host->places[lane->place], lane, link);
    lane->place = place;
    host->is_uneven |= place == CFI_MPI_IDLE;
    if (place == CFI_MPI_IDLE)
        TAILQ_INSERT_HEAD(&host->places[place], lane, link); /* warm first */
    else
        TAILQ_INSERT_TAIL(&host->places[place], lane, link);
}

bool cfi_mpi_host_knows(struct cfi_mpi_host *host, cf_function *function)
{
    if (host->known == function)
        return true;
    /* an object pointer and a function pointer are the same on POSIX */
    if (!cfi_code_address_of((const void *)(uintptr_t)function,
                             &host->known_address))
        return false;
    host->known = function;
    return true;
}

/* --- what a lane holds: serial, lane and slot make a task's name --- */

static uint64_t name_of(struct cfi_mpi_lane *lane, size_t slot)
{
    lane->serial = lane->serial == UINT32_MAX - 1 ? 1 : lane->serial + 1;
    return (uint64_t)lane->serial << 32 | (uint64_t)lane->index << 16 | slot;
}

static size_t free_slot(const struct cfi_mpi_lane *lane)
{
    size_t slot = lane->serial % lane->slots;

    while (lane->held[slot].future != NULL)
        slot = (slot + 1) % lane->slots;
    return slot;
}

struct cfi_mpi_lane *cfi_mpi_lane_of(struct cfi_mpi_host *host,
                                     const struct cf_future *future)
{
    return &host->lanes[cfi_rest(future)->ticket >> 16 & 0xffff];
}

struct cf_future *cfi_mpi_lane_held(struct cfi_mpi_lane *lane, uint64_t task)
{
    size_t slot = task & 0xffff;

    if (slot >= lane->slots || lane->held[slot].future == NULL ||
        cfi_rest(lane->held[slot].future)->ticket != task)
        return NULL;
    return lane->held[slot].future;
}

void cfi_mpi_lane_let_go(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                         struct cf_future *future, uint64_t ticket)
{
    struct cfi_mpi_held *held = &lane->held[cfi_rest(future)->ticket & 0xffff];

    lane->load--;
    lane->bytes -= held->bytes;
    *held = (struct cfi_mpi_held){0};
    host->loads--;
    cfi_rest(future)->ticket = ticket;
    cfi_mpi_host_place(host, lane);
}

/* --- speaking to ranks --- */

static void address_of(const void *function, struct cfi_code_address *address,
                       uint32_t *has)
{
    /* found before, at create */
    *has = function != NULL && cfi_code_address_of(function, address);
}

/* How many of the executor's workers are on a lane's machine. */
static size_t count_neighbours(const struct cfi_mpi_host *host,
                               const struct cfi_mpi_lane *lane)
{
    const char *name = cfi_mpi_host_name(lane->rank);
    size_t count = 0;

    for (size_t i = 0; i < host->lane_count; i++)
        if (strcmp(cfi_mpi_host_name(host->lanes[i].rank), name) == 0)
            count += host->lanes[i].workers;
    return count;
}

static void open_lane(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane)
{
    struct cf_executor *executor = host->executor;
    struct cfi_mpi_record record = {
        .kind = CFI_MPI_OPEN, .executor = host->id, .task = lane->index};
    struct cfi_mpi_opening opening = {
        .workers = lane->workers,
        .first_worker = lane->index * host->rank_workers,
        .first_spare = executor->max_workers + lane->index * host->rank_workers,
        .most_spare = executor->max_spare_workers < lane->workers
                          ? executor->max_spare_workers
                          : lane->workers,
        .is_process = executor->options.rank_backend == CF_PROCESS,
        .start_all = executor->start_all,
        .inner_threads = executor->options.inner_threads,
        .host_workers = count_neighbours(host, lane),
        .initializer_arg_bytes = executor->initializer_arg_bytes,
    };

    address_of((const void *)(uintptr_t)executor->initializer,
               &opening.initializer, &opening.has_initializer);
    address_of((const void *)(uintptr_t)executor->finalizer, &opening.finalizer,
               &opening.has_finalizer);
    unsigned char *payload =
        cfi_mpi_say(lane->rank, &record, NULL,
                    sizeof opening + executor->initializer_arg_bytes);
    memcpy(payload, &opening, sizeof opening);
    if (executor->initializer_arg_bytes > 0)
        memcpy(payload + sizeof opening, executor->initializer_arg,
               executor->initializer_arg_bytes);
    lane->is_opened = true;
    host->opened++;
}

static void let_go(void *future)
{
    cfi_mpi_let_go(future);
}

static struct cfi_mpi_call call_of(const struct cfi_extra *extra)
{
    bool has_name = extra->name != NULL && extra->name[0] != '\0';

    return (struct cfi_mpi_call){.timeout_ns = extra->timeout_ns,
                                 .grace_ns = extra->grace_ns,
                                 .retries = extra->retries,
                                 .retry_on = extra->retry_on,
                                 .buffer_count = extra->buffer_count,
                                 .name_bytes =
                                     has_name ? strlen(extra->name) + 1 : 0};
}

static void write_call(const struct cfi_extra *extra, unsigned char *payload)
{
    struct cfi_mpi_call call = call_of(extra);

    memset(payload, 0, cfi_mpi_call_bytes(&call));
    memcpy(payload, &call, sizeof call);
    payload += sizeof call;
    for (size_t i = 0; i < extra->buffer_count; i++) {
        uint64_t id = cfi_copies_name(extra->buffers[i]);
        memcpy(payload, &id, sizeof id);
        payload += sizeof id;
    }
    if (call.name_bytes > 0)
        memcpy(payload, extra->name, call.name_bytes);
}

/* What its call says, if anything, and its argument. */
static void say_task(struct cfi_mpi_lane *lane, struct cfi_mpi_record *record,
                     struct cf_future *future)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    bool is_apart = future->arg_bytes >= CFI_MPI_APART_BYTES;
    size_t before_bytes = 0;

    if (extra != NULL) {
        struct cfi_mpi_call call = call_of(extra);
        before_bytes = cfi_mpi_call_bytes(&call);
    }
    record->number = extra != NULL;
    record->apart_bytes = is_apart ? future->arg_bytes : 0;
    unsigned char *payload =
        cfi_mpi_say(lane->rank, record, NULL,
                    before_bytes + (is_apart ? 0 : future->arg_bytes));
    if (extra != NULL)
        write_call(extra, payload);
    if (is_apart)
        cfi_mpi_say_apart(lane->rank, cfi_future_arg(future), future->arg_bytes,
                          let_go, cf_future_retain(future));
    else if (future->arg_bytes > 0)
        memcpy(payload + before_bytes, cfi_future_arg(future),
               future->arg_bytes);
}

/* False: no memory to note which of its buffers the rank has. */
static bool send(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                 struct cf_future *future)
{
    size_t slot = free_slot(lane), bytes = future->arg_bytes;
    struct cfi_mpi_record record = {.kind = CFI_MPI_TASK,
                                    .executor = host->id,
                                    .function = host->known_address};

    if (!cfi_copies_send(lane->rank, future, &bytes))
        return false;
    if (!lane->is_opened)
        open_lane(host, lane);
    if (lane->load == 0)
        lane->heard_ns = cfi_now_ns();
    record.task = cfi_rest(future)->ticket = name_of(lane, slot);
    lane->held[slot] = (struct cfi_mpi_held){future, bytes};
    lane->load++;
    lane->bytes += bytes;
    host->loads++;
    say_task(lane, &record, future);
    cfi_mpi_host_place(host, lane);
    return true;
}

/* Busy ranks take turns. */
static struct cfi_mpi_lane *choose_lane(struct cfi_mpi_host *host)
{
    struct cfi_mpi_lane *lane = TAILQ_FIRST(&host->places[CFI_MPI_IDLE]);

    if (lane != NULL)
        return lane;
    lane = TAILQ_FIRST(&host->places[CFI_MPI_BUSY]);
    if (lane != NULL) {
        TAILQ_REMOVE(&host->places[CFI_MPI_BUSY], lane, link);
        TAILQ_INSERT_TAIL(&host->places[CFI_MPI_BUSY], lane, link);
    }
    return lane;
}

void cfi_mpi_host_recall(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                         uint32_t number)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_RECALL,
                                    .executor = host->id,
                                    .task = lane->index,
                                    .number = number};

    cfi_mpi_say(lane->rank, &record, NULL, 0);
    lane->is_recalled = true;
}

/* For a rank with nothing to do: what waits behind a task that takes longer
 * than was thought. */
static bool even_out(struct cfi_mpi_host *host)
{
    int64_t since_ns = cfi_now_ns() - AHEAD_NS;
    bool has_said = false, is_uneven = false;

    for (size_t i = 0; i < host->lane_count; i++) {
        struct cfi_mpi_lane *lane = &host->lanes[i];
        if (lane->load <= lane->workers || lane->is_recalled)
            continue;
        is_uneven = true;
        if (lane->heard_ns > since_ns)
            continue;
        cfi_mpi_host_recall(host, lane,
                            (uint32_t)(lane->load - lane->workers + 1) / 2);
        has_said = true;
    }
    host->is_uneven = is_uneven;
    return has_said;
}

static void end_unsent(struct cf_future *future, enum cf_status status,
                       int code, const char *why, struct cfi_queue *ended)
{
    cfi_rest(future)->ticket = CFI_MPI_TICKET_ENDED;
    cfi_outcome_fail(&future->outcome, status, code, "%s", why);
    cfi_queue_push(ended, future);
}

/* What a rank gave back by itself may come when the ranks that fall idle have
 * been asked already: nothing starts any more, wherever it comes from. */
static void cancel_queued(struct cfi_mpi_host *host,
                          struct cfi_mpi_endings *endings)
{
    struct cf_future *future;

    while ((future = cfi_queue_pop(&host->queue)) != NULL)
        cfi_queue_push(&endings->cancelled, future);
}

bool cfi_mpi_host_dispatch(struct cfi_mpi_host *host,
                           struct cfi_mpi_endings *endings)
{
    bool has_said = false;

    if (atomic_load(&host->executor->cancels) != 0)
        cancel_queued(host, endings);
    for (size_t i = 0; i < host->lane_count && host->must_start; i++)
        if (!host->lanes[i].is_opened) {
            open_lane(host, &host->lanes[i]);
            has_said = true;
        }
    while (!cfi_queue_is_empty(&host->queue)) {
        struct cfi_mpi_lane *lane = choose_lane(host);
        if (lane == NULL)
            break;
        struct cf_future *future = cfi_queue_pop(&host->queue);
        if (!cfi_future_send(future))
            cfi_queue_push(&endings->dropped, future); /* it was cancelled */
        else if (!cfi_mpi_host_knows(host, future->function))
            end_unsent(future, CF_UNSUPPORTED, 0,
                       "the function's object was unloaded", &endings->ended);
        else if (send(host, lane, future))
            has_said = true;
        else
            end_unsent(future, CF_EXCEPTION, CF_NOMEM,
                       "no memory to note who has the task's buffers",
                       &endings->ended);
    }
    host->known = NULL; /* its object may be unloaded, once we let go */
    if (host->is_uneven && cfi_queue_is_empty(&host->queue) &&
        TAILQ_FIRST(&host->places[CFI_MPI_IDLE]) != NULL)
        has_said |= even_out(host);
    return has_said;
}

void cfi_mpi_host_break(struct cfi_mpi_host *host, const char *why,
                        struct cfi_mpi_endings *endings)
{
    struct cf_future *future;

    host->is_broken = true;
    cfi_executor_break(host->executor, why);
    while ((future = cfi_queue_pop(&host->queue)) != NULL) {
        if (cfi_future_claim(future)) {
            cfi_rest(future)->ticket = CFI_MPI_TICKET_ENDED;
            cfi_outcome_fail(&future->outcome, CF_BROKEN, 0, "%s", why);
            cfi_queue_push(&endings->ended, future);
        } else {
            cfi_queue_push(&endings->dropped, future);
        }
    }
    cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
}
