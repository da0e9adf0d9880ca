/* SPDX-License-Identifier: MIT */
/* From samples to summaries and comparisons. The numbers expected were
 * computed with SciPy 1.10.1 from the times below. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "example.h"

#define BLOCKS 6

/* By case, as in example.h, and block. */
static const double elapsed_s[4][BLOCKS] = {
    {0.100, 0.102, 0.101, 0.104, 0.099, 0.103},
    {0.101, 0.1025, 0.1015, 0.1043, 0.0998, 0.1035},
    {0.0505, 0.0512, 0.0501, 0.0530, 0.0497, 0.0520},
    {0.0606, 0.0609, 0.0599, 0.0640, 0.0600, 0.0611},
};

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* The example's cases with `blocks` blocks of the times above. */
static struct record *measured(size_t blocks)
{
    struct record *record = example_record(0);

    for (size_t block = 0; block < blocks; block++) {
        for (size_t i = 0; i < 4; i++)
            example_sample(record, i, block, elapsed_s[i][block]);
    }
    return record;
}

static const struct record_summary *summary_of(const struct record *record,
                                               size_t case_index,
                                               const char *metric, size_t base)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, metric, base);

    assert_non_null(summary);
    return summary;
}

static void times_and_rates_have_their_intervals(void **state)
{
    struct record *record = measured(BLOCKS);
    const struct record_summary *summary;

    (void)state;
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "elapsed_s", NO_CASE);
    assert_near(summary->estimate, 0.05107077454793278);
    assert_near(summary->ci95[0], 0.04978727438257553);
    assert_near(summary->ci95[1], 0.052387362941053076);
    assert_near(summary->median, 0.05085);
    assert_true(summary->median_ci95[0] == 0.0497);
    assert_true(summary->median_ci95[1] == 0.0530);
    assert_int_equal(summary->block_count, BLOCKS);
    assert_string_equal(summary->method, "t-log");
    assert_null(summary->reason);
    summary = summary_of(record, 2, "throughput_per_s", NO_CASE);
    assert_near(summary->estimate, 1253.1629012192172);
    assert_near(summary->ci95[0], 1221.6686698281342);
    assert_near(summary->ci95[1], 1285.4690439209626);
    record_destroy(record);
}

static void speedups_are_paired_and_name_their_base(void **state)
{
    struct record *record = measured(BLOCKS);
    const struct record_summary *summary;

    (void)state;
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "speedup_ratio", 0);
    assert_near(summary->estimate, 1.9871566581248772);
    assert_near(summary->ci95[0], 1.9685688150534493);
    assert_near(summary->ci95[1], 2.0059200134300688);
    summary = summary_of(record, 2, "efficiency_ratio", 0);
    assert_near(summary->estimate, 0.9935783290624387);
    assert_near(summary->ci95[1], 1.0029600067150346);
    summary = summary_of(record, 2, "speedup_ratio", 1);
    assert_near(summary->estimate, 1.998965516603843);
    assert_near(summary->ci95[0], 1.9788100203288015);
    /* a base over itself; a backend whose list has no 1 */
    assert_near(summary_of(record, 1, "speedup_ratio", 1)->estimate, 1);
    assert_non_null(record_find_summary(record, 3, "speedup_ratio", 0));
    assert_null(record_find_summary(record, 3, "speedup_ratio", 1));
    assert_null(record_find_summary(record, 4, "elapsed_s", NO_CASE));
    record_destroy(record);
}

static void the_winner_meets_the_best_of_each_other_backend(void **state)
{
    struct record *record = measured(BLOCKS);
    const struct record_comparison *serial, *openmp;

    (void)state;
    assert_true(record_summarize(record));
    assert_int_equal(record->comparison_count, 2);
    serial = &record->comparisons[0];
    openmp = &record->comparisons[1];
    assert_int_equal(serial->a, 2);
    assert_int_equal(serial->b, 0);
    assert_int_equal(openmp->b, 3);
    assert_near(serial->ratio, 0.5032315876613477);
    assert_near(serial->ci95[0], 0.49744509882141213); /* at 97.5 % */
    assert_near(serial->ci95[1], 0.5090853873526195);
    assert_near(serial->p_adjusted, 1.623209619405396e-10);
    assert_near(openmp->ratio, 0.8362913065045552);
    assert_near(openmp->ci95[0], 0.825195652814198);
    assert_near(openmp->ci95[1], 0.8475361533352257);
    assert_near(openmp->p_adjusted, 1.3862530426477e-07);
    assert_string_equal(openmp->verdict, "faster");
    assert_true(openmp->paired);
    assert_true(openmp->delta_ratio == 0.02);
    assert_string_equal(openmp->metric, "elapsed_s");
    record_destroy(record);
}

static void samples_that_do_not_count_change_nothing(void **state)
{
    struct record *record = measured(BLOCKS);
    double before;

    (void)state;
    record_summarize(record);
    before = summary_of(record, 2, "elapsed_s", NO_CASE)->estimate;
    example_sample(record, 2, 3, 99)->warmup = true;
    example_sample(record, 2, 3, 99)->verified = false;
    example_sample(record, 2, 3, 99)->excluded_by = strdup("steal");
    example_sample(record, 2, 3, NAN);
    example_sample(record, 2, 3, 0);
    example_sample(record, 2, 3, 99)->tasks = 0;
    record_summarize(record);
    assert_true(summary_of(record, 2, "elapsed_s", NO_CASE)->estimate ==
                before);
    record_destroy(record);
}

static void samples_of_a_block_are_averaged_first(void **state)
{
    struct record *record = example_record(0);

    (void)state;
    example_sample(record, 0, 9007199254740991, 0.2);
    example_sample(record, 0, 5, 0.1);
    example_sample(record, 0, 5, 0.3);
    assert_true(record_summarize(record));
    assert_int_equal(summary_of(record, 0, "elapsed_s", NO_CASE)->block_count,
                     2);
    assert_near(summary_of(record, 0, "elapsed_s", NO_CASE)->estimate, 0.2);
    assert_near(summary_of(record, 0, "throughput_per_s", NO_CASE)->estimate,
                320);
    record_destroy(record);
}

static void ratios_take_the_blocks_that_both_have(void **state)
{
    struct record *record = example_record(0);
    const struct record_summary *summary;

    (void)state;
    for (size_t block = 0; block < 8; block++) {
        if (block % 4 != 1)
            example_sample(record, 0, block, 0.4);
        if (block % 4 != 2)
            example_sample(record, 2, block, block == 1 ? 9 : 0.2);
    }
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "speedup_ratio", 0);
    assert_int_equal(summary->block_count, 4);
    assert_near(summary->estimate, 2);
    assert_string_equal(summary->reason,
                        "the interval of the median needs 6 blocks");
    record_destroy(record);
}

static void one_block_or_none_has_no_interval_but_a_reason(void **state)
{
    struct record *record = measured(1);
    const struct record_summary *summary;

    (void)state;
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "speedup_ratio", 0);
    assert_near(summary->estimate, 0.100 / 0.0505);
    assert_true(isnan(summary->ci95[0]) && isnan(summary->median_ci95[0]));
    assert_non_null(summary->reason);
    assert_string_equal(record->comparisons[0].verdict, "inconclusive");
    assert_true(isnan(record->comparisons[0].p_adjusted));
    assert_non_null(record->comparisons[0].reason);
    record_destroy(record);

    record = measured(0);
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "elapsed_s", NO_CASE);
    assert_true(isnan(summary->estimate));
    assert_string_equal(summary->reason, "no sample counts");
    assert_int_equal(record->comparison_count, 0);
    record_destroy(record);
}

static void a_run_that_chose_its_end_is_summarized_at_97_percent(void **state)
{
    struct record *record = measured(BLOCKS);
    const struct record_summary *summary;

    (void)state;
    facts_set_text(record->run, "stop_reason", "precision");
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "elapsed_s", NO_CASE);
    assert_true(summary->ci95[0] < 0.0497 && summary->ci95[1] > 0.0524);
    assert_true(isnan(summary->median_ci95[0])); /* six reach 96.9 % */
    assert_string_equal(summary->reason,
                        "the interval of the median needs 7 blocks");
    record_destroy(record);
}

static void latencies_are_pooled_over_blocks(void **state)
{
    struct record *record = example_record(2); /* 128 tasks a case */
    const struct record_summary *summary;

    (void)state;
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "latency_p50_s", NO_CASE);
    assert_true(fabs(summary->estimate / 0.001031 - 1) < 0.001);
    assert_true(isnan(summary->ci95[0]));
    summary = summary_of(record, 2, "latency_p90_s", NO_CASE);
    assert_true(fabs(summary->estimate / 0.001057 - 1) < 0.001);
    summary = summary_of(record, 2, "latency_p99_s", NO_CASE);
    assert_true(isnan(summary->estimate));
    assert_string_equal(summary->reason, "p99 needs 1000 tasks");
    record_destroy(record);
}

static void p999_stands_where_ten_thousand_tasks_carry_it(void **state)
{
    static const struct histogram_bucket times[] = {
        {0.001, 11980}, {0.002, 15}, {0.005, 5}};
    struct record *record = measured(BLOCKS);
    const struct record_summary *summary;

    (void)state;
    assert_true(record_summarize(record));
    for (size_t i = 0; i < record->summary_count; i++)
        assert_string_not_equal(record->summaries[i].metric, "latency_p999_s");
    for (size_t i = 0; i < record->sample_count; i++) {
        struct record_latency *latency = &record->samples[i].latency;
        histogram_destroy(latency->histogram);
        latency->histogram = histogram_from_buckets(times, 3);
        latency->n = 12000;
    }
    assert_true(record_summarize(record));
    summary = summary_of(record, 2, "latency_p999_s", NO_CASE);
    assert_true(fabs(summary->estimate / 0.002 - 1) < 0.001);
    assert_true(fabs(summary->median_ci95[0] / 0.002 - 1) < 0.001);
    assert_true(fabs(summary->median_ci95[1] / 0.002 - 1) < 0.001);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_and_rates_have_their_intervals),
        cmocka_unit_test(speedups_are_paired_and_name_their_base),
        cmocka_unit_test(the_winner_meets_the_best_of_each_other_backend),
        cmocka_unit_test(samples_that_do_not_count_change_nothing),
        cmocka_unit_test(samples_of_a_block_are_averaged_first),
        cmocka_unit_test(ratios_take_the_blocks_that_both_have),
        cmocka_unit_test(one_block_or_none_has_no_interval_but_a_reason),
        cmocka_unit_test(a_run_that_chose_its_end_is_summarized_at_97_percent),
        cmocka_unit_test(latencies_are_pooled_over_blocks),
        cmocka_unit_test(p999_stands_where_ten_thousand_tasks_carry_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
