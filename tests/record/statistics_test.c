/* SPDX-License-Identifier: MIT */
/*
 * Estimates against answers that were computed elsewhere: SciPy 1.10.1
 * (scipy.stats.t.interval on numpy.log, ttest_rel, binom.cdf) unless a test
 * says otherwise.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "statistics.h"

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

static const double times[] = {0.2031, 0.1987, 0.2110, 0.2004,
                               0.1999, 0.2050, 0.2023};
static const double others[] = {0.2101, 0.2066, 0.2150, 0.2095,
                                0.2049, 0.2131, 0.2088};

static void the_t_interval_on_logs_is_that_of_scipy(void **state)
{
    struct estimate mean = statistics_geometric_mean(times, 7, 0.95);

    (void)state;
    assert_near(mean.value, 0.2028783881800824);
    assert_near(mean.low, 0.19911364205063414);
    assert_near(mean.high, 0.20671431634042128);
    mean = statistics_geometric_mean(times, 7, 0.97);
    assert_near(mean.low, 0.19853222153214117);
    assert_near(mean.high, 0.20731969890280352);
}

/* With logs -1 and 1 the standard error is 1, so the half width is the
 * quantile itself: 12.706 in every table of t with one degree of freedom. */
static void its_quantile_is_that_of_the_tables(void **state)
{
    const double values[] = {exp(-1), exp(1)};
    struct estimate mean = statistics_geometric_mean(values, 2, 0.95);

    (void)state;
    assert_near(mean.value, 1);
    assert_true(fabs(log(mean.high) - 12.706) < 0.0005);
    assert_true(fabs(log(mean.low) + 12.706) < 0.0005);
}

static void paired_ratios_are_those_of_scipy(void **state)
{
    double ratios[7];
    struct estimate ratio;

    (void)state;
    for (int i = 0; i < 7; i++)
        ratios[i] = times[i] / others[i];
    ratio = statistics_geometric_mean(ratios, 7, 0.95);
    assert_near(ratio.value, 0.9675187533465467);
    assert_near(ratio.low, 0.959608264755444);
    assert_near(ratio.high, 0.9754944517029758);
    assert_near(statistics_p_of_ratio(ratios, 7), 6.34275964641776e-05);
}

static void too_few_values_have_no_interval(void **state)
{
    struct estimate mean = statistics_geometric_mean(times, 1, 0.95);

    (void)state;
    assert_true(mean.value == times[0]);
    assert_true(isnan(mean.low) && isnan(mean.high));
    assert_true(isnan(statistics_p_of_ratio(times, 1)));
    mean = statistics_geometric_mean(times, 0, 0.95);
    assert_true(isnan(mean.value));
    mean = statistics_median(times, 0, 0.95);
    assert_true(isnan(mean.value));
}

static void equal_values_have_an_interval_of_no_width(void **state)
{
    const double same[] = {0.25, 0.25, 0.25};
    const double ones[] = {1, 1, 1};
    struct estimate mean = statistics_geometric_mean(same, 3, 0.95);

    (void)state;
    assert_near(mean.low, 0.25);
    assert_near(mean.high, 0.25);
    assert_true(statistics_p_of_ratio(same, 3) == 0);
    assert_true(statistics_p_of_ratio(ones, 3) == 1);
}

/* Which of n sorted values bounds the median from below: the tables of the
 * sign test (Dixon & Mood 1946), recomputed from binom.cdf; 0: none. */
static const size_t orders[] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4,
                                4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 9, 9, 10};

static void the_interval_of_the_median_is_exact(void **state)
{
    double values[30];

    (void)state;
    for (size_t i = 0; i < 30; i++)
        values[i] = (double)(i + 1);
    for (size_t n = 1; n <= 30; n++) {
        struct estimate median = statistics_median(values, n, 0.95);
        assert_true(median.value == (double)(n + 1) / 2);
        if (orders[n - 1] == 0) {
            assert_true(isnan(median.low) && isnan(median.high));
        } else {
            assert_true(median.low == (double)orders[n - 1]);
            assert_true(median.high == (double)(n + 1 - orders[n - 1]));
        }
    }
}

/* 2 * (1/2)^6 = 3.1 % lie outside: enough for 95 and for 96.8 %, not more. */
static void six_values_reach_96_9_percent(void **state)
{
    const double values[] = {1, 2, 3, 4, 5, 6};

    (void)state;
    assert_true(statistics_median(values, 6, 0.968).low == 1);
    assert_true(statistics_median(values, 6, 0.968).high == 6);
    assert_true(isnan(statistics_median(values, 6, 0.97).low));
}

/* Worked by hand: 4 * .005, 3 * .01, 2 * .03, and .04 raised to the third. */
static void holm_adjusts_a_family(void **state)
{
    double p[] = {0.01, 0.04, NAN, 0.03, 0.005};

    (void)state;
    assert_true(statistics_holm(p, 5));
    assert_near(p[0], 0.03);
    assert_near(p[1], 0.06);
    assert_true(isnan(p[2]));
    assert_near(p[3], 0.06);
    assert_near(p[4], 0.02);
}

static void the_verdict_is_on_the_interval_and_not_on_the_estimate(void **state)
{
    static const struct {
        struct estimate ratio;
        const char *word;
    } cases[] = {
        {{1.10, 1.021, 1.18}, "slower"},
        {{1.10, 1.019, 1.18}, "inconclusive"},
        {{0.90, 0.85, 0.98}, "faster"},
        {{0.90, 0.85, 0.981}, "inconclusive"},
        {{1.00, 0.981, 1.02}, "equivalent"},
        {{1.00, 0.979, 1.01}, "inconclusive"},
        {{1.015, 1.01, 1.0199}, "equivalent"},
        {{0.5, 0.5, 0.5}, "faster"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verdict verdict = statistics_verdict(&cases[i].ratio, 0.02, 10);
        assert_string_equal(verdict.word, cases[i].word);
        if (strcmp(verdict.word, "inconclusive") != 0)
            assert_true(isnan(verdict.blocks_needed));
    }
}

/* h = ln(1.1), e = |0 - ln(1.02)|: 12 * (h/e)^2 = 277.98; by calculator, as
 * 10 * (ln(1.05)/ln(1.02))^2 = 60.70. */
static void blocks_needed_follow_from_the_width(void **state)
{
    struct estimate ratio = {1, 1 / 1.1, 1.1};
    struct verdict verdict = statistics_verdict(&ratio, 0.02, 12);

    (void)state;
    assert_true(isnan(verdict.blocks_needed)); /* above 20 * 12 */
    assert_string_equal(verdict.reason, "too close to the threshold");
    ratio = (struct estimate){1, 1 / 1.05, 1.05};
    verdict = statistics_verdict(&ratio, 0.02, 10);
    assert_true(verdict.blocks_needed == 61);
    assert_null(verdict.reason);
    ratio = (struct estimate){1.02, 1.01, 1.03};
    verdict = statistics_verdict(&ratio, 0.02, 10);
    assert_true(isnan(verdict.blocks_needed));
}

/* The end at 1.019 keeps 1.10 from "slower": 10 * (ln(1.1 / 1.019) /
 * ln(1.1 / 1.02))^2 = 10.26; half of the width would say 4. */
static void blocks_needed_are_more_than_there_are(void **state)
{
    static const struct {
        struct estimate ratio;
        double needed;
    } cases[] = {
        {{1.10, 1.019, 1.11}, 11}, {{1 / 1.10, 1 / 1.11, 1 / 1.019}, 11},
        {{1, 1 / 1.01, 1.03}, 23}, /* (ln 1.03 / ln 1.02)^2 = 2.228 */
        {{1, 1 / 1.03, 1.01}, 23}, {{1.5, 1.0199999, 1.6}, 11},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verdict verdict = statistics_verdict(&cases[i].ratio, 0.02, 10);
        assert_string_equal(verdict.word, "inconclusive");
        assert_true(verdict.blocks_needed == cases[i].needed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_t_interval_on_logs_is_that_of_scipy),
        cmocka_unit_test(its_quantile_is_that_of_the_tables),
        cmocka_unit_test(paired_ratios_are_those_of_scipy),
        cmocka_unit_test(too_few_values_have_no_interval),
        cmocka_unit_test(equal_values_have_an_interval_of_no_width),
        cmocka_unit_test(the_interval_of_the_median_is_exact),
        cmocka_unit_test(six_values_reach_96_9_percent),
        cmocka_unit_test(holm_adjusts_a_family),
        cmocka_unit_test(
            the_verdict_is_on_the_interval_and_not_on_the_estimate),
        cmocka_unit_test(blocks_needed_follow_from_the_width),
        cmocka_unit_test(blocks_needed_are_more_than_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
