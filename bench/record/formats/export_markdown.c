/* SPDX-License-Identifier: MIT */
/* A table for an issue or a README: a row for each case. Names are kept from
 * being taken for markup. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "quantity.h"
#include "utf8.h"

#define CELL_BYTES 64

static void write_text(FILE *out, const char *text)
{
    struct utf8_char c;

    for (size_t left = strlen(text); left > 0; left -= c.bytes) {
        c = utf8_take(text, left);
        if (strchr("|\\`*_<>[]#&", *text) != NULL)
            fputc('\\', out);
        if (c.is_plain)
            fwrite(text, 1, c.bytes, out);
        else
            fputc(' ', out);
        text += c.bytes;
    }
}

static void write_quantity(FILE *out, enum quantity quantity,
                           const struct record_summary *summary)
{
    char text[CELL_BYTES] = "";

    if (summary != NULL)
        quantity_interval_text(text, sizeof text, quantity, summary->estimate,
                               summary->ci95);
    fprintf(out, " %s |", text);
}

/* The case's speed-up over any base, that over serial first. */
static const struct record_summary *speedup_of(const struct record *record,
                                               size_t index)
{
    for (size_t i = 0; i < record->summary_count; i++) {
        const struct record_summary *summary = &record->summaries[i];
        if (summary->case_index == index && summary->base != NO_CASE &&
            summary->base != index && !isnan(summary->estimate) &&
            strcmp(summary->metric, "speedup_ratio") == 0)
            return summary;
    }
    return NULL;
}

static void write_base(FILE *out, const struct record_case *base)
{
    fprintf(out, "%zu ", base->workers);
    write_text(out, base->backend);
    fputs(" worker", out);
}

static void write_case(FILE *out, const struct record *record, size_t index)
{
    const struct record_case *one = &record->cases[index];
    const struct record_summary *speedup = speedup_of(record, index);

    fputs("| ", out);
    write_text(out, one->workload);
    fputs(" | ", out);
    write_text(out, one->backend);
    fprintf(out, " | %zu |", one->workers);
    write_quantity(out, QUANTITY_RATE,
                   export_summary(record, index, "throughput_per_s"));
    write_quantity(out, QUANTITY_SECONDS,
                   export_summary(record, index, "elapsed_s"));
    write_quantity(out, QUANTITY_RATIO, speedup);
    fputc(' ', out);
    if (one->status != CASE_MEASURED)
        write_text(out, one->reason != NULL ? one->reason : "not measured");
    else if (speedup != NULL)
        write_base(out, &record->cases[speedup->base]);
    fputs(" |\n", out);
}

bool export_markdown(FILE *out, const struct record *record)
{
    fputs("| workload | backend | workers | tasks/s [95 %] | batch [95 %] | "
          "speed-up [95 %] | over |\n"
          "| :-- | :-- | --: | :-- | :-- | :-- | :-- |\n",
          out);
    for (size_t i = 0; i < record->case_count; i++)
        write_case(out, record, i);
    return true;
}
