/* SPDX-License-Identifier: MIT */
/*
 * A rank that serves: for each executor of rank 0 that it has a part in, an
 * executor of its own with the workers inside (threads, or processes), so that
 * a task starts, fails, is taken back and is timed here as it is anywhere.
 *
 *      TASK -> job -> submitted here ... ends -> list of ended jobs -> RESULT
 *
 * Whoever ends a job's future only puts the job into a list and wakes the
 * thread that calls MPI, which tells the host; what a task printed is written
 * out before that. A large argument is the task's as it was received, a large
 * result is sent from where the task left it. A job that was given back ends as cancelled, and the host
 * was told already.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "executor_impl.h"
#include "heap.h"
#include "mpi_part.h"
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

static void refuse(const struct cfi_part *part, uint64_t task,
                   enum cf_status status, const char *why)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_RESULT, .task = task};
    size_t bytes = strlen(why) + 1;

    record.report.status = status;
    record.report.pid = (int32_t)getpid();
    record.report.bytes = bytes;
    record.report.message_bytes = (uint32_t)bytes;
    record.worker = (uint32_t)part->first_worker;
    if (part->executor != NULL)
        record.written_off =
            (uint32_t)atomic_load(&part->executor->written_off);
    cfi_part_say(part, record, why, bytes);
}

static void refuse_function(const struct cfi_part *part, uint64_t task)
{
    char host[64] = "", why[192];

    gethostname(host, sizeof host - 1);
    snprintf(why, sizeof why,
             "the rank on %s (process %d) has not loaded the object that the "
             "task's function lies in",
             host, (int)getpid());
    refuse(part, task, CF_UNSUPPORTED, why);
}

/* What stands before a task's argument. */
static size_t read_call(const void *payload, struct cf_call *call)
{
    const struct cfi_mpi_call *said = payload;

    *call = (struct cf_call){
        .name = said->name_bytes > 0 ? (const char *)(said + 1) : NULL,
        .timeout_ns = said->timeout_ns,
        .grace_ns = said->grace_ns,
        .retries = said->retries,
        .retry_on = said->retry_on,
    };
    return sizeof *said + cfi_mpi_padded(said->name_bytes);
}

static enum cf_status submit_job(struct cfi_part *part, struct cfi_job *job,
                                 cf_function *function,
                                 const struct cfi_mpi_record *record,
                                 const void *payload, void **apart)
{
    struct cf_call call = {.name = NULL};
    size_t call_bytes = record->number != 0 ? read_call(payload, &call) : 0;
    const void *arg = (const char *)payload + call_bytes;
    size_t arg_bytes = record->bytes - call_bytes;

    if (*apart != NULL) {
        arg = *apart;
        arg_bytes = record->apart_bytes;
        call.arg_destroy = part->is_process ? NULL : cfi_heap_give;
    }
    enum cf_status status = cf_submit_call(part->executor, function, arg,
                                           arg_bytes, &call, &job->future);
    if (status == CF_OK && call.arg_destroy != NULL)
        *apart = NULL; /* the task's from now on */
    return status;
}

static void take_task(struct cfi_part *part,
                      const struct cfi_mpi_record *record, const void *payload,
                      void **apart)
{
    /* an object pointer and a function pointer are the same on POSIX */
    cf_function *function =
        (cf_function *)(uintptr_t)cfi_code_address_resolve(record->function);
    struct cfi_job *job;

    if (part->executor == NULL) {
        refuse(part, record->task, CF_BROKEN, part->why);
        return;
    }
    if (function == NULL) {
        refuse_function(part, record->task);
        return;
    }
    job = calloc(1, sizeof *job);
    enum cf_status status =
        job != NULL ? submit_job(part, job, function, record, payload, apart)
                    : CF_NOMEM;
    if (status != CF_OK) {
        free(job);
        refuse(part, record->task,
               status == CF_BROKEN || status == CF_UNSUPPORTED ? status
                                                               : CF_EXCEPTION,
               job != NULL ? cf_last_error().text : "no memory for a task");
        return;
    }
    job->part = part;
    job->task = record->task;
    job->watch.fire = job_ended;
    TAILQ_INSERT_TAIL(&part->jobs, job, link);
    if (!cfi_watch_add(job->future, &job->watch))
        job_ended(&job->watch, job->future);
}

static void say_error(struct cfi_job *job, const struct cfi_outcome *outcome,
                      struct cfi_mpi_record *record)
{
    const struct cfi_error *error = outcome->error;

    record->report.status = outcome->status;
    if (error == NULL) {
        cfi_part_say(job->part, *record, NULL, 0);
        return;
    }
    size_t message_bytes = strlen(error->message) + 1;
    record->report.code = error->code;
    record->report.line = error->line;
    record->signal = error->signal;
    record->exit_code = error->exit_code;
    record->report.message_bytes = (uint32_t)message_bytes;
    record->report.bytes = message_bytes + strlen(error->file) + 1;
    /* both texts lie in one block, in this order */
    cfi_part_say(job->part, *record, error->texts, record->report.bytes);
}

static void release(void *future)
{
    cf_future_release(future);
}

static void say_result(struct cfi_job *job, const struct cfi_outcome *outcome,
                       struct cfi_mpi_record *record)
{
    record->report.bytes = outcome->result_bytes;
    if (outcome->result_bytes < CFI_MPI_APART_BYTES) {
        cfi_part_say(job->part, *record, outcome->result,
                     outcome->result_bytes);
        return;
    }
    record->apart_bytes = outcome->result_bytes;
    cfi_part_say(job->part, *record, NULL, 0);
    cfi_mpi_say_apart(0, outcome->result, outcome->result_bytes, release,
                      cf_future_retain(job->future));
}

static void say_outcome(struct cfi_job *job)
{
    struct cf_future_info info = cf_future_info(job->future);
    const struct cfi_outcome *outcome = cfi_future_outcome(job->future);
    int64_t took_ns = info.finished_ns - info.started_ns;
    struct cfi_mpi_record record = {
        .kind = CFI_MPI_RESULT,
        .task = job->task,
        .worker = (uint32_t)(info.worker == SIZE_MAX ? 0 : info.worker),
        .attempt = info.attempt,
        .rung = info.rung,
        .written_off = (uint32_t)atomic_load(&job->part->executor->written_off),
        .report = {.pid = (int32_t)info.pid,
                   .took_ns =
                       took_ns < UINT32_MAX ? (uint32_t)took_ns : UINT32_MAX,
                   .started_ns = info.started_ns,
                   .finished_ns = info.finished_ns,
                   .cpu_ns = info.cpu_ns}};

    if (job->part->is_process)
        record.worker += (uint32_t)job->part->first_worker;
    if (outcome->status != CF_OK)
        say_error(job, outcome, &record);
    else if (outcome->is_object)
        refuse(job->part, job->task, CF_UNSUPPORTED,
               "an object or a buffer cannot travel from its rank");
    else
        say_result(job, outcome, &record);
}

static bool tell_ended(void)
{
    /* acquire: pairs with the release in job_ended() */
    struct cfi_job *latest =
        atomic_exchange_explicit(&ended_jobs, NULL, memory_order_acquire);
    struct cfi_job *oldest = NULL, *job;

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
        if (!cf_cancelled(job->future))
            say_outcome(job);
        TAILQ_REMOVE(&job->part->jobs, job, link);
        cf_future_release(job->future);
        free(job);
    }
    return true;
}

/* --- what else the host says --- */

static void answer(struct cfi_part *part, const struct cfi_mpi_record *record,
                   const int64_t *grace_ns)
{
    struct cfi_job *job = find_job(part, record->task);
    enum cf_status status = CF_INVALID;
    bool is_yes = false;

    if (record->number == CFI_MPI_END_IT)
        status = job != NULL ? cf_stop(job->future, *grace_ns) : CF_INVALID;
    else if (record->number == CFI_MPI_GIVE_BACK)
        is_yes =
            job != NULL && !cf_cancelled(job->future) && cf_cancel(job->future);
    else
        is_yes =
            job == NULL || cfi_future_state(job->future) != CF_STATE_PENDING;
    cfi_part_say(part,
                 (struct cfi_mpi_record){.kind = CFI_MPI_ANSWER,
                                         .task = part->lane,
                                         .ask = record->ask,
                                         .number = is_yes,
                                         .report.status = status},
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
    if (tasks != NULL && count < record->number && !cf_cancelled(job->future) &&
        cf_cancel(job->future))
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
                 const void *payload, void **apart, int64_t clock_ns)
{
    struct cfi_part *part = cfi_part_find(record->executor);

    (void)rank;
    (void)clock_ns;
    if (record->kind == CFI_MPI_LEAVE)
        leave();
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

static bool expects(void)
{
    return true;
}

const struct cfi_mpi_role cfi_mpi_rank_role = {
    .hear = hear,
    .speak = tell_ended,
    .expects = expects,
};
