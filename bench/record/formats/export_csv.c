/* SPDX-License-Identifier: MIT */
/*
 * A long table: a row for each sample, those that enter no statistic too
 * (counts says which do). RFC 4180. A text that a spreadsheet would take for a
 * formula, since it begins with = + - @ or a tab, gets an apostrophe before it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

static const char header[] =
    "workload,backend,workers,case,block,position,iteration,warmup,counts,"
    "tasks,elapsed_s,throughput_per_s,submit_s,pool_create_s,pool_destroy_s,"
    "cpu_user_s,cpu_sys_s,peak_rss_bytes,verified,excluded_by,reason\n";

/* Would a reader take it for more than one text, a comment, or cut it? */
static bool needs_quotes(const char *text)
{
    return strpbrk(text, ",\"\r\n\t") != NULL || text[0] == '#' ||
           text[0] == ' ' || text[strlen(text) - 1] == ' ';
}

static void write_text(FILE *out, const char *text)
{
    bool is_formula;

    if (text == NULL || text[0] == '\0')
        return;
    is_formula = strchr("=+-@\t\r", text[0]) != NULL;
    if (!is_formula && !needs_quotes(text)) {
        fputs(text, out);
        return;
    }
    fputs(is_formula ? "\"'" : "\"", out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
    }
    fputc('"', out);
}

static void write_number(FILE *out, double number)
{
    char text[JSON_NUMBER_BYTES];

    if (isfinite(number)) {
        json_print_number(text, number);
        fputs(text, out);
    }
    fputc(',', out);
}

static void write_sample(FILE *out, const struct record *record,
                         const struct record_sample *sample, bool counts)
{
    const struct record_case *one = &record->cases[sample->case_index];

    write_text(out, one->workload);
    fputc(',', out);
    write_text(out, one->backend);
    fprintf(out, ",%zu,", one->workers);
    write_text(out, one->id);
    fprintf(out, ",%zu,%zu,%zu,%s,%s,%zu,", sample->block, sample->position,
            sample->iteration, sample->warmup ? "true" : "false",
            counts ? "true" : "false", sample->tasks);
    write_number(out, sample->elapsed_s);
    write_number(out, (double)sample->tasks / sample->elapsed_s);
    write_number(out, sample->submit_s);
    write_number(out, sample->pool_create_s);
    write_number(out, sample->pool_destroy_s);
    write_number(out, sample->cpu_user_s);
    write_number(out, sample->cpu_sys_s);
    write_number(out, sample->peak_rss_bytes);
    fprintf(out, "%s,", sample->verified ? "true" : "false");
    write_text(out, sample->excluded_by);
    fputc(',', out);
    write_text(out, sample->reason);
    fputc('\n', out);
}

bool export_csv(FILE *out, const struct record *record)
{
    bool *counts = calloc(record->sample_count + 1, sizeof *counts);
    struct all_blocks all;

    fputs(header, out);
    if (counts == NULL || !blocks_collect(record, &all)) {
        free(counts);
        return false;
    }
    for (size_t i = 0; i < record->case_count; i++) {
        for (size_t k = 0; k < all.cases[i].sample_count; k++)
            counts[all.cases[i].samples[k]] = true;
    }
    for (size_t i = 0; i < record->sample_count; i++)
        write_sample(out, record, &record->samples[i], counts[i]);
    free(counts);
    blocks_finish(&all);
    return true;
}
