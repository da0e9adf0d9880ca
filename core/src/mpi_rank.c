/* SPDX-License-Identifier: MIT */
/*
 * A rank that serves: for each executor of rank 0 that it has a part in, an
 * executor of its own with the workers inside (threads, or processes), so that
 * a task starts, fails, is taken back and is timed here as it is anywhere.
 *
 *      TASK -> job -> submitted here ... ends -> list of ended jobs -> RESULT
 *
 * Whoever ends a job's future only puts the job into a list and wakes the
 * thread that calls MPI, which tells the host (mpi_outcome.c); what a task
 * printed is written out before that. A large argument is the task's as it was
 * received. A job that was given back ends as cancelled, and the host was told
 * already; any other that does was cancelled by a task that shut its executor
 * down, which is told of it.
 */
#include <stdlib.h>

#include "executor_impl.h"
#include "heap.h"
#include "last_error.h"
#include "mpi_buffers.h"
#include "mpi_part.h"
#include "submit.h"
#include "text.h"

/* Jobs that have ended, the latest first: whoever ends one puts it there. */
static _Atomic(struct cfi_job *) ended_jobs;

static struct cfi_job *find_job(struct cfi_part *part, uint64_t task)
{
    struct cfi_job *job;

    TAILQ_FOREACH(job, &part->jobs, link)
    if (job->task == task)
        return job;
    return NULL;
}

/* --- a task comes, and ends --- */

static void job_ended(struct cfi_watch *watch, struct cf_future *future)
{
    struct cfi_job *job = (struct cfi_job *)watch;

    (void)future;
    /* release: the job and its outcome, for the taker in tell_ended() */
    job->next = atomic_load_explicit(&ended_jobs, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&ended_jobs, &job->next, job,
                                                  memory_order_release,
                                                  memory_order_relaxed))
        ;
    if (job->next == NULL) /* else it has been woken already */
        cfi_mpi_wake();
}

/* Those of its buffers that the host named; false: one is not here, which was
 * told. */
static bool find_buffers(const struct cfi_part *part,
                         const struct cfi_mpi_record *record,
                         const uint64_t *ids, size_t count,
                         struct cf_buffer **buffers)
{
    enum cf_status status;
    const char *why;

    for (size_t i = 0; i < count; i++) {
        buffers[i] = cfi_kept_find(ids[i], &status, &why);
        if (buffers[i] == NULL) {
            cfi_job_refuse_lacking(part, record->task, status, why);
            return false;
        }
    }
    return true;
}

/* A task that its host asks for: `call` points into the payload. */
struct wish {
    cf_function *function;
    const void *arg;
    size_t arg_bytes;
    struct cf_call call;
    struct cf_buffer *buffers[CF_MOST_BUFFERS];
};

/* False: it cannot be met, which was told. */
static bool read_wish(const struct cfi_part *part,
                      const struct cfi_mpi_record *record, const void *payload,
                      const struct cfi_mpi_apart *apart, struct wish *wish)
{
    const struct cfi_mpi_call *said = payload;
    size_t call_bytes = record->number != 0 ? cfi_mpi_call_bytes(said) : 0;

    *wish = (struct wish){
        /* an object pointer and a function pointer are the same on POSIX */
        .function = (cf_function *)(uintptr_t)cfi_code_address_resolve(
            record->function),
        .arg = (const char *)payload + call_bytes,
        .arg_bytes = record->bytes - call_bytes,
    };
    if (apart->bytes != NULL) {
        wish->arg = apart->bytes;
        wish->arg_bytes = record->apart_bytes;
        wish->call.arg_destroy = part->is_process ? NULL : cfi_heap_give;
    }
    if (wish->function == NULL) {
        cfi_job_refuse_function(part, record->task);
        return false;
    }
    if (record->number == 0)
        return true;
    const uint64_t *ids = (const uint64_t *)(said + 1);
    wish->call.timeout_ns = said->timeout_ns;
    wish->call.grace_ns = said->grace_ns;
    wish->call.retries = said->retries;
    wish->call.retry_on = said->retry_on;
    wish->call.buffers = wish->buffers;
    wish->call.buffer_count = said->buffer_count;
    if (said->name_bytes > 0)
        wish->call.name = (const char *)(ids + said->buffer_count);
    return find_buffers(part, record, ids, said->buffer_count, wish->buffers);
}

/* It was not let in; why is the last error. */
static void turn_away(const struct cfi_part *part, uint64_t task,
                      enum cf_status status)
{
    bool is_said = status == CF_BROKEN || status == CF_UNSUPPORTED;

    if (status == CF_SHUTDOWN)
        cfi_job_tell_cancelled(part, task);
    else
        cfi_job_refuse(part, task, is_said ? status : CF_EXCEPTION,
                       is_said ? 0 : (int)status, cf_last_error().text);
}

static void take_task(struct cfi_part *part,
                      const struct cfi_mpi_record *record, const void *payload,
                      struct cfi_mpi_apart *apart)
{
    struct wish wish;

    if (part->executor == NULL) {
        cfi_job_refuse(part, record->task, CF_BROKEN, 0, part->why);
        return;
    }
    if (!read_wish(part, record, payload, apart, &wish))
        return;
    struct cfi_job *job = calloc(1, sizeof *job);
    enum cf_status status =
        job != NULL
            ? cfi_submit_admitted(part->executor, wish.function, wish.arg,
                                  wish.arg_bytes, &wish.call, &job->future)
            : cfi_fail(CF_NOMEM, "no memory for a task");
    if (status != CF_OK) {
        free(job);
        turn_away(part, record->task, status);
        return;
    }
    if (wish.call.arg_destroy != NULL)
        apart->bytes = NULL; /* the task's from now on */
    job->part = part;
    job->task = record->task;
    job->watch.fire = job_ended;
    TAILQ_INSERT_TAIL(&part->jobs, job, link);
    if (!cfi_watch_add(job->future, &job->watch))
        job_ended(&job->watch, job->future);
    /* A task's shutdown that cancels may have looked for what has not started
     * before this was there: it sets `cancels` first, we look after. */
    if (atomic_load(&part->executor->cancels) != 0)
        (void)cf_cancel(job->future);
}

static bool tell_ended(void)
{
    /* acquire: pairs with the release in job_ended() */
    struct cfi_job *latest =
        atomic_exchange_explicit(&ended_jobs, NULL, memory_order_acquire);
    struct cfi_job *oldest = NULL, *job;

    cfi_parts_tell_shut(); /* before what a task may have done after it */
    if (latest == NULL)
        return false;
    while ((job = latest) != NULL) { /* turns the order round */
        latest = job->next;
        job->next = oldest;
        oldest = job;
    }
    cfi_text_flush();
    while ((job = oldest) != NULL) {
        oldest = job->next;
        if (!job->is_given_back)
            cfi_job_tell(job);
        TAILQ_REMOVE(&job->part->jobs, job, link);
        cf_future_release(job->future);
        free(job);
    }
    return true;
}

/* --- what else the host says --- */

static bool give_back(struct cfi_job *job)
{
    if (job->is_given_back || !cf_cancel(job->future))
        return false;
    job->is_given_back = true;
    return true;
}

static bool has_started(const struct cfi_job *job)
{
    enum cf_future_state state = cfi_future_state(job->future);

    return state == CF_STATE_RUNNING || state == CF_STATE_FINISHED;
}

static void answer(struct cfi_part *part, const struct cfi_mpi_record *record,
                   const int64_t *grace_ns)
{
    struct cfi_job *job = find_job(part, record->task);
    enum cf_status status = CF_INVALID;
    bool is_yes = false;

    if (record->number == CFI_MPI_END_IT)
        status = job != NULL ? cf_stop(job->future, *grace_ns) : CF_INVALID;
    else if (record->number == CFI_MPI_GIVE_BACK)
        is_yes = job != NULL && give_back(job);
    else
        is_yes = job == NULL || has_started(job);
    cfi_part_say(part,
                 (struct cfi_mpi_record){.kind = CFI_MPI_ANSWER,
                                         .task = part->lane,
                                         .ask = record->ask,
                                         .number = is_yes,
                                         .report.status = (uint16_t)status},
                 NULL, 0);
}

static void recall(struct cfi_part *part, const struct cfi_mpi_record *record)
{
    size_t count = 0, most = 0;
    struct cfi_job *job;

    TAILQ_FOREACH(job, &part->jobs, link)
    most++;
    uint64_t *tasks = calloc(most + 1, sizeof tasks[0]);
    TAILQ_FOREACH(job, &part->jobs, link)
    if (tasks != NULL && count < record->number && give_back(job))
        tasks[count++] = job->task;
    cfi_part_say(part,
                 (struct cfi_mpi_record){.kind = CFI_MPI_RECALLED,
                                         .task = part->lane,
                                         .ask = record->ask},
                 tasks, count * sizeof tasks[0]);
    free(tasks);
}

static void stop_tasks(struct cfi_part *part)
{
    struct cf_executor *executor = part->executor;

    if (executor == NULL)
        return;
    atomic_store(&executor->stopping, 1);
    if (executor->backend->tell_stopping != NULL)
        executor->backend->tell_stopping(executor->state);
}

/* The host is about to end. Where it left executors behind their workers may
 * be in the middle of a task: the process ends without them. */
static void leave(void)
{
    cfi_text_flush();
    cfi_mpi_say(0, &(struct cfi_mpi_record){.kind = CFI_MPI_LEFT}, NULL, 0);
    cfi_mpi_leave(cfi_part_is_any());
}

static void hear(int rank, const struct cfi_mpi_record *record,
                 const void *payload, struct cfi_mpi_apart *apart,
                 int64_t clock_ns)
{
    struct cfi_part *part = cfi_part_find(record->executor);

    (void)rank;
    (void)clock_ns;
    if (record->kind == CFI_MPI_LEAVE)
        leave();
    else if (record->kind == CFI_MPI_BUFFER)
        cfi_kept_put(record->task, apart);
    else if (record->kind == CFI_MPI_FORGET)
        cfi_kept_drop(record->task);
    else if (record->kind == CFI_MPI_OPEN)
        cfi_part_open(record, payload);
    else if (part == NULL)
        return;
    else if (record->kind == CFI_MPI_TASK)
        take_task(part, record, payload, apart);
    else if (record->kind == CFI_MPI_ASK)
        answer(part, record, payload);
    else if (record->kind == CFI_MPI_RECALL)
        recall(part, record);
    else if (record->kind == CFI_MPI_STOPPING)
        stop_tasks(part);
    else if (record->kind == CFI_MPI_CLOSE)
        cfi_part_close(part);
}

static void room(const struct cfi_mpi_record *record,
                 struct cfi_mpi_apart *apart)
{
    if (record->kind == CFI_MPI_BUFFER)
        cfi_buffer_make_room(record->apart_bytes, apart);
}

static bool speak(void)
{
    bool has_said = tell_ended();

    return cfi_parts_tell_closed() || has_said;
}

static bool expects(void)
{
    return true;
}

const struct cfi_mpi_role cfi_mpi_rank_role = {
    .hear = hear,
    .room = room,
    .speak = speak,
    .expects = expects,
};
