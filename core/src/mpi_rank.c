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
 * out before that. A job that was given back ends as cancelled, and the host
 * was told already.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "clock.h"
#include "executor_impl.h"
#include "last_error.h"
#include "mpi_world.h"
#include "text.h"

struct part;

struct job {
    struct cfi_watch watch; /* first: it is told by it */
    TAILQ_ENTRY(job) link;  /* of its part, the oldest first */
    struct job *next;       /* of those that have ended */
    struct part *part;
    struct cf_future *future;
    uint64_t task; /* the host's name for it */
};

/* This rank's part in an executor. */
struct part {
    TAILQ_ENTRY(part) link;
    uint32_t id;
    uint64_t lane; /* which one it is, to the host       */
    uint64_t first_worker;
    bool is_process;
    void *arg;
    struct cf_executor *executor; /* NULL: it could not be made */
    enum cf_status failure;
    char why[256];
    TAILQ_HEAD(, job) jobs;
};

/* Of the process, which is one rank; the thread that calls MPI alone has it,
 * but for the list of those that have ended. */
static TAILQ_HEAD(, part) parts = TAILQ_HEAD_INITIALIZER(parts);
static _Atomic(struct job *) ended_jobs; /* the latest first */

static struct part *find_part(uint32_t id)
{
    struct part *part;

    TAILQ_FOREACH(part, &parts, link)
    if (part->id == id)
        return part;
    return NULL;
}

static struct job *find_job(struct part *part, uint64_t task)
{
    struct job *job;

    TAILQ_FOREACH(job, &part->jobs, link)
    if (job->task == task)
        return job;
    return NULL;
}

static void say(const struct part *part, struct cfi_mpi_record record,
                const void *payload, size_t bytes)
{
    record.executor = part->id;
    cfi_mpi_say(0, &record, payload, bytes);
}

/* --- an executor begins and ends --- */

static void *resolve(struct part *part, uint32_t is_there,
                     struct cfi_code_address address)
{
    if (!is_there)
        return NULL;
    void *function = cfi_code_address_resolve(address);
    if (function == NULL) {
        part->failure = CF_UNSUPPORTED;
        snprintf(part->why, sizeof part->why,
                 "a rank has not loaded the object that the initializer or "
                 "finalizer lies in");
    }
    return function;
}

static void make_executor(struct part *part,
                          const struct cfi_mpi_opening *opening)
{
    struct cf_options options = {
        .max_workers = opening->workers,
        .start_all = opening->start_all != 0,
        .record_times = true,
        .inner_threads = opening->inner_threads,
        .initializer_arg = part->arg,
        .initializer_arg_bytes = opening->initializer_arg_bytes,
        .initializer = (cf_initializer *)(uintptr_t)resolve(
            part, opening->has_initializer, opening->initializer),
        .finalizer = (cf_finalizer *)(uintptr_t)resolve(
            part, opening->has_finalizer, opening->finalizer),
    };

    if (part->failure != CF_OK)
        return;
    part->failure = cfi_executor_create_part(
        opening->is_process ? CF_PROCESS : CF_THREAD, &options,
        opening->first_worker, &part->executor);
    if (part->failure != CF_OK)
        snprintf(part->why, sizeof part->why, "%s", cf_last_error().text);
}

static void open_part(const struct cfi_mpi_record *record,
                      const struct cfi_mpi_opening *opening)
{
    struct cfi_mpi_record reply = {.kind = CFI_MPI_OPENED,
                                   .task = record->task};
    struct part *part = calloc(1, sizeof *part);

    if (part == NULL)
        abort();
    TAILQ_INIT(&part->jobs);
    part->id = record->executor;
    part->lane = record->task;
    part->first_worker = opening->first_worker;
    part->is_process = opening->is_process != 0;
    TAILQ_INSERT_TAIL(&parts, part, link);
    part->arg = (void *)(uintptr_t)(opening + 1);
    make_executor(part, opening);
    reply.report.status = part->failure;
    say(part, reply, part->why, strlen(part->why) + 1);
}

static void close_part(struct part *part)
{
    cf_executor_destroy(part->executor); /* every task has ended */
    cfi_text_flush();
    say(part,
        (struct cfi_mpi_record){.kind = CFI_MPI_CLOSED, .task = part->lane},
        NULL, 0);
    TAILQ_REMOVE(&parts, part, link);
    free(part);
}

/* --- a task comes, and ends --- */

static void job_ended(struct cfi_watch *watch, struct cf_future *future)
{
    struct job *job = (struct job *)watch;

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

static void refuse(const struct part *part, uint64_t task,
                   enum cf_status status, const char *why)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_RESULT, .task = task};
    size_t bytes = strlen(why) + 1;

    record.report.status = status;
    record.report.pid = (int32_t)getpid();
    record.report.bytes = bytes;
    record.report.message_bytes = (uint32_t)bytes;
    record.worker = (uint32_t)part->first_worker;
    say(part, record, why, bytes);
}

static void refuse_function(const struct part *part, uint64_t task)
{
    char host[64] = "", why[192];

    gethostname(host, sizeof host - 1);
    snprintf(why, sizeof why,
             "the rank on %s (process %d) has not loaded the object that the "
             "task's function lies in",
             host, (int)getpid());
    refuse(part, task, CF_UNSUPPORTED, why);
}

static void take_task(struct part *part, const struct cfi_mpi_record *record,
                      const void *arg)
{
    /* an object pointer and a function pointer are the same on POSIX */
    cf_function *function =
        (cf_function *)(uintptr_t)cfi_code_address_resolve(record->function);
    struct job *job;

    if (part->executor == NULL) {
        refuse(part, record->task, CF_BROKEN, part->why);
        return;
    }
    if (function == NULL) {
        refuse_function(part, record->task);
        return;
    }
    job = calloc(1, sizeof *job);
    if (job == NULL || cf_submit(part->executor, function, arg, record->bytes,
                                 &job->future) != CF_OK) {
        free(job);
        bool is_broken = cf_last_error().status == CF_BROKEN;
        refuse(part, record->task, is_broken ? CF_BROKEN : CF_EXCEPTION,
               cf_last_error().text);
        return;
    }
    job->part = part;
    job->task = record->task;
    job->watch.fire = job_ended;
    TAILQ_INSERT_TAIL(&part->jobs, job, link);
    if (!cfi_future_watch(job->future, &job->watch))
        job_ended(&job->watch, job->future);
}

static void say_error(struct job *job, struct cfi_mpi_record *record)
{
    const struct cfi_error *error = job->future->outcome.error;

    record->report.status = job->future->outcome.status;
    if (error == NULL) {
        say(job->part, *record, NULL, 0);
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
    say(job->part, *record, error->texts, record->report.bytes);
}

static void say_outcome(struct job *job)
{
    struct cf_future_info info = cf_future_info(job->future);
    struct cfi_outcome *outcome = &job->future->outcome;
    int64_t took_ns = info.finished_ns - info.started_ns;
    struct cfi_mpi_record record = {
        .kind = CFI_MPI_RESULT,
        .task = job->task,
        .worker = (uint32_t)(info.worker == SIZE_MAX ? 0 : info.worker),
        .report = {.pid = (int32_t)info.pid,
                   .took_ns =
                       took_ns < UINT32_MAX ? (uint32_t)took_ns : UINT32_MAX,
                   .started_ns = info.started_ns,
                   .finished_ns = info.finished_ns,
                   .cpu_ns = info.cpu_ns}};

    if (job->part->is_process)
        record.worker += (uint32_t)job->part->first_worker;
    if (outcome->status != CF_OK) {
        say_error(job, &record);
        return;
    }
    record.report.bytes = outcome->result_bytes;
    say(job->part, record, outcome->result, outcome->result_bytes);
}

static bool tell_ended(void)
{
    /* acquire: pairs with the release in job_ended() */
    struct job *latest =
        atomic_exchange_explicit(&ended_jobs, NULL, memory_order_acquire);
    struct job *oldest = NULL, *job;

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

static void answer(struct part *part, const struct cfi_mpi_record *record)
{
    struct job *job = find_job(part, record->task);
    bool is_yes;

    if (record->number == CFI_MPI_GIVE_BACK)
        is_yes =
            job != NULL && !cf_cancelled(job->future) && cf_cancel(job->future);
    else
        is_yes =
            job == NULL || cfi_future_state(job->future) != CF_STATE_PENDING;
    say(part,
        (struct cfi_mpi_record){.kind = CFI_MPI_ANSWER,
                                .task = part->lane,
                                .ask = record->ask,
                                .number = is_yes},
        NULL, 0);
}

static void recall(struct part *part, const struct cfi_mpi_record *record)
{
    size_t count = 0, most = 0;
    struct job *job;

    TAILQ_FOREACH(job, &part->jobs, link)
    most++;
    uint64_t *tasks = calloc(most + 1, sizeof tasks[0]);
    TAILQ_FOREACH(job, &part->jobs, link)
    if (tasks != NULL && count < record->number && !cf_cancelled(job->future) &&
        cf_cancel(job->future))
        tasks[count++] = job->task;
    say(part,
        (struct cfi_mpi_record){
            .kind = CFI_MPI_RECALLED, .task = part->lane, .ask = record->ask},
        tasks, count * sizeof tasks[0]);
    free(tasks);
}

static void stop_tasks(struct part *part)
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
    cfi_mpi_leave(!TAILQ_EMPTY(&parts));
}

static void hear(int rank, const struct cfi_mpi_record *record,
                 const void *payload, int64_t clock_ns)
{
    struct part *part = find_part(record->executor);

    (void)rank;
    (void)clock_ns;
    if (record->kind == CFI_MPI_LEAVE)
        leave();
    else if (record->kind == CFI_MPI_OPEN)
        open_part(record, payload);
    else if (part == NULL)
        return;
    else if (record->kind == CFI_MPI_TASK)
        take_task(part, record, payload);
    else if (record->kind == CFI_MPI_ASK)
        answer(part, record);
    else if (record->kind == CFI_MPI_RECALL)
        recall(part, record);
    else if (record->kind == CFI_MPI_STOPPING)
        stop_tasks(part);
    else if (record->kind == CFI_MPI_CLOSE)
        close_part(part);
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
