/* SPDX-License-Identifier: MIT */
/*
 * The looks are 6 * 1.5^k, rounded down. Latencies have no interval and take no
 * part; nor has a base's speed-up over itself a width. Of what is still coming
 * in, mean and squares are kept up as Welford has it (Technometrics 4, 1962).
 */
#include "precision.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sides.h"

bool precision_is_look(size_t blocks)
{
    double look = 6;

    while (floor(look) < (double)blocks)
        look *= 1.5;
    return floor(look) == (double)blocks;
}

static bool is_reported(const struct record_summary *summary)
{
    return strcmp(summary->metric, "throughput_per_s") == 0 ||
           strcmp(summary->metric, "speedup_ratio") == 0;
}

double precision_widest(const struct record *record)
{
    double widest = 0;
    struct sides sides;
    size_t count = 0;

    if (sides_find(record, &sides))
        return sides_widest(record);
    for (size_t i = 0; i < record->summary_count; i++) {
        const struct record_summary *summary = &record->summaries[i];
        double half;

        if (record->cases[summary->case_index].status != CASE_MEASURED ||
            !is_reported(summary))
            continue;
        count++;
        half = (log(summary->ci95[1]) - log(summary->ci95[0])) / 2;
        if (!isfinite(half))
            return INFINITY;
        widest = fmax(widest, exp(half) - 1);
    }
    return count > 0 ? widest : INFINITY;
}

void precision_add(struct precision_so_far *so_far, double seconds)
{
    double off = log(seconds) - so_far->mean;

    so_far->mean += off / (double)++so_far->count;
    so_far->square_sum += off * (log(seconds) - so_far->mean);
}

double precision_half(const struct precision_so_far *so_far)
{
    double n = (double)so_far->count;

    if (so_far->count < 2)
        return NAN;
    return expm1(gsl_cdf_tdist_Pinv(0.975, n - 1) *
                 sqrt(so_far->square_sum / (n - 1) / n));
}
