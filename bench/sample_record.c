/* SPDX-License-Identifier: MIT */
/*
 * From nanoseconds and rusage to a record's sample. Whatever was not verified
 * has no time; whatever cannot be told apart is unknown, not zero: what the
 * processes of a backend used is only known when they have ended, so with
 * warm-up batches their share in it is not.
 */
#include "sample_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "trace.h"

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* Percentile p stands on at least 10 / (1 - p) tasks. */
static double percentile(const struct histogram *histogram, uint64_t n,
                         double p)
{
    const double rounding = 1e-9;

    if ((double)n * (1 - p) < 10 - rounding)
        return NAN;
    return histogram_percentile_s(histogram, p);
}

static bool record_latency_of(const struct sample_numbers *numbers,
                              bool is_open, struct record_latency *latency)
{
    uint64_t n = histogram_total(numbers->service);

    if (n == 0)
        return true;
    latency->n = n;
    latency->max_s = clock_seconds(numbers->service_max_ns);
    latency->p50_s = percentile(numbers->service, n, 0.5);
    latency->p90_s = percentile(numbers->service, n, 0.9);
    latency->p99_s = percentile(numbers->service, n, 0.99);
    latency->histogram = histogram_compact(numbers->service);
    latency->kind = strdup(is_open ? "response" : "service");
    if (is_open) {
        latency->late_max_s = clock_seconds(numbers->late_max_ns);
        latency->late_mean_s = clock_seconds(numbers->late_sum_ns) / (double)n;
    }
    return latency->histogram != NULL && latency->kind != NULL;
}

static void record_usage(const struct sample_taken *taken,
                         struct record_sample *sample)
{
    const struct rusage *end =
        sample_usage_end(taken->numbers, &taken->report.usage);
    const struct rusage *before = &taken->numbers->before;
    const double block_bytes = 512; /* in which Linux counts, on any disk */

    sample->peak_rss_bytes = (double)taken->report.usage.ru_maxrss * 1024;
    if (taken->numbers->is_told) {
        sample->cpu_user_s = taken->numbers->told_cpu_s;
        sample->cpu_sys_s = isfinite(taken->numbers->told_cpu_s) ? 0 : NAN;
        sample->peak_rss_bytes = taken->numbers->told_rss_bytes;
        return;
    }
    if (taken->setup->warmup > 0 && taken->numbers->is_foreign)
        return;
    sample->cpu_user_s = seconds(end->ru_utime) - seconds(before->ru_utime);
    sample->cpu_sys_s = seconds(end->ru_stime) - seconds(before->ru_stime);
    sample->switches_voluntary = (double)(end->ru_nvcsw - before->ru_nvcsw);
    sample->switches_involuntary = (double)(end->ru_nivcsw - before->ru_nivcsw);
    sample->faults_minor = (double)(end->ru_minflt - before->ru_minflt);
    sample->faults_major = (double)(end->ru_majflt - before->ru_majflt);
    sample->disk_read_bytes =
        block_bytes * (double)(end->ru_inblock - before->ru_inblock);
    sample->disk_written_bytes =
        block_bytes * (double)(end->ru_oublock - before->ru_oublock);
}

static void set_unknown(struct record_sample *sample)
{
    sample->started_s = sample->elapsed_s = sample->submit_s = NAN;
    sample->pool_create_s = sample->pool_destroy_s = NAN;
    sample->cpu_user_s = sample->cpu_sys_s = NAN;
    sample->switches_voluntary = sample->switches_involuntary = NAN;
    sample->faults_minor = sample->faults_major = NAN;
    sample->peak_rss_bytes = NAN;
    sample->disk_read_bytes = sample->disk_written_bytes = NAN;
    sample->latency.max_s = sample->latency.p50_s = NAN;
    sample->latency.p90_s = sample->latency.p99_s = NAN;
    sample->latency.late_max_s = sample->latency.late_mean_s = NAN;
    sample->steal_s = sample->throttled_s = sample->foreign_s = NAN;
    sample->io_stalled_s = NAN;
    sample->thermal_events = sample->frequency_hz = NAN;
}

/* What warm-up batches and the one that counts have in common. */
static struct record_sample *add_batch(const struct sample_taken *taken,
                                       size_t iteration, struct record *record)
{
    const struct sample_batch *batch = &taken->numbers->batches[iteration];
    struct record_sample *sample = record_add_sample(record);

    if (sample == NULL)
        return NULL;
    set_unknown(sample);
    sample->case_index = taken->case_index;
    sample->block = taken->block;
    sample->position = taken->position;
    sample->iteration = iteration;
    sample->warmup = iteration < taken->setup->warmup;
    sample->tasks = taken->setup->tasks;
    if (iteration >= taken->numbers->batch_count)
        return sample; /* it did not come so far */
    sample->started_s = clock_seconds(batch->started_ns - taken->epoch_ns);
    if (batch->work > 0)
        sample->tasks = (size_t)batch->work;
    sample->verified = batch->is_verified;
    if (batch->is_verified) {
        sample->elapsed_s = clock_seconds(batch->elapsed_ns);
        sample->submit_s = clock_seconds(batch->submit_ns);
    }
    return sample;
}

/* Only the last one can have failed, which ended the sample. */
static bool add_warmup(const struct sample_taken *taken, size_t iteration,
                       struct record *record)
{
    struct record_sample *sample = add_batch(taken, iteration, record);

    if (sample == NULL)
        return false;
    if (sample->verified)
        return true;
    sample->reason = strdup(taken->numbers->why);
    return sample->reason != NULL;
}

/* Offers the record what was kept of its last sample's tasks. */
static bool record_trace_of(const struct sample_taken *taken,
                            const struct record_sample *sample,
                            struct record *record)
{
    const struct sample_numbers *numbers = taken->numbers;
    const struct sample_batch *batch = &numbers->batches[taken->setup->warmup];
    struct record_trace trace = {.case_index = taken->case_index,
                                 .block = taken->block,
                                 .elapsed_s = sample->elapsed_s,
                                 .tasks = sample->tasks};
    bool is_kept;

    if (numbers->span_count == 0)
        return true;
    trace.spans = calloc(numbers->span_count, sizeof *trace.spans);
    if (trace.spans == NULL)
        return false;
    for (size_t i = 0; i < numbers->span_count; i++) {
        const struct sample_span *span = &numbers->spans[i];
        int64_t start_ns = batch->started_ns;
        if (span->worker == SIZE_MAX || span->submitted_ns < start_ns)
            continue; /* it ran nowhere */
        trace.spans[trace.span_count++] = (struct record_span){
            .worker = span->worker,
            .submitted_s = clock_seconds(span->submitted_ns - start_ns),
            .started_s = clock_seconds(span->started_ns - start_ns),
            .finished_s = clock_seconds(span->finished_ns - start_ns)};
    }
    is_kept = trace_offer(record, &trace);
    free(trace.spans);
    return is_kept;
}

bool sample_record(const struct sample_taken *taken, struct record *record)
{
    const struct sample_numbers *numbers = taken->numbers;
    struct record_sample *sample;

    for (size_t i = 0; i < taken->setup->warmup && i < numbers->batch_count;
         i++)
        if (!add_warmup(taken, i, record))
            return false;
    sample = add_batch(taken, taken->setup->warmup, record);
    if (sample == NULL)
        return false;
    if (numbers->why[0] != '\0') { /* also what came after the batch */
        sample->verified = false;
        sample->elapsed_s = NAN;
        sample->reason = strdup(numbers->why);
    }
    sample->pool_create_s = clock_seconds(numbers->create_ns);
    sample->pool_destroy_s = clock_seconds(numbers->destroy_ns);
    sample->steal_s = taken->pressure.steal_s;
    sample->throttled_s = taken->pressure.throttled_s;
    sample->foreign_s = taken->pressure.foreign_s;
    sample->io_stalled_s = taken->pressure.io_stalled_s;
    sample->thermal_events = taken->pressure.thermal_events;
    sample->frequency_hz = taken->pressure.frequency_hz;
    record_usage(taken, sample);
    return record_latency_of(numbers, taken->setup->loop.rate_per_s > 0,
                             &sample->latency) &&
           record_trace_of(taken, sample, record);
}

bool sample_record_warmups(const struct sample_taken *taken,
                           struct record *record)
{
    for (size_t i = 0; i < taken->numbers->batch_count; i++) {
        struct record_sample *sample;

        if (!taken->numbers->batches[i].is_verified)
            continue;
        sample = add_batch(taken, i, record);
        if (sample == NULL)
            return false;
        sample->warmup = true;
    }
    return true;
}
