/* SPDX-License-Identifier: MIT */
/*
 * What to note. A closed list: each kind of doubt is one function, which adds
 * a line or nothing, the gravest first.
 */
#include "findings.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "changepoints.h"
#include "exclusion.h"
#include "summarize.h"

enum { BLOCKS_FOR_MEDIAN = 6, REASON_CHARS_MAX = 120 };

static const double WIDE_RATIO = 0.1;
static const double ROUNDING = 1e-6; /* and less is no width of an interval */

typedef bool (*note_function)(const struct record *record,
                              struct findings *findings);

static bool add(struct findings *findings, const char *text)
{
    struct finding *finding = findings_add(findings, SIZE_MAX);

    if (finding == NULL)
        return false;
    snprintf(finding->text, sizeof finding->text, "%s", text);
    return true;
}

static bool note_partial(const struct record *record, struct findings *findings)
{
    if (!record->from_journal && !facts_bool(record->run, "partial", false))
        return true;
    return add(findings, "The run did not come to its end: what follows rests "
                         "on the blocks it finished.");
}

/* How many cases have that status; `reason` is the first one's. */
static size_t count_cases(const struct record *record,
                          enum record_status status, const char **reason)
{
    size_t count = 0;

    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == status && count++ == 0)
            *reason = record->cases[i].reason;
    return count;
}

static bool note_cases(const struct record *record, struct findings *findings)
{
    static const struct {
        enum record_status status;
        const char *verb;
    } kinds[] = {{CASE_FAILED, "failed"}, {CASE_SKIPPED, "skipped"}};

    for (size_t i = 0; i < 2; i++) {
        const char *reason = NULL;
        size_t count = count_cases(record, kinds[i].status, &reason);
        char why[200], text[400];
        if (count == 0)
            continue;
        findings_plain(why, sizeof why, reason == NULL ? "no reason" : reason,
                       160);
        snprintf(text, sizeof text, "%zu of %zu cases %s: %s.", count,
                 record->case_count, kinds[i].verb, why);
        if (!add(findings, text))
            return false;
    }
    return true;
}

static bool note_samples(const struct record *record, struct findings *findings)
{
    size_t wrong = 0, excluded = 0;
    char text[200];

    for (size_t i = 0; i < record->sample_count; i++) {
        wrong += !record->samples[i].verified;
        excluded += record->samples[i].excluded_by != NULL;
    }
    snprintf(text, sizeof text,
             "%zu of %zu samples gave a wrong or no result; they have no time.",
             wrong, record->sample_count);
    if (wrong > 0 && !add(findings, text))
        return false;
    snprintf(text, sizeof text,
             "%zu of %zu samples were set aside for a cause named beforehand; "
             "they stay in the record.",
             excluded, record->sample_count);
    return excluded == 0 || add(findings, text);
}

/* The samples count all the same: see exclusion.h. */
static bool note_not_quiet(const struct record *record,
                           struct findings *findings)
{
    size_t count = facts_count(record->run, NOT_QUIET_FACT);

    for (size_t i = 0; i < count; i++) {
        const char *cause = facts_text_at(record->run, NOT_QUIET_FACT, i, "?");
        char name[40], words[80], text[300];

        findings_plain(name, sizeof name, cause, 30);
        findings_plain(words, sizeof words, exclusion_words(cause), 60);
        snprintf(text, sizeof text,
                 "Machine not quiet: %s (%s) in over a quarter of a case's "
                 "samples, so none of it was set aside for that; measure "
                 "again when it is quiet.",
                 name, words);
        if (!add(findings, text))
            return false;
    }
    return true;
}

/* What an open loop's numbers mean, and whether its generator kept up. */
static bool note_rate(const struct record *record, struct findings *findings)
{
    double rate = findings_rate(record);
    size_t late = 0, count = 0, used;
    char text[300];

    if (!(rate > 0))
        return true;
    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_latency *latency = &record->samples[i].latency;

        if (record->samples[i].warmup || latency->n == 0)
            continue;
        count++;
        late += latency->late_max_s > 0.1 * latency->p50_s;
    }
    used = (size_t)snprintf(
        text, sizeof text,
        "Open loop: %.4g tasks came a second, whatever the workers did; "
        "latencies are from the intended start.",
        rate);
    if (late > 0)
        snprintf(text + used, sizeof text - used,
                 " In %zu of %zu samples the generator was late by over a "
                 "tenth of the median, which is in them.",
                 late, count);
    return add(findings, text);
}

/* A latency of tasks that queue is one of the sample's length. */
static bool note_queues(const struct record *record, struct findings *findings)
{
    size_t queueing = 0, measured = 0;
    char text[200];

    if (!(findings_rate(record) > 0))
        return true;
    for (size_t i = 0; i < record->case_count; i++) {
        if (record->cases[i].status != CASE_MEASURED)
            continue;
        measured++;
        queueing += findings_is_queueing(record, i);
    }
    if (queueing == 0)
        return true;
    snprintf(text, sizeof text,
             "Not kept up with: in %zu of %zu cases more tasks came than were "
             "done, so that they queue; such latencies grow with --tasks.",
             queueing, measured);
    return add(findings, text);
}

/* What `--warmup auto` has found. */
static bool note_warmup(const struct record *record, struct findings *findings)
{
    static const enum steadiness kinds[] = {STEADY_AFTER_WARMUP,
                                            STEADY_AFTER_SLOWDOWN, STEADY_NEVER,
                                            STEADY_NOT_EXAMINED};
    size_t pilots = facts_count(record->run, "warmup_pilots");
    size_t counts[4] = {0}, flat = pilots;
    char text[300];

    if (pilots == 0)
        return true;
    for (size_t i = 0; i < pilots; i++) {
        const struct facts *pilot =
            facts_object_at(record->run, "warmup_pilots", i);
        const char *name = facts_text(pilot, "steadiness", "");

        for (size_t k = 0; k < 4; k++)
            if (strcmp(name, steadiness_name(kinds[k])) == 0) {
                counts[k]++;
                flat--;
            }
    }
    snprintf(text, sizeof text,
             "Warm-up: %.0f batches before each timed one are not counted; of "
             "%zu pilots %zu were flat, %zu warmed up, %zu slowed down, %zu "
             "had no steady state, %zu were too short (warm-up not examined).",
             facts_number(record->run, "warmup", 0), pilots, flat, counts[0],
             counts[1], counts[2], counts[3]);
    return add(findings, text);
}

static bool is_throughput(const struct record_summary *summary)
{
    return strcmp(summary->metric, "throughput_per_s") == 0;
}

/* Of the cases: two of them may well have no block in common. */
static bool note_blocks(const struct record *record, struct findings *findings)
{
    size_t least = SIZE_MAX;
    char text[200];

    for (size_t i = 0; i < record->summary_count; i++)
        if (is_throughput(&record->summaries[i]) &&
            record->summaries[i].block_count < least)
            least = record->summaries[i].block_count;
    if (least >= BLOCKS_FOR_MEDIAN)
        return true;
    snprintf(text, sizeof text,
             "Few blocks: %zu at least. A median has an interval from six.",
             least);
    return add(findings, text);
}

/* Is the throughput known no better than within a tenth? */
static bool is_wide(const struct record_summary *summary)
{
    return is_throughput(summary) &&
           sqrt(summary->ci95[1] / summary->ci95[0]) > 1 + WIDE_RATIO;
}

static bool note_width(const struct record *record, struct findings *findings)
{
    size_t wide = 0;
    char text[200];

    for (size_t i = 0; i < record->summary_count; i++)
        wide += is_wide(&record->summaries[i]);
    if (wide == 0)
        return true;
    snprintf(text, sizeof text,
             "Wide intervals: the throughput of %zu of %zu cases is not known "
             "to within %.0f %%; more blocks or a quieter machine would tell.",
             wide, record->case_count, 100 * WIDE_RATIO);
    return add(findings, text);
}

/* Do the interval of the mean and that of the median tell different stories? */
static bool is_skewed(const struct record_summary *summary)
{
    double mean = log(summary->ci95[1] / summary->ci95[0]);
    double median = log(summary->median_ci95[1] / summary->median_ci95[0]);

    return is_throughput(summary) && fmax(mean, median) > ROUNDING &&
           (mean > 2 * median || median > 2 * mean);
}

static bool note_skew(const struct record *record, struct findings *findings)
{
    size_t skewed = 0;
    char text[200];

    for (size_t i = 0; i < record->summary_count; i++)
        skewed += is_skewed(&record->summaries[i]) ? 1 : 0;
    if (skewed == 0)
        return true;
    snprintf(text, sizeof text,
             "Skewed times: in %zu of %zu cases the intervals of mean and "
             "median differ in width by over a factor of two; the median's "
             "assumes less.",
             skewed, record->case_count);
    return add(findings, text);
}

static bool note_checks(const struct record *record, struct findings *findings)
{
    size_t count = facts_count(record->env, "checks");

    for (size_t i = 0; i < count; i++) {
        const struct facts *check = facts_object_at(record->env, "checks", i);
        struct finding *finding;
        if (check == NULL ||
            strcmp(facts_text(check, "level", "warn"), "warn") != 0)
            continue;
        finding = findings_add(findings, SIZE_MAX);
        if (finding == NULL)
            return false;
        char message[200], advice[200];
        findings_plain(message, sizeof message,
                       facts_text(check, "message", "?"), REASON_CHARS_MAX);
        findings_plain(advice, sizeof advice, facts_text(check, "advice", ""),
                       REASON_CHARS_MAX);
        message[0] = (char)toupper((unsigned char)message[0]);
        snprintf(finding->text, sizeof finding->text, "%s%s%s.", message,
                 advice[0] != '\0' ? "; " : "", advice);
    }
    return true;
}

/* Speed-ups of what is not interleaved have in them what moved the machine. */
static bool note_foreign(const struct record *record, struct findings *findings)
{
    for (size_t i = 0; i < record->summary_count; i++) {
        const char *method = record->summaries[i].method;
        if (method != NULL && strcmp(method, WELCH_METHOD) == 0)
            return add(findings,
                       "Measured by another tool, one case after the other: "
                       "what the machine did meanwhile is in each speed-up, "
                       "and in no interval.");
    }
    return true;
}

static bool note_sitting(const struct record *record, struct findings *findings)
{
    (void)record; /* a record is one sitting */
    return add(findings, "One sitting: a difference below 5 % may be another "
                         "one on another day.");
}

bool findings_notes(const struct record *record, struct findings *findings)
{
    static const note_function notes[] = {
        note_partial, note_cases,  note_not_quiet, note_samples, note_rate,
        note_queues,  note_warmup, note_blocks,    note_width,   note_skew,
        note_foreign, note_checks, note_sitting};

    *findings = (struct findings){0};
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (!notes[i](record, findings))
            return false;
    return true;
}
