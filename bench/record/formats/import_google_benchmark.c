/* SPDX-License-Identifier: MIT */
/*
 * Google Benchmark --benchmark_format=json: {"context", "benchmarks": [{name,
 * run_type, iterations, real_time, time_unit, threads, ...}]}. Each repetition
 * is a sample of `iterations` tasks; aggregates are passed over, since they
 * are computed from the others. Real time is used and never CPU time, which is
 * that of the main thread. items_per_second, where it is given, is the
 * throughput. The worker count is "threads", or in the name.
 */
#include <math.h>
#include <string.h>

#include "foreign.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool is_google_benchmark(const cJSON *root)
{
    const cJSON *benchmarks = member(root, "benchmarks");

    return cJSON_IsArray(benchmarks) && cJSON_IsObject(member(root, "context"));
}

static double seconds_of(const cJSON *benchmark)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    const cJSON *unit = member(benchmark, "time_unit");

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (cJSON_IsString(unit) &&
            strcmp(unit->valuestring, units[i].name) == 0)
            return units[i].seconds;
    }
    return unit == NULL ? 1e-9 : NAN;
}

static const char *text_of(const cJSON *item, const char *otherwise)
{
    return cJSON_IsString(item) ? item->valuestring : otherwise;
}

/* A case that failed says why. */
static bool note_error(struct foreign *foreign, size_t index,
                       const cJSON *benchmark)
{
    struct record_case *one = &foreign->record->cases[index];
    const char *why = text_of(member(benchmark, "error_message"), "failed");

    if (one->reason != NULL)
        return true;
    one->status = CASE_FAILED;
    one->reason = strdup(why);
    return one->reason != NULL || foreign_fail(foreign, "out of memory");
}

static bool add_repetition(struct foreign *foreign, size_t index,
                           const cJSON *benchmark)
{
    const cJSON *time = member(benchmark, "real_time");
    const cJSON *iterations = member(benchmark, "iterations");
    const cJSON *items = member(benchmark, "items_per_second");
    double unit = seconds_of(benchmark), tasks, elapsed_s;
    struct record_sample *sample;

    if (isnan(unit))
        return foreign_fail(foreign, "an unknown unit of time");
    if (!foreign_is_time(time) || !foreign_is_time(iterations))
        return foreign_fail(foreign, "real_time or iterations not above zero");
    tasks = iterations->valuedouble;
    elapsed_s = time->valuedouble * unit * tasks;
    if (foreign_is_time(items)) { /* whole items, at exactly this rate */
        tasks = fmax(1, round(items->valuedouble * elapsed_s));
        elapsed_s = tasks / items->valuedouble;
    }
    sample = foreign_sample(foreign, index, tasks, elapsed_s);
    return sample != NULL;
}

static bool add_benchmark(struct foreign *foreign, const cJSON *benchmark)
{
    const char *name = text_of(member(benchmark, "run_name"),
                               text_of(member(benchmark, "name"), NULL));
    const cJSON *threads = member(benchmark, "threads");
    struct foreign_name split;
    size_t index = NO_CASE;

    if (name == NULL)
        return foreign_fail(foreign, "a benchmark without a name");
    if (strcmp(text_of(member(benchmark, "run_type"), ""), "aggregate") == 0)
        return true;
    if (foreign_split_name(foreign, name, &split)) {
        if (cJSON_IsNumber(threads) && threads->valuedouble > 1 &&
            threads->valuedouble <= 1e9)
            split.workers = (size_t)threads->valuedouble;
        index = foreign_name_case(foreign, &split, "thread");
    }
    foreign_finish_name(&split);
    if (index == NO_CASE)
        return false;
    return cJSON_IsTrue(member(benchmark, "error_occurred"))
               ? note_error(foreign, index, benchmark)
               : add_repetition(foreign, index, benchmark);
}

static bool read_google_benchmark(struct foreign *foreign, const cJSON *root)
{
    const cJSON *benchmarks = member(root, "benchmarks");

    for (const cJSON *one = benchmarks->child; one != NULL; one = one->next) {
        if (!add_benchmark(foreign, one))
            return false;
    }
    return true;
}

const struct import_format import_google_benchmark = {
    .name = "Google Benchmark",
    .is_it = is_google_benchmark,
    .read = read_google_benchmark,
};
