/* SPDX-License-Identifier: MIT */
/*
 * The answer of an open loop. Throughput is the rate at which tasks came where
 * workers keep up, so that nothing is over anything; what differs is how long a
 * task took from its intended start. Where workers do not keep up tasks queue,
 * and the latency says that as well.
 */
#include "findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "quantity.h"
#include "summarize.h"

enum { NAME_CHARS = 40, NAME_TEXT = 4 * NAME_CHARS + 4 };

double findings_rate(const struct record *record)
{
    return facts_number(record->run, RATE_FACT, 0);
}

static double estimate_of(const struct record *record, size_t case_index,
                          const char *metric)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, metric, NO_CASE);

    return summary != NULL ? summary->estimate : NAN;
}

/*
 * What has come and is not done when the last of n tasks comes is n (1 - X /
 * rate). Workers that keep up have at most one each in hand; and where tasks
 * come by chance their number varies by its root (Poisson), of which three are
 * allowed. Below 5 % it may be the last task's own time.
 */
bool findings_is_queueing(const struct record *record, size_t case_index)
{
    const struct record_case *one = &record->cases[case_index];
    double tasks = (double)one->tasks;
    double kept = estimate_of(record, case_index, "throughput_per_s") /
                  findings_rate(record);

    return kept < 0.95 &&
           tasks * (1 - kept) > (double)one->workers + 3 * sqrt(tasks);
}

/* The fewest workers within 5 % of the workload's shortest; NO_CASE: none has
 * that metric. */
static size_t choose_case(const struct record *record, const char *workload,
                          const char *metric)
{
    static const double within = 0.95;
    double shortest = INFINITY;
    size_t chosen = NO_CASE;

    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, workload) == 0)
            shortest = fmin(shortest, estimate_of(record, i, metric));
    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, workload) == 0 &&
            within * estimate_of(record, i, metric) <= shortest &&
            (chosen == NO_CASE ||
             record->cases[i].workers < record->cases[chosen].workers))
            chosen = i;
    return chosen;
}

/* Appends "; 99 % within 1.53 ms [1.50, 1.61]": the blocks' median where that
 * has an interval, else of all tasks. The last one is the headline. */
static void append_latency(const struct record *record, size_t case_index,
                           const char *metric, const char *share,
                           struct finding *finding)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, metric, NO_CASE);
    size_t used = strlen(finding->text);
    bool has_median;
    char value[96];

    if (summary == NULL || !isfinite(summary->estimate))
        return;
    has_median = isfinite(summary->median_ci95[0]);
    quantity_interval_text(value, sizeof value, QUANTITY_SECONDS,
                           has_median ? summary->median : summary->estimate,
                           summary->median_ci95);
    quantity_text(finding->headline, sizeof finding->headline, QUANTITY_SECONDS,
                  has_median ? summary->median : summary->estimate);
    snprintf(finding->text + used, sizeof finding->text - used,
             "; %s within %s", share, value);
}

bool findings_open_loop(const struct record *record, size_t workload,
                        struct finding *finding)
{
    static const char *const highest[][2] = {{"latency_p99_s", "99 %"},
                                             {"latency_p90_s", "90 %"}};
    const char *id = record->workloads[workload].id;
    size_t chosen = NO_CASE, i = 0;
    const struct record_summary *done;
    char name[NAME_TEXT], workers[NAME_TEXT + 24], rate[96];

    while (i < 2 &&
           (chosen = choose_case(record, id, highest[i][0])) == NO_CASE)
        i++;
    if (chosen == NO_CASE)
        chosen = choose_case(record, id, "latency_p50_s");
    if (chosen == NO_CASE) /* too few tasks for any */
        chosen = choose_case(record, id, "elapsed_s");
    if (chosen == NO_CASE)
        return false;
    done = record_find_summary(record, chosen, "throughput_per_s", NO_CASE);
    if (done == NULL)
        return false;
    findings_plain(name, sizeof name, id, NAME_CHARS);
    findings_workers(workers, sizeof workers, record->cases[chosen].backend,
                     record->cases[chosen].workers);
    quantity_interval_text(rate, sizeof rate, QUANTITY_RATE, done->estimate,
                           done->ci95);
    snprintf(finding->text, sizeof finding->text,
             "%s: %s, %s of %.4g /s that came", name, workers, rate,
             findings_rate(record));
    quantity_text(finding->headline, sizeof finding->headline, QUANTITY_RATE,
                  done->estimate);
    append_latency(record, chosen, "latency_p50_s", "half of tasks", finding);
    if (i < 2)
        append_latency(record, chosen, highest[i][0], highest[i][1], finding);
    return true;
}
