/* SPDX-License-Identifier: MIT */
/*
 * Each match goes through the same steps: values of both sides, an estimate
 * with its error, a verdict, and what it could have seen at most: the smallest
 * detectable effect is (t(1 - alpha/2) + t(0.8)) errors (Bloom, Evaluation
 * Review 19, 1995), and as much beyond the threshold for the verdict "slower".
 */
#include "compare_records.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "blocks.h"
#include "compare_match.h"
#include "family.h"
#include "precision.h"
#include "welch.h"

struct side {
    const struct record *record;
    struct all_blocks blocks;
};

/* --- one match --- */

static double p_of(double ratio, double standard_error, double df)
{
    if (isnan(standard_error))
        return NAN;
    if (standard_error == 0)
        return ratio == 1 ? 1 : 0;
    return 2 * gsl_cdf_tdist_Q(fabs(log(ratio)) / standard_error, df);
}

/* What one comparison rests on, whichever way it was made. */
struct error {
    double standard_error; /* of the log ratio */
    double df;
    size_t blocks;
};

static double compare_paired(const struct case_blocks *after,
                             const struct case_blocks *before, double *room,
                             struct error *error)
{
    size_t count = blocks_pair(after, before, room);
    double mean;

    statistics_log_moments(room, count, &mean, &error->standard_error);
    error->blocks = count;
    error->df = (double)count - 1;
    return exp(mean);
}

static double compare_unpaired(const struct case_blocks *after,
                               const struct case_blocks *before, double *room,
                               struct error *error)
{
    const double any_level = 0.95; /* its interval is not used */

    blocks_times(after, room);
    blocks_times(before, room + after->count);
    error->blocks = after->count < before->count ? after->count : before->count;
    return welch_ratio(room, after->count, room + after->count, before->count,
                       any_level, &error->standard_error, &error->df)
        .value;
}

static void judge(struct record_match *one, const struct error *error,
                  double delta, const struct family_width *width)
{
    double reach = NAN, half = NAN;

    if (!isnan(error->standard_error)) {
        double quantile = family_quantile(width, error->df);

        half = quantile * error->standard_error;
        reach =
            half + gsl_cdf_tdist_Pinv(0.8, error->df) * error->standard_error;
    }
    one->ratio.low = exp(log(one->ratio.value) - half);
    one->ratio.high = exp(log(one->ratio.value) + half);
    one->verdict = statistics_verdict(&one->ratio, delta, error->blocks);
    if (isnan(one->ratio.low))
        one->verdict.reason = "an interval needs two blocks on each side";
    one->p_adjusted = p_of(one->ratio.value, error->standard_error, error->df);
    one->detectable_change = exp(reach) - 1;
    one->detectable_slower = exp(reach) * (1 + delta) - 1;
}

static bool compare(const struct side *before, const struct side *after,
                    double delta, const struct family_width *width,
                    struct record_match *one)
{
    const struct case_blocks *old_blocks = &before->blocks.cases[one->old_case];
    const struct case_blocks *new_blocks = &after->blocks.cases[one->new_case];
    double *room =
        calloc(old_blocks->count + new_blocks->count + 1, sizeof *room);
    struct error error;

    if (room == NULL)
        return false;
    one->old_blocks = old_blocks->count;
    one->new_blocks = new_blocks->count;
    one->ratio.value =
        one->is_paired ? compare_paired(new_blocks, old_blocks, room, &error)
                       : compare_unpaired(new_blocks, old_blocks, room, &error);
    judge(one, &error, delta, width);
    free(room);
    return true;
}

/* --- all of them --- */

static bool may_stop_early(const struct record *record)
{
    return facts_number(record->run, PRECISION_FACT, 0) > 0;
}

static bool adjust(struct record_matches *matches)
{
    double *p = calloc(matches->count + 1, sizeof *p);
    bool is_done;

    if (p == NULL)
        return false;
    for (size_t i = 0; i < matches->count; i++)
        p[i] = matches->list[i].p_adjusted;
    is_done = statistics_holm(p, matches->count);
    for (size_t i = 0; i < matches->count; i++)
        matches->list[i].p_adjusted = p[i];
    free(p);
    return is_done;
}

/* Log times (or, paired, log ratios), each in its block's column. */
static bool fill_family(const struct side sides[2],
                        const struct record_matches *matches,
                        struct family *family)
{
    bool is_paired = matches->count > 0 && matches->list[0].is_paired;
    size_t blocks[2] = {sides[1].blocks.block_count,
                        is_paired ? 0 : sides[0].blocks.block_count};

    if (!family_create(family, matches->count, blocks[0], blocks[1]))
        return false;
    for (size_t i = 0; i < matches->count; i++) {
        const struct record_match *one = &matches->list[i];
        const struct case_blocks *before =
            &sides[0].blocks.cases[one->old_case];
        const struct case_blocks *after = &sides[1].blocks.cases[one->new_case];

        if (is_paired) {
            blocks_pair_logs(after, before, family->values[0] + i * blocks[0]);
            continue;
        }
        blocks_logs(after, family->values[0] + i * blocks[0]);
        blocks_logs(before, family->values[1] + i * blocks[1]);
    }
    family_compact(family);
    return true;
}

/* How wide the intervals are that hold for all matches together. */
static bool find_width(const struct side sides[2],
                       const struct record_matches *matches,
                       struct family_width *width)
{
    double level =
        may_stop_early(sides[0].record) || may_stop_early(sides[1].record)
            ? 0.97
            : 0.95;
    struct family family;
    bool is_done;

    if (!fill_family(sides, matches, &family))
        return false;
    is_done = family_judge(&family, level, width);
    family_finish(&family);
    return is_done;
}

static bool compare_all(const struct side sides[2], double delta,
                        struct record_matches *matches)
{
    struct family_width width;

    if (!find_width(sides, matches, &width))
        return false;
    matches->method = width.method;
    for (size_t i = 0; i < matches->count; i++)
        if (!compare(&sides[0], &sides[1], delta, &width, &matches->list[i]))
            return false;
    return adjust(matches);
}

bool compare_records(const struct record *before, const struct record *after,
                     double delta, struct record_matches *matches)
{
    struct side sides[2] = {{.record = before}, {.record = after}};
    bool is_done;

    *matches = (struct record_matches){0};
    if (!compare_match(before, after, matches))
        return false;
    if (!blocks_collect(before, &sides[0].blocks))
        return false;
    if (!blocks_collect(after, &sides[1].blocks)) {
        blocks_finish(&sides[0].blocks);
        return false;
    }
    is_done = compare_all(sides, delta, matches);
    blocks_finish(&sides[0].blocks);
    blocks_finish(&sides[1].blocks);
    return is_done;
}

void compare_records_finish(struct record_matches *matches)
{
    free(matches->list);
    *matches = (struct record_matches){0};
}
