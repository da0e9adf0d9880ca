/* SPDX-License-Identifier: MIT */
/*
 * Who won. A workload's comparisons all have the same case `a`, the one with
 * the best throughput; each says how it stands against the best case of
 * another backend. Where the interval allows no winner, none is named. The best
 * throughput is one over all blocks of a case: another case that was measured in
 * slow blocks, too, may be ahead of it in those that both have.
 */
#include "findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grain.h"
#include "quantity.h"
#include "sides.h"

static void append(struct finding *finding, const char *text)
{
    size_t used = strlen(finding->text);

    snprintf(finding->text + used, sizeof finding->text - used, "%s", text);
}

/* Those without a block in common, such as all of an import, say nothing. */
static const struct record_comparison *next_of(const struct record *record,
                                               const char *workload, size_t *i)
{
    for (; *i < record->comparison_count; ++*i) {
        const struct record_comparison *one = &record->comparisons[*i];
        if (one->verdict != NULL && !isnan(one->ratio) &&
            strcmp(one->metric, "elapsed_s") == 0 && !sides_are(record, one) &&
            strcmp(record->cases[one->a].workload, workload) == 0)
            return &record->comparisons[(*i)++];
    }
    return NULL;
}

/* "1 thread under a GIL, 1.97x [1.95, 1.99] its time" */
static void append_other(const struct record *record,
                         const struct record_comparison *one,
                         struct finding *finding)
{
    const struct record_case *other = &record->cases[one->b];
    char workers[200], ratio[96], text[400];

    findings_workers(workers, sizeof workers, other->backend, other->workers);
    quantity_interval_text(
        ratio, sizeof ratio, QUANTITY_RATIO, 1 / one->ratio,
        (const double[]){1 / one->ci95[1], 1 / one->ci95[0]});
    snprintf(text, sizeof text, "%s, %s its time", workers, ratio);
    append(finding, text);
}

/* One sentence for all that came out alike: " Slower: this; that." */
static void append_verdict(const struct record *record, const char *workload,
                           const char *verdict, const char *heading,
                           struct finding *finding)
{
    const struct record_comparison *one;
    bool first = true;
    size_t i = 0;

    while ((one = next_of(record, workload, &i)) != NULL) {
        if (strcmp(one->verdict, verdict) != 0)
            continue;
        append(finding, first ? heading : "; ");
        append_other(record, one, finding);
        first = false;
    }
    if (!first)
        append(finding, ".");
}

/* Begins a sentence with the best case and its throughput. */
static void append_best(const struct record *record, size_t best,
                        struct finding *finding)
{
    const struct record_case *one = &record->cases[best];
    const struct record_summary *summary =
        record_find_summary(record, best, "throughput_per_s", NO_CASE);
    char workers[200], rate[96];

    findings_workers(workers, sizeof workers, one->backend, one->workers);
    append(finding, "Best measured: ");
    append(finding, workers);
    if (summary == NULL)
        return;
    quantity_interval_text(rate, sizeof rate, QUANTITY_RATE, summary->estimate,
                           summary->ci95);
    append(finding, ", ");
    append(finding, rate);
}

bool findings_fastest(const struct record *record, size_t workload,
                      struct finding *finding)
{
    const char *id = record->workloads[workload].id;
    size_t i = 0;
    const struct record_comparison *one = next_of(record, id, &i);
    char heading[64];

    *finding = (struct finding){.workload = workload};
    if (one == NULL)
        return false;
    append_best(record, one->a, finding);
    append(finding, ".");
    snprintf(heading, sizeof heading,
             " As fast within %.0f %%: ", 100 * one->delta_ratio);
    append_verdict(record, id, "equivalent", heading, finding);
    append_verdict(record, id, "inconclusive", " Not told apart: ", finding);
    append_verdict(record, id, "faster", " Slower: ", finding);
    append_verdict(record, id, "slower",
                   " Faster in the blocks that both have: ", finding);
    return true;
}

static bool is_serial(const struct record *record, size_t case_index)
{
    return strcmp(record->cases[case_index].backend, "serial") == 0;
}

/* Does `one` compare with a closer rival than `nearest` (NULL: none yet)? */
static bool is_nearer(const struct record *record,
                      const struct record_comparison *one,
                      const struct record_comparison *nearest)
{
    if (nearest == NULL)
        return true;
    bool serial = is_serial(record, one->b);
    if (serial != is_serial(record, nearest->b))
        return !serial;
    return one->ratio > nearest->ratio;
}

/* Of the other, whose comparison is the best's with it. */
static const char *verdict_words(const char *verdict)
{
    static const char *const words[][2] = {
        {"equivalent", "as good as equal"},
        {"inconclusive", "not told apart"},
        {"slower", "faster in the blocks that both have"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(verdict, words[i][0]) == 0)
            return words[i][1];
    return "slower";
}

bool findings_winner(const struct record *record, size_t workload,
                     struct finding *finding)
{
    const char *id = record->workloads[workload].id;
    const struct record_comparison *one, *nearest = NULL;
    size_t i = 0;

    *finding = (struct finding){.workload = workload};
    if (grain_is_of_lengths(record, workload))
        return false; /* one length of several */
    while ((one = next_of(record, id, &i)) != NULL)
        if (is_nearer(record, one, nearest))
            nearest = one;
    if (nearest == NULL)
        return false;
    append_best(record, nearest->a, finding);
    append(finding, "; next ");
    append_other(record, nearest, finding);
    append(finding, " (");
    append(finding, verdict_words(nearest->verdict));
    append(finding, ").");
    return true;
}
