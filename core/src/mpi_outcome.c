/* SPDX-License-Identifier: MIT */
/*
 * What a rank tells of a task's end. A large result, and every buffer, is sent
 * from where the task left it. A task that could not begin here is told in the
 * same words: it has failed at its first attempt, which took no time.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "executor_impl.h"
#include "mpi_buffers.h"
#include "mpi_part.h"

/* Of every outcome, whatever it is. */
static struct cfi_mpi_record record_of(const struct cfi_part *part,
                                       uint64_t task)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_RESULT, .task = task};

    if (part->executor != NULL)
        record.written_off =
            (uint32_t)atomic_load(&part->executor->written_off);
    return record;
}

/* Both texts lie in one block, in this order: message, file. */
static void say_texts(const struct cfi_part *part,
                      struct cfi_mpi_record *record, const char *texts)
{
    size_t message_bytes = strlen(texts) + 1;

    record->report.message_bytes = (uint32_t)message_bytes;
    record->report.bytes = message_bytes + strlen(texts + message_bytes) + 1;
    cfi_part_say(part, *record, texts, record->report.bytes);
}

/* --- a task that did not begin --- */

static struct cfi_mpi_record record_of_refused(const struct cfi_part *part,
                                               uint64_t task)
{
    struct cfi_mpi_record record = record_of(part, task);

    record.attempt = 1;
    record.worker = (uint32_t)part->first_worker;
    record.report.pid = (int32_t)getpid();
    record.stamps.started_ns = record.stamps.finished_ns = cfi_now_ns();
    return record;
}

static void say_refusal(const struct cfi_part *part,
                        struct cfi_mpi_record *record, enum cf_status status,
                        int code, const char *why)
{
    char texts[512] = ""; /* the file, which is none, behind the message */

    snprintf(texts, sizeof texts - 1, "%s", why);
    record->report.status = status;
    record->report.code = code;
    say_texts(part, record, texts);
}

void cfi_job_refuse(const struct cfi_part *part, uint64_t task,
                    enum cf_status status, int code, const char *why)
{
    struct cfi_mpi_record record = record_of_refused(part, task);

    say_refusal(part, &record, status, code, why);
}

void cfi_job_refuse_function(const struct cfi_part *part, uint64_t task)
{
    char host[64] = "", why[192];

    gethostname(host, sizeof host - 1);
    snprintf(why, sizeof why,
             "the rank on %s (process %d) has not loaded the object that the "
             "task's function lies in",
             host, (int)getpid());
    cfi_job_refuse(part, task, CF_UNSUPPORTED, 0, why);
}

void cfi_job_refuse_lacking(const struct cfi_part *part, uint64_t task,
                            enum cf_status status, const char *reason)
{
    struct cfi_mpi_record record = record_of_refused(part, task);
    char host[64] = "", why[256];

    gethostname(host, sizeof host - 1);
    snprintf(why, sizeof why,
             "the rank on %s (process %d) could not take a buffer of the "
             "task: %s",
             host, (int)getpid(), reason);
    record.report.buffer = CFI_BUFFER_LACKING;
    say_refusal(part, &record, CF_EXCEPTION, (int)status, why);
}

/* --- one that did --- */

static void say_error(struct cfi_job *job, const struct cfi_outcome *outcome,
                      struct cfi_mpi_record *record)
{
    const struct cfi_error *error = outcome->error;

    record->report.status = outcome->status;
    if (error == NULL) {
        cfi_part_say(job->part, *record, NULL, 0);
        return;
    }
    record->report.code = error->code;
    record->report.line = error->line;
    record->signal = error->signal;
    record->exit_code = error->exit_code;
    say_texts(job->part, record, error->texts);
}

static void release(void *future)
{
    cf_future_release(future);
}

/* What the future holds goes from there. */
static void say_apart(struct cfi_job *job, struct cfi_mpi_record *record,
                      const void *bytes, size_t count)
{
    record->apart_bytes = count;
    cfi_part_say(job->part, *record, NULL, 0);
    cfi_mpi_say_apart(0, bytes, count, release, cf_future_retain(job->future));
}

static void say_result(struct cfi_job *job, const struct cfi_outcome *outcome,
                       struct cfi_mpi_record *record)
{
    const struct cf_buffer *buffer = cfi_outcome_buffer(outcome);

    if (buffer != NULL) {
        record->report.buffer = CFI_BUFFER_POSTED;
        say_apart(job, record, cf_buffer_data(buffer), cf_buffer_bytes(buffer));
        return;
    }
    record->report.bytes = outcome->result_bytes;
    if (outcome->result_bytes < CFI_MPI_APART_BYTES)
        cfi_part_say(job->part, *record, outcome->result,
                     outcome->result_bytes);
    else
        say_apart(job, record, outcome->result, outcome->result_bytes);
}

void cfi_job_tell_cancelled(const struct cfi_part *part, uint64_t task)
{
    struct cfi_mpi_record record = record_of(part, task);

    record.report.status = CF_CANCELLED;
    cfi_part_say(part, record, NULL, 0);
}

void cfi_job_tell(struct cfi_job *job)
{
    if (cf_cancelled(job->future)) {
        cfi_job_tell_cancelled(job->part, job->task);
        return;
    }
    struct cf_future_info info = cf_future_info(job->future);
    const struct cfi_outcome *outcome = cfi_future_outcome(job->future);
    struct cfi_mpi_record record = record_of(job->part, job->task);
    int64_t took_ns = info.finished_ns - info.started_ns;

    record.worker = (uint32_t)(info.worker == SIZE_MAX ? 0 : info.worker);
    if (job->part->is_process)
        record.worker += (uint32_t)job->part->first_worker;
    record.attempt = info.attempt;
    record.rung = info.rung;
    record.report = (struct cfi_report){
        .pid = (int32_t)info.pid,
        .took_ns = took_ns < UINT32_MAX ? (uint32_t)took_ns : UINT32_MAX};
    record.stamps = (struct cfi_stamps){.started_ns = info.started_ns,
                                        .finished_ns = info.finished_ns,
                                        .cpu_ns = info.cpu_ns};
    if (outcome->status != CF_OK)
        say_error(job, outcome, &record);
    else
        say_result(job, outcome, &record);
}
