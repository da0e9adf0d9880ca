/* SPDX-License-Identifier: MIT */
/*
 * The table of results. A speed-up is over one worker of the same backend where
 * that was measured, else over serial; the last column says which, since a
 * speed-up without its base says nothing.
 */
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "findings.h"
#include "number.h"
#include "quantity.h"
#include "say.h"

/* What this case's speed-up is over; NO_CASE: nothing was measured for it. */
static size_t base_of(const struct record *record, size_t index)
{
    const struct record_case *one = &record->cases[index];
    size_t base = NO_CASE;

    if (one->workers > 1)
        base = record_find_case(record, one->workload, one->backend, 1);
    if (base == NO_CASE || record->cases[base].status != CASE_MEASURED)
        base = record_serial_case(record, one->workload, one->backend);
    return base == index ? NO_CASE : base;
}

static bool base_is_own(const struct record *record, size_t index, size_t base)
{
    return strcmp(record->cases[base].backend, record->cases[index].backend) ==
           0;
}

static void print_speedup(const struct record *record, size_t index)
{
    size_t base = base_of(record, index);
    const struct record_summary *speedup;
    const char *over;
    char interval[40] = "", value[16], low[16], high[16];

    if (base == NO_CASE)
        return;
    speedup = record_find_summary(record, index, "speedup_ratio", base);
    if (speedup == NULL || !isfinite(speedup->estimate))
        return;
    if (isfinite(speedup->ci95[0]) && isfinite(speedup->ci95[1]))
        snprintf(interval, sizeof interval, "[%s, %s]",
                 number_format_decimals(speedup->ci95[0], 2, low),
                 number_format_decimals(speedup->ci95[1], 2, high));
    printf(" %7sx %-16s ", number_format_decimals(speedup->estimate, 2, value),
           interval);
    over = base_is_own(record, index, base) ? "1 worker"
                                            : record->cases[base].backend;
    say_text(over, strlen(over));
}

/* Of an open loop, in place of speed-ups. */
static void print_latency(const struct record *record, size_t index,
                          const char *metric)
{
    const struct record_summary *summary =
        record_find_summary(record, index, metric, NO_CASE);
    char text[32];

    if (summary == NULL || !isfinite(summary->estimate)) {
        printf(" %9s", "-");
        return;
    }
    quantity_text(text, sizeof text, QUANTITY_SECONDS, summary->estimate);
    printf(" %9s", text);
}

/* How late the generator was at most. */
static void print_lateness(const struct record *record, size_t index)
{
    double late_s = -1;
    char text[32];

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        if (sample->case_index == index && !sample->warmup &&
            sample->latency.n > 0 && sample->latency.late_max_s > late_s)
            late_s = sample->latency.late_max_s;
    }
    if (late_s >= 0) {
        quantity_text(text, sizeof text, QUANTITY_SECONDS, late_s);
        printf(" %10s", text);
    }
}

static void print_latencies(const struct record *record, size_t index)
{
    print_latency(record, index, "latency_p50_s");
    print_latency(record, index, "latency_p90_s");
    print_latency(record, index, "latency_p99_s");
    print_lateness(record, index);
}

static bool is_open_loop(const struct record *record)
{
    return findings_rate(record) > 0;
}

enum { WORKLOAD_MOST = 17, WHY_MOST = 40 };

/* How wide the columns of words are. */
struct widths {
    size_t workload;
    size_t backend;
};

static void print_case(const struct record *record, size_t index,
                       struct widths widths)
{
    const struct record_case *one = &record->cases[index];
    const struct record_summary *throughput =
        record_find_summary(record, index, "throughput_per_s", NO_CASE);
    char workload[4 * WORKLOAD_MOST + 1], backend[4 * TABLE_BACKEND_MOST + 1];
    char why[4 * WHY_MOST + 1], rate[16];

    printf("%s %s %7zu",
           say_cell(one->workload, widths.workload, widths.workload, workload),
           say_cell(one->backend, widths.backend, widths.backend, backend),
           one->workers);
    if (one->status != CASE_MEASURED) {
        printf(" %s: %s\n", one->status == CASE_FAILED ? "failed" : "skipped",
               say_cell(one->reason ? one->reason : "", 0, WHY_MOST, why));
        return;
    }
    if (throughput == NULL) {
        printf("  not measured\n");
        return;
    }
    printf(" %10s", number_format(throughput->estimate, rate));
    if (is_open_loop(record))
        print_latencies(record, index);
    else
        print_speedup(record, index);
    putchar('\n');
}

static size_t widened(size_t width, const char *text, size_t most)
{
    size_t length = say_width(text);

    if (length > most)
        return most;
    return length > width ? length : width;
}

size_t table_backend_width(const struct record *record)
{
    size_t width = TABLE_BACKEND_LEAST;

    for (size_t i = 0; i < record->case_count; i++)
        width = widened(width, record->cases[i].backend, TABLE_BACKEND_MOST);
    return width;
}

/* Workloads so wide that lengths of a task can be told apart within 80
 * columns ("sum_squares@100us"). */
static struct widths find_widths(const struct record *record)
{
    struct widths widths = {.workload = 14,
                            .backend = table_backend_width(record)};

    for (size_t i = 0; i < record->case_count; i++)
        widths.workload =
            widened(widths.workload, record->cases[i].workload, WORKLOAD_MOST);
    return widths;
}

void table_print(const struct record *record)
{
    struct widths widths = find_widths(record);

    if (is_open_loop(record)) {
        printf("%-*s %-*s %7s %10s %9s %9s %9s %10s\n", (int)widths.workload,
               "workload", (int)widths.backend, "backend", "workers", "tasks/s",
               "p50", "p90", "p99", "late up to");
        for (size_t i = 0; i < record->case_count; i++)
            print_case(record, i, widths);
        return;
    }
    printf("%-*s %-*s %7s %10s %8s %-16s %s\n", (int)widths.workload,
           "workload", (int)widths.backend, "backend", "workers", "tasks/s",
           "speed-up", "95 % interval", "over");
    for (size_t i = 0; i < record->case_count; i++)
        print_case(record, i, widths);
}

void table_sentence(const char *label, const char *sentence)
{
    const size_t width = 79;
    size_t indent = label[0] == ' ' ? strlen(label) : 4;
    size_t used = strlen(label);

    fputs(label, stdout);
    while (isatty(STDOUT_FILENO) && used + strlen(sentence) > width) {
        size_t length = width - used;

        while (length > 0 && sentence[length] != ' ')
            length--;
        if (length == 0)
            break; /* a word longer than the line */
        say_text(sentence, length);
        printf("\n%*s", (int)indent, "");
        sentence += length + 1;
        used = indent;
    }
    say_text(sentence, strlen(sentence));
    putchar('\n');
}
