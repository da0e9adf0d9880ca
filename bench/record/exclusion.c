/* SPDX-License-Identifier: MIT */
/*
 * One question a cause. Whether a sample is set aside is decided when the run
 * has ended, since a share of a case, and a median, need all samples. Of
 * several causes the first in the list is named.
 */
#include "exclusion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

struct machine {
    double usable; /* CPUs */
    double quota;  /* 0: none */
    double median_hz;
};

struct question {
    const struct machine *machine;
    const struct record_case *one;
    const char *klass; /* of its workload */
    const struct record_sample *sample;
};

static const double QUARTER = 0.25;

static bool is_stolen(const struct question *question)
{
    const struct record_sample *sample = question->sample;

    return sample->steal_s >
           0.005 * question->machine->usable * sample->elapsed_s;
}

static bool is_throttled(const struct question *question)
{
    double quota = question->machine->quota;

    return quota > 0 && (double)question->one->workers <= quota &&
           question->sample->throttled_s > 0;
}

static bool is_hot(const struct question *question)
{
    return question->sample->thermal_events > 0;
}

static bool is_paging(const struct question *question)
{
    return strcmp(question->klass, "cpu") == 0 &&
           question->sample->faults_major > 0;
}

static bool is_slowed(const struct question *question)
{
    double hz = question->sample->frequency_hz;

    return hz > 0 && hz < 0.95 * question->machine->median_hz;
}

static bool is_shared(const struct question *question)
{
    const struct record_sample *sample = question->sample;

    return sample->foreign_s >
           0.05 * question->machine->usable * sample->elapsed_s;
}

static const struct {
    const char *name;
    bool (*is_it)(const struct question *question);
    const char *words;
} causes[EXCLUSION_CAUSES] = {
    {"steal", is_stolen, "other guests of the host had CPUs"},
    {"throttled", is_throttled, "a quota held workers back"},
    {"thermal", is_hot, "a CPU slowed down for its heat"},
    {"major_faults", is_paging, "pages came from the disk"},
    {"frequency", is_slowed, "the CPUs were slower"},
    {"foreign", is_shared, "other programs had CPUs"},
};

const char *exclusion_name(size_t cause)
{
    return causes[cause].name;
}

const char *exclusion_words(const char *name)
{
    for (size_t i = 0; i < EXCLUSION_CAUSES; i++)
        if (strcmp(causes[i].name, name) == 0)
            return causes[i].words;
    return name;
}

static bool has_time(const struct record_sample *sample)
{
    return sample->verified && !sample->warmup && sample->elapsed_s > 0;
}

/* False without memory. */
static bool find_median(const struct record *record, double *median_hz)
{
    double *values = calloc(record->sample_count + 1, sizeof *values);
    size_t count = 0;

    if (values == NULL)
        return false;
    for (size_t i = 0; i < record->sample_count; i++)
        if (record->samples[i].frequency_hz > 0)
            values[count++] = record->samples[i].frequency_hz;
    gsl_sort(values, 1, count);
    *median_hz =
        count > 0 ? gsl_stats_median_from_sorted_data(values, 1, count) : NAN;
    free(values);
    return true;
}

double exclusion_median_hz(const struct record *record)
{
    double median_hz;

    return find_median(record, &median_hz) ? median_hz : NAN;
}

static bool describe(const struct record *record, struct machine *machine)
{
    *machine = (struct machine){
        .usable = facts_number(record->env, "cpu.usable", NAN),
        .quota = facts_number(record->env, "cpu.quota_cpus", 0)};
    if (record->median_hz > 0) {
        machine->median_hz = record->median_hz;
        return true;
    }
    return find_median(record, &machine->median_hz);
}

static struct question question_of(const struct record *record,
                                   const struct machine *machine,
                                   const struct record_sample *sample)
{
    const struct record_case *one = &record->cases[sample->case_index];
    const struct record_workload *workload =
        record_workload(record, one->workload);

    return (struct question){.machine = machine,
                             .one = one,
                             .klass =
                                 workload != NULL ? workload->klass : "mixed",
                             .sample = sample};
}

/* By case: samples with a time, and how many each cause would set aside. */
struct tally {
    double all;
    double hits[EXCLUSION_CAUSES];
};

static void count_hits(const struct record *record,
                       const struct machine *machine, struct tally *tallies)
{
    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        struct question question = question_of(record, machine, sample);
        struct tally *tally = &tallies[sample->case_index];

        if (!has_time(sample))
            continue;
        tally->all++;
        for (size_t k = 0; k < EXCLUSION_CAUSES; k++)
            tally->hits[k] += causes[k].is_it(&question) ? 1 : 0;
    }
}

static bool is_too_often(const struct tally *tally, size_t cause)
{
    return tally->hits[cause] > QUARTER * tally->all;
}

/* The cause that a sample is set aside for; EXCLUSION_CAUSES: it counts. */
static size_t cause_of(const struct question *question,
                       const struct tally *tally)
{
    for (size_t k = 0; k < EXCLUSION_CAUSES; k++)
        if (!is_too_often(tally, k) && causes[k].is_it(question))
            return k;
    return EXCLUSION_CAUSES;
}

static bool is_ours(const char *name)
{
    for (size_t k = 0; k < EXCLUSION_CAUSES; k++)
        if (strcmp(causes[k].name, name) == 0)
            return true;
    return false;
}

/* What an import has set aside stays so. */
static bool set_cause(struct record_sample *sample, const char *name)
{
    if (sample->excluded_by != NULL && !is_ours(sample->excluded_by))
        return true;
    free(sample->excluded_by);
    sample->excluded_by = name != NULL ? strdup(name) : NULL;
    return name == NULL || sample->excluded_by != NULL;
}

static bool mark(struct record *record, const struct machine *machine,
                 const struct tally *tallies)
{
    for (size_t i = 0; i < record->sample_count; i++) {
        struct record_sample *sample = &record->samples[i];
        struct question question = question_of(record, machine, sample);
        size_t cause = has_time(sample)
                           ? cause_of(&question, &tallies[sample->case_index])
                           : EXCLUSION_CAUSES;

        if (!set_cause(sample,
                       cause < EXCLUSION_CAUSES ? causes[cause].name : NULL))
            return false;
    }
    return true;
}

static bool is_named(const struct facts *run, const char *name)
{
    for (size_t i = 0; i < facts_count(run, NOT_QUIET_FACT); i++)
        if (strcmp(facts_text_at(run, NOT_QUIET_FACT, i, ""), name) == 0)
            return true;
    return false;
}

/* A run that looks at itself on the way asks again: what it was is no more. */
static bool name_causes(struct record *record, const struct tally *tallies)
{
    if (facts_count(record->run, NOT_QUIET_FACT) > 0 &&
        !facts_set_text(record->run, NOT_QUIET_FACT, NULL))
        return false;
    for (size_t k = 0; k < EXCLUSION_CAUSES; k++)
        for (size_t i = 0; i < record->case_count; i++)
            if (is_too_often(&tallies[i], k) &&
                !is_named(record->run, causes[k].name) &&
                !facts_add_text(record->run, NOT_QUIET_FACT, causes[k].name))
                return false;
    return true;
}

bool exclusion_apply(struct record *record)
{
    struct tally *tallies = calloc(record->case_count + 1, sizeof *tallies);
    struct machine machine;
    bool is_done = tallies != NULL && describe(record, &machine);

    if (is_done) {
        count_hits(record, &machine, tallies);
        is_done =
            mark(record, &machine, tallies) && name_causes(record, tallies);
    }
    free(tallies);
    return is_done;
}

size_t exclusion_count(const struct record *record, const char *workload,
                       size_t counts[EXCLUSION_CAUSES])
{
    struct machine machine;
    size_t all = 0;

    memset(counts, 0, EXCLUSION_CAUSES * sizeof *counts);
    if (!describe(record, &machine))
        return 0;
    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        struct question question;

        if (!has_time(sample) ||
            strcmp(record->cases[sample->case_index].workload, workload) != 0)
            continue;
        question = question_of(record, &machine, sample);
        all++;
        for (size_t k = 0; k < EXCLUSION_CAUSES; k++)
            counts[k] += causes[k].is_it(&question) ? 1 : 0;
    }
    return all;
}
