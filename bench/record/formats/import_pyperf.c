/* SPDX-License-Identifier: MIT */
/*
 * pyperf: {"version": "1.0", "metadata", "benchmarks": [{"metadata", "runs":
 * [{"metadata", "values", "warmups"}]}]}. A run is a process of its own and so
 * a block; its values, seconds of one iteration, are samples within it. A run
 * without values calibrated the loops. Warm-ups are pairs of loops and seconds
 * of one iteration. The worker count is in the metadata or in the name.
 */
#include <stdlib.h>
#include <string.h>

#include "foreign.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool is_pyperf(const cJSON *root)
{
    const cJSON *benchmarks = member(root, "benchmarks");

    return cJSON_IsArray(benchmarks) &&
           (cJSON_IsString(member(root, "version")) ||
            (benchmarks->child != NULL &&
             cJSON_IsArray(member(benchmarks->child, "runs"))));
}

/* What is common to all benchmarks stands in the root. */
static const cJSON *metadata(const cJSON *root, const cJSON *benchmark,
                             const char *name)
{
    const cJSON *own = member(member(benchmark, "metadata"), name);

    return own != NULL ? own : member(member(root, "metadata"), name);
}

static double loops_of(const cJSON *root, const cJSON *benchmark,
                       const cJSON *run, const char *name)
{
    const cJSON *item = member(member(run, "metadata"), name);

    if (item == NULL)
        item = metadata(root, benchmark, name);
    return cJSON_IsNumber(item) && item->valuedouble >= 1 ? item->valuedouble
                                                          : 1;
}

static void take_count(const cJSON *root, const cJSON *benchmark,
                       size_t *workers)
{
    static const char *const names[] = {"workers", "threads", "processes",
                                        "jobs", "concurrency"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *item = metadata(root, benchmark, names[i]);
        if (cJSON_IsNumber(item) && item->valuedouble >= 1 &&
            item->valuedouble <= 1e9) {
            *workers = (size_t)item->valuedouble;
            return;
        }
    }
}

static bool add_values(struct foreign *foreign, size_t case_index,
                       double iterations, const cJSON *run)
{
    const cJSON *values = member(run, "values");
    size_t block = foreign->next_block, i = 0;

    for (const cJSON *value = values == NULL ? NULL : values->child;
         value != NULL; value = value->next) {
        struct record_sample *sample;
        if (!foreign_is_time(value))
            return foreign_fail(foreign, "a value that is not above zero");
        sample = foreign_sample(foreign, case_index, iterations,
                                value->valuedouble * iterations);
        if (sample == NULL)
            return false;
        sample->block = block;
        sample->iteration = i++;
    }
    return true;
}

static bool add_warmups(struct foreign *foreign, size_t case_index,
                        double inner_loops, const cJSON *run)
{
    const cJSON *warmups = member(run, "warmups");
    size_t block = foreign->next_block;

    for (const cJSON *one = warmups == NULL ? NULL : warmups->child;
         one != NULL; one = one->next) {
        const cJSON *loops = cJSON_IsArray(one) ? one->child : NULL;
        struct record_sample *sample;
        if (loops == NULL || !foreign_is_time(loops) ||
            !foreign_is_time(loops->next))
            return foreign_fail(foreign, "a warm-up that is no pair");
        sample = foreign_sample(
            foreign, case_index, loops->valuedouble * inner_loops,
            loops->next->valuedouble * loops->valuedouble * inner_loops);
        if (sample == NULL)
            return false;
        sample->block = block;
        sample->warmup = true;
    }
    foreign->next_block = block; /* the values' block as well */
    return true;
}

static bool add_benchmark(struct foreign *foreign, const cJSON *root,
                          const cJSON *benchmark)
{
    const cJSON *name = metadata(root, benchmark, "name");
    const cJSON *unit = metadata(root, benchmark, "unit");
    const cJSON *runs = member(benchmark, "runs");
    struct foreign_name split;
    size_t index = NO_CASE;

    if (!cJSON_IsArray(runs))
        return foreign_fail(foreign, "a benchmark without runs");
    if (cJSON_IsString(unit) && strcmp(unit->valuestring, "second") != 0)
        return foreign_fail(foreign, "its unit is %.40s, not second",
                            unit->valuestring);
    if (foreign_split_name(
            foreign, cJSON_IsString(name) ? name->valuestring : "benchmark",
            &split)) {
        take_count(root, benchmark, &split.workers);
        index = foreign_name_case(foreign, &split, "command");
    }
    foreign_finish_name(&split);
    if (index == NO_CASE)
        return false;
    for (const cJSON *run = runs->child; run != NULL; run = run->next) {
        double inner = loops_of(root, benchmark, run, "inner_loops");
        double loops = loops_of(root, benchmark, run, "loops");
        if (!add_warmups(foreign, index, inner, run) ||
            !add_values(foreign, index, loops * inner, run))
            return false;
        foreign->next_block++;
    }
    return true;
}

static bool read_pyperf(struct foreign *foreign, const cJSON *root)
{
    const cJSON *version = member(root, "version");
    const cJSON *benchmarks = member(root, "benchmarks");

    if (cJSON_IsNumber(version))
        return foreign_fail(foreign, "its format is %g, older than 1.0",
                            version->valuedouble);
    if (cJSON_IsString(version) && strtol(version->valuestring, NULL, 10) > 1)
        return foreign_fail(foreign, "its format is %.20s, known here is 1.0",
                            version->valuestring);
    for (const cJSON *one = benchmarks->child; one != NULL; one = one->next) {
        if (!add_benchmark(foreign, root, one))
            return false;
    }
    return true;
}

const struct import_format import_pyperf = {
    .name = "pyperf",
    .is_it = is_pyperf,
    .read = read_pyperf,
};
