/* SPDX-License-Identifier: MIT */
/*
 * What ranks tell rank 0 of an executor: how its tasks ended, what was
 * answered, that its workers begin or have ended. All of it on the thread that
 * calls MPI, with the host's lock; what comes of it is told later.
 */
#include "clock.h"
#include "mpi_buffers.h"
#include "mpi_host.h"
#include "process_report.h"

static void learn(struct cfi_mpi_lane *lane, uint32_t took_ns)
{
    lane->task_ns = took_ns > lane->task_ns
                        ? took_ns
                        : lane->task_ns - (lane->task_ns - took_ns) / 2;
    lane->heard_ns = cfi_now_ns();
}

static void learn_written_off(struct cf_executor *executor,
                              struct cfi_mpi_lane *lane, uint32_t count)
{
    atomic_fetch_add(&executor->written_off, (size_t)count - lane->written_off);
    lane->written_off = count;
}

/* How far the rank went to end it, and how often it tried. */
static void hear_story(struct cfi_mpi_lane *lane,
                       const struct cfi_mpi_record *record,
                       struct cf_future *future)
{
    struct cf_executor *executor = future->executor;

    future->attempt = record->attempt;
    for (uint32_t attempt = 1; attempt < record->attempt; attempt++)
        cfi_tally_end(executor, CFI_RETRIED);
    if (record->rung != CF_RUNG_NONE)
        cfi_future_ask(future);
    if (record->rung > CF_RUNG_ASKED && future->outcome.status != CF_OK &&
        future->outcome.error != NULL)
        future->outcome.error->rung = (enum cf_rung)record->rung;
    learn_written_off(executor, lane, record->written_off);
}

/* A shutdown in the rank was there before it could start. */
static void hear_cancelled(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                           const struct cfi_mpi_record *record,
                           struct cf_future *future,
                           struct cfi_mpi_endings *endings)
{
    learn_written_off(host->executor, lane, record->written_off);
    cfi_mpi_lane_let_go(host, lane, future, CFI_MPI_TICKET_NONE);
    cfi_future_unsend(future);
    cfi_queue_push(&endings->cancelled, future);
}

/* A result that came apart stays where it was received. */
static void keep_apart(const struct cfi_mpi_record *record,
                       struct cfi_mpi_apart *apart, struct cf_future *future)
{
    struct cfi_outcome *outcome = &future->outcome;

    if (apart->is_unwanted) {
        cfi_outcome_fail(outcome, CF_EXCEPTION, (int)apart->status,
                         "the result's buffer of %zu bytes cannot be had here: "
                         "%s",
                         (size_t)record->apart_bytes,
                         cfi_buffer_why_no_room(apart->status));
    } else if (apart->buffer == NULL) {
        cfi_outcome_set(outcome, apart->bytes, record->apart_bytes,
                        apart->is_heap);
        apart->bytes = NULL;
    } else if (cfi_outcome_set_buffer(outcome, apart->buffer) == CF_OK) {
        apart->buffer = NULL;
    } else {
        cfi_outcome_fail(outcome, CF_EXCEPTION, CF_NOMEM,
                         "no memory for the result's buffer");
    }
}

static void hear_result(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                        const struct cfi_mpi_record *record,
                        const void *payload, struct cfi_mpi_apart *apart,
                        int64_t clock_ns, struct cfi_mpi_endings *endings)
{
    struct cf_future *future = cfi_mpi_lane_held(lane, record->task);
    struct cfi_report report = record->report;
    struct cfi_stamps stamps = record->stamps;

    if (future == NULL)
        return;
    if (report.status == CF_CANCELLED) {
        hear_cancelled(host, lane, record, future, endings);
        return;
    }
    if (stamps.started_ns != 0) /* 0: it was written off */
        stamps.started_ns += clock_ns;
    stamps.finished_ns += clock_ns;
    if (record->apart_bytes > 0)
        report.bytes = 0;
    cfi_report_fill(&report, &stamps, payload, future);
    if (record->apart_bytes > 0)
        keep_apart(record, apart, future);
    if (report.buffer == CFI_BUFFER_LACKING)
        cfi_copies_lacking(lane->rank, future);
    if (future->outcome.error != NULL && record->report.status == CF_CRASHED) {
        future->outcome.error->signal = record->signal;
        future->outcome.error->exit_code = record->exit_code;
        future->outcome.error->pid = report.pid;
    }
    future->worker = record->worker;
    cfi_rest(future)->pid = report.pid;
    hear_story(lane, record, future);
    learn(lane, report.took_ns);
    cfi_mpi_lane_let_go(host, lane, future, CFI_MPI_TICKET_ENDED);
    cfi_queue_push(&endings->ended, future);
    if (report.status == CF_BROKEN && !host->is_broken)
        cfi_mpi_host_break(host,
                           future->outcome.error != NULL
                               ? future->outcome.error->message
                               : "a rank's workers cannot begin",
                           endings);
}

static void hear_opened(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                        const struct cfi_mpi_record *record,
                        const void *payload, struct cfi_mpi_endings *endings)
{
    atomic_store(&lane->has_begun, true);
    host->begun++;
    if (record->report.status != CF_OK && !host->is_broken) {
        host->failure = (enum cf_status)record->report.status;
        cfi_mpi_host_break(host, payload, endings);
    }
    cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
}

static struct cfi_mpi_ask *find_ask(struct cfi_mpi_host *host, uint64_t id)
{
    for (struct cfi_mpi_ask **link = &host->asked; *link != NULL;
         link = &(*link)->next)
        if ((*link)->id == id) {
            struct cfi_mpi_ask *ask = *link;
            *link = ask->next;
            return ask;
        }
    return NULL;
}

/* Lock held: whoever asked takes it before the question goes away. */
static void answer(struct cfi_mpi_ask *ask)
{
    atomic_store(&ask->is_answered, true);
    cfi_eventcount_notify(&ask->answer, 1);
}

static void hear_answer(struct cfi_mpi_host *host,
                        const struct cfi_mpi_record *record)
{
    struct cfi_mpi_ask *ask = find_ask(host, record->ask);
    if (ask == NULL)
        return;
    struct cf_future *future = cfi_mpi_lane_held(ask->lane, ask->task);

    ask->is_yes = record->number != 0;
    ask->status = (enum cf_status)record->report.status;
    if (ask->number == CFI_MPI_GIVE_BACK && ask->is_yes && future != NULL)
        cfi_mpi_lane_let_go(host, ask->lane, future, CFI_MPI_TICKET_NONE);
    answer(ask);
}

/* What came back goes to whoever asked, else to the head of the queue, the
 * oldest first. */
static void hear_recalled(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                          const struct cfi_mpi_record *record,
                          const uint64_t *tasks)
{
    struct cfi_mpi_ask *ask =
        record->ask != 0 ? find_ask(host, record->ask) : NULL;

    for (size_t i = record->bytes / sizeof *tasks; i-- > 0;) {
        struct cf_future *future = cfi_mpi_lane_held(lane, tasks[i]);
        if (future == NULL)
            continue;
        cfi_mpi_lane_let_go(host, lane, future, CFI_MPI_TICKET_NONE);
        cfi_future_unsend(future);
        struct cfi_queue *queue = ask != NULL ? &ask->recalled : &host->queue;
        cfi_rest(future)->next = queue->first;
        if (queue->first == NULL)
            queue->last = future;
        queue->first = future;
    }
    if (ask != NULL)
        answer(ask);
    else
        lane->is_recalled = false;
    lane->heard_ns = cfi_now_ns();
}

/* A task there has shut the executor down. Nobody waits for what the ranks give
 * back: it is cancelled when it comes. */
static void hear_shut(struct cfi_mpi_host *host, unsigned how)
{
    struct cf_executor *executor = host->executor;

    cfi_executor_close(executor, how);
    for (size_t i = 0; i < host->lane_count && (how & CF_SHUTDOWN_CANCEL); i++)
        if (host->lanes[i].load > 0)
            cfi_mpi_host_recall(host, &host->lanes[i], UINT32_MAX);
    if (how == CF_SHUTDOWN_STOP && atomic_exchange(&executor->stopping, 1) == 0)
        host->must_tell_stopping = true;
}

void cfi_mpi_host_hear(struct cfi_mpi_host *host,
                       const struct cfi_mpi_record *record, const void *payload,
                       struct cfi_mpi_apart *apart, int64_t clock_ns,
                       struct cfi_mpi_endings *endings)
{
    size_t index = record->kind == CFI_MPI_RESULT ? record->task >> 16 & 0xffff
                                                  : record->task;
    if (index >= host->lane_count)
        return;
    struct cfi_mpi_lane *lane = &host->lanes[index];

    switch (record->kind) {
    case CFI_MPI_RESULT:
        hear_result(host, lane, record, payload, apart, clock_ns, endings);
        break;
    case CFI_MPI_OPENED:
        hear_opened(host, lane, record, payload, endings);
        break;
    case CFI_MPI_ANSWER:
        hear_answer(host, record);
        break;
    case CFI_MPI_RECALLED:
        hear_recalled(host, lane, record, payload);
        break;
    case CFI_MPI_SHUT:
        hear_shut(host, record->number);
        break;
    case CFI_MPI_CLOSED:
        host->closed++;
        cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
        break;
    default:
        break;
    }
}
