/* SPDX-License-Identifier: MIT */
/*
 * `cfbench compare` says, `cfbench gate` decides: the same table, made here from
 * two stored records, with --vs from a run of both sides (versus.c). Only
 * "slower" fails the gate; what cannot be told is said to be inconclusive, with
 * what these records could have seen.
 */
#include "commands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare_records.h"
#include "findings.h"
#include "flags.h"
#include "number.h"
#include "say.h"
#include "table.h"
#include "versus.h"
#include "versus_flags.h"

struct request {
    const char *paths[2]; /* before, after */
    size_t path_count;
    struct versus_options options;
    bool is_gate;
};

static bool take_word(const char *word, struct request *request)
{
    size_t most = request->is_gate ? 1 : 2;

    if (request->path_count == most) {
        say_trouble("%.60s: one record too many", word);
        return false;
    }
    request->paths[request->path_count++] = word;
    return true;
}

/* Are the two records named? Puts the older first. */
static bool check(struct request *request)
{
    if (request->is_gate) {
        if (request->path_count == 1 && request->options.baseline != NULL) {
            request->paths[1] = request->paths[0];
            request->paths[0] = request->options.baseline;
            return true;
        }
        say_trouble("gate: needs NEW.json and --baseline OLD.json, or --vs");
        return false;
    }
    if (request->path_count == 2)
        return true;
    say_trouble("compare: needs OLD.json and NEW.json, or --vs");
    return false;
}

/* --- the table --- */

/* `width` is that of the backends' column. */
static void print_match(const struct record *before, size_t width,
                        const struct record_match *one)
{
    const struct record_case *old_case = &before->cases[one->old_case];
    enum { WORKLOAD = 14 };
    char workload[4 * WORKLOAD + 1], backend[4 * TABLE_BACKEND_MOST + 1];
    char interval[40] = "-", needed[32] = "", time[32] = "-", sees[32] = "-";
    char low[16], high[16];

    if (!isnan(one->ratio.value))
        snprintf(time, sizeof time, "%sx",
                 number_format_decimals(one->ratio.value, 3, low));
    if (!isnan(one->detectable_slower))
        snprintf(sees, sizeof sees, "%s %%",
                 number_format_decimals(100 * one->detectable_slower, 1, low));
    if (!isnan(one->ratio.low))
        snprintf(interval, sizeof interval, "[%s, %s]",
                 number_format_decimals(one->ratio.low, 3, low),
                 number_format_decimals(one->ratio.high, 3, high));
    if (!isnan(one->verdict.blocks_needed))
        snprintf(needed, sizeof needed, ", about %.0f blocks",
                 one->verdict.blocks_needed);
    printf("%s %s %4zu %8s %-16s %7s  %s%s\n",
           say_cell(old_case->workload, WORKLOAD, WORKLOAD, workload),
           say_cell(old_case->backend, width, width, backend),
           old_case->workers, time, interval, sees, one->verdict.word, needed);
}

static size_t count_of(const struct record_matches *matches, const char *word)
{
    size_t count = 0;

    for (size_t i = 0; i < matches->count; i++)
        count += strcmp(matches->list[i].verdict.word, word) == 0;
    return count;
}

static void print_table(const struct record *before,
                        const struct record_matches *matches, double threshold)
{
    size_t width = table_backend_width(before);

    printf("%-14s %-*s %4s %8s %-16s %7s  %s\n", "workload", (int)width,
           "backend", "n", "time", "95 % interval", "sees", "verdict");
    for (size_t i = 0; i < matches->count; i++)
        print_match(before, width, &matches->list[i]);
    printf("\n%zu slower, %zu faster, %zu equivalent, %zu inconclusive, beyond "
           "%g %%\n%s\n",
           count_of(matches, "slower"), count_of(matches, "faster"),
           count_of(matches, "equivalent"), count_of(matches, "inconclusive"),
           100 * threshold,
           matches->list[0].is_paired
               ? "paired: both are of one run"
               : "not paired: a record stored earlier is a weak baseline");
    printf("time: of a task, new over old; sees: the slowdown called slower 4 "
           "times in 5\n");
}

enum { DIFFERENCE_BYTES = 512 };

/* ": sleep has ms=1, not ms=20"; "" where no parameter is known to differ. */
static const char *put_difference(char text[DIFFERENCE_BYTES],
                                  const struct record_matches *matches)
{
    const struct record_difference *one = &matches->difference;

    text[0] = '\0';
    if (one->name == NULL)
        return text;
    if (one->old_value == NULL)
        snprintf(text, DIFFERENCE_BYTES, ": %.60s has %.60s=%.100s, not none",
                 one->workload, one->name, one->new_value);
    else if (one->new_value == NULL)
        snprintf(text, DIFFERENCE_BYTES, ": %.60s has no %.60s, not %.100s",
                 one->workload, one->name, one->old_value);
    else
        snprintf(text, DIFFERENCE_BYTES, ": %.60s has %.60s=%.100s, not %.100s",
                 one->workload, one->name, one->new_value, one->old_value);
    return text;
}

/* "AMD EPYC, 2 usable CPUs"; false: the record does not say */
static bool put_machine(char *text, size_t text_bytes,
                        const struct record *record)
{
    const char *model = facts_text(record->env, "cpu.model", "");
    double usable = facts_number(record->env, "cpu.usable", NAN);
    double quota = facts_number(record->env, "cpu.quota_cpus", NAN);
    int length = snprintf(text, text_bytes, "%.60s, %.4g usable CPU%s", model,
                          usable, usable == 1 ? "" : "s");

    if (quota > 0)
        snprintf(text + length, text_bytes - (size_t)length,
                 ", a quota of %.3g", quota);
    return model[0] != '\0' && usable >= 1;
}

/* A host's name may be another one in each container; its CPUs are what counts. */
static void warn_of_machines(const struct record *before,
                             const struct record *after)
{
    char old[160], new[160];

    if (put_machine(old, sizeof old, before) &&
        put_machine(new, sizeof new, after) && strcmp(old, new) != 0)
        say_warning("not of the same machine: old %s; new %s: the difference "
                    "may be theirs",
                    old, new);
}

static void warn(const struct record_matches *matches, double threshold)
{
    double worst = 0;
    char percent[16], difference[DIFFERENCE_BYTES];

    for (size_t i = 0; i < matches->count; i++)
        worst = fmax(worst, matches->list[i].detectable_change);
    if (worst > threshold)
        say_warning("a change below %s %% is not seen everywhere: the "
                    "threshold of %g %% is below what these records can tell",
                    number_format_decimals(100 * worst, 1, percent),
                    100 * threshold);
    if (matches->unmatched > 0)
        say_warning("%zu case%s of the older record %s not in the newer, or "
                    "not with the same parameters%s",
                    matches->unmatched, say_plural(matches->unmatched),
                    matches->unmatched == 1 ? "is" : "are",
                    put_difference(difference, matches));
}

static int judge(const struct request *request,
                 const struct record_matches *matches)
{
    if (!request->is_gate)
        return EXIT_FINE;
    if (count_of(matches, "slower") > 0)
        return EXIT_SLOWER;
    /* what the newer record lacks may have become slower, or be renamed */
    return request->options.is_strict &&
                   (count_of(matches, "inconclusive") > 0 ||
                    matches->unmatched > 0)
               ? EXIT_INCONCLUSIVE
               : EXIT_FINE;
}

/* A case that was measured before and has failed now is no "not slower". */
static bool has_new_failure(const struct record *before,
                            const struct record *after)
{
    for (size_t i = 0; i < after->case_count; i++) {
        const struct record_case *one = &after->cases[i];
        size_t old_case;

        if (one->status != CASE_FAILED)
            continue;
        old_case =
            record_find_case(before, one->workload, one->backend, one->workers);
        if (old_case != NO_CASE &&
            before->cases[old_case].status == CASE_MEASURED) {
            say_trouble("%.60s on %.30s with %zu worker%s: failed in the newer "
                        "record",
                        one->workload, one->backend, one->workers,
                        say_plural(one->workers));
            return true;
        }
    }
    return false;
}

/* Has any case a time in both records? Where none has there is no verdict, and
 * "inconclusive" would pass a gate. */
static bool has_ratio(const struct record_matches *matches)
{
    for (size_t i = 0; i < matches->count; i++)
        if (!isnan(matches->list[i].ratio.value))
            return true;
    return false;
}

static int compare_both(const struct request *request,
                        const struct record *before, const struct record *after)
{
    struct record_matches matches;
    char difference[DIFFERENCE_BYTES];
    int code = EXIT_TROUBLE;

    if (!compare_records(before, after, request->options.threshold, &matches))
        say_trouble("compare: no memory");
    else if (matches.count == 0)
        say_trouble("%.200s: has no case in common with %.200s%s",
                    request->paths[1], request->paths[0],
                    put_difference(difference, &matches));
    else {
        print_table(before, &matches, request->options.threshold);
        warn_of_machines(before, after);
        warn(&matches, request->options.threshold);
        code = judge(request, &matches);
        if (request->is_gate && has_new_failure(before, after))
            code = EXIT_TROUBLE;
        else if (request->is_gate && !has_ratio(&matches))
            code = say_trouble("%.200s: no case has a time in it and in "
                               "%.200s: nothing was judged",
                               request->paths[1], request->paths[0]);
    }
    compare_records_finish(&matches);
    return code;
}

/* Of an open loop the rate of arrival would be judged. */
static bool has_times(const struct request *request, const char *path,
                      const struct record *record)
{
    if (!(findings_rate(record) > 0))
        return true;
    say_trouble("%s: %.200s: measured with --rate: its throughput is what "
                "came; its latencies are in cfbench report",
                request->is_gate ? "gate" : "compare", path);
    return false;
}

static int carry_out(struct request *request)
{
    struct record *records[2] = {NULL, NULL};
    struct record_error error;
    int code = EXIT_TROUBLE;

    for (int i = 0; i < 2; i++)
        if ((records[i] = record_read(request->paths[i], &error)) == NULL) {
            say_trouble("%s", error.text);
            goto destroy_records;
        }
    if (has_times(request, request->paths[0], records[0]) &&
        has_times(request, request->paths[1], records[1]))
        code = compare_both(request, records[0], records[1]);
destroy_records:
    record_destroy(records[0]);
    record_destroy(records[1]);
    return code;
}

static int read_request(int argc, char **argv, struct request *request)
{
    struct flag_reader reader = {.table = versus_flags_of(argv[0]),
                                 .argc = argc,
                                 .argv = argv,
                                 .next = 1};

    versus_flags_defaults(&request->options);
    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (!take_word(reader.value, request))
                return EXIT_TROUBLE;
            break;
        case FLAG_GIVEN:
            if (!versus_flags_take(reader.flag, reader.value,
                                   &request->options))
                return EXIT_TROUBLE;
            break;
        case FLAG_HELP:
            versus_flags_help(argv[0]);
            return EXIT_FINE;
        case FLAG_WRONG:
            return EXIT_TROUBLE;
        case FLAG_END:
            return check(request) ? carry_out(request) : EXIT_TROUBLE;
        }
    }
}

int compare_command(int argc, char **argv)
{
    struct request request = {.is_gate = false};

    return versus_is_asked(argc, argv) ? versus_command(argc, argv)
                                       : read_request(argc, argv, &request);
}

int gate_command(int argc, char **argv)
{
    struct request request = {.is_gate = true};

    return versus_is_asked(argc, argv) ? versus_command(argc, argv)
                                       : read_request(argc, argv, &request);
}
