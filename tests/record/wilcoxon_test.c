/* SPDX-License-Identifier: MIT */
/* Signed ranks and proportions, against tables and textbooks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proportion.h"
#include "wilcoxon.h"

static void assert_close(double value, double expected, double by)
{
    if (!(fabs(value - expected) <= by))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* Critical values as any table has them: the largest w whose two tails are at
 * most 5 %. */
static void critical_values_are_those_of_the_tables(void **state)
{
    static const struct {
        size_t n;
        double w;
    } table[] = {{6, 0},   {7, 2},   {8, 3},   {10, 8},
                 {15, 25}, {20, 52}, {25, 89}, {30, 137}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!(2 * wilcoxon_cdf(table[i].n, table[i].w) <= 0.05 &&
              2 * wilcoxon_cdf(table[i].n, table[i].w + 1) > 0.05))
            fail_msg("%zu values", table[i].n);
    }
    /* Beyond 30 by the normal distribution; the table has 434 for 50. */
    assert_close(wilcoxon_cdf(50, 434), 0.025, 2e-4);
    assert_close(wilcoxon_cdf(10, 8), 25 / 1024.0, 1e-15);
    assert_int_equal(wilcoxon_least(0.95), 6);
    assert_int_equal(wilcoxon_least(0.97), 7);
    assert_int_equal(wilcoxon_least(0.995), 9);
}

/* Hollander & Wolfe, example 3.1: V = 5 of 45, estimate -.46, and the 96.1 %
 * interval (-.786, -.010). R's wilcox.test() has the one-sided p as 0.01953. */
static void the_textbook_comes_out(void **state)
{
    const double differences[] = {-.952, .147,  -1.022, -.430, -.620,
                                  -.590, -.490, .080,   -.010};
    struct wilcoxon result;
    double ratios[9];

    (void)state;
    for (size_t i = 0; i < 9; i++)
        ratios[i] = exp(differences[i]);
    wilcoxon_judge(ratios, 9, 0.96, &result);
    assert_close(log(result.ratio.value), -.46, 1e-12);
    assert_close(log(result.ratio.low), -.786, 1e-12);
    assert_close(log(result.ratio.high), -.010, 1e-12);
    assert_close(result.p, 2 * 0.01953125, 1e-12);
}

/* The ends are members of the sorted list of all averages. */
static void ends_are_averages_counted_from_outside(void **state)
{
    double ratios[] = {1, exp(1), exp(2), exp(4), exp(8), exp(16)};
    struct wilcoxon result;

    (void)state;
    wilcoxon_judge(ratios, 6, 0.95, &result);
    assert_close(log(result.ratio.low), 0, 1e-12);
    assert_close(log(result.ratio.high), 16, 1e-12);
    /* 0 .5 1 1 1.5 2 2 2.5 3 4 4 [4.5 is 12th] 5 6 8 8 8.5 9 10 12 16 */
    assert_close(log(result.ratio.value), 4, 1e-12);
}

static void few_values_have_no_interval(void **state)
{
    double five[] = {1.1, 1.2, 1.1, 1.3, 1.2};
    struct wilcoxon result;

    (void)state;
    wilcoxon_judge(five, 5, 0.95, &result);
    assert_close(result.ratio.value, 1.19583, 1e-5);
    assert_true(isnan(result.ratio.low) && isnan(result.reach));
    assert_close(result.p, 2.0 / 32, 1e-12);
    wilcoxon_judge(five, 0, 0.95, &result);
    assert_true(isnan(result.ratio.value) && isnan(result.p));
}

static void equal_values_are_no_difference(void **state)
{
    double ones[] = {1, 1, 1, 1, 1, 1, 1};
    struct wilcoxon result;

    (void)state;
    wilcoxon_judge(ones, 7, 0.95, &result);
    assert_close(result.ratio.low, 1, 0);
    assert_close(result.ratio.high, 1, 0);
    assert_close(result.p, 1, 0);
}

/* One block of thirteen in which the old took ten times as long. */
static void a_wild_block_hides_nothing(void **state)
{
    double ratios[] = {1.050, 1.048, 1.052, 1.049, 1.051, 1.047, 1.053,
                       1.050, 1.046, 1.049, 1.051, 1.050, 0.1};
    double copy[13];
    struct wilcoxon result;

    (void)state;
    memcpy(copy, ratios, sizeof copy);
    wilcoxon_judge(ratios, 13, 0.95, &result);
    assert_true(result.ratio.low > 1.02);
    assert_true(statistics_geometric_mean(copy, 13, 0.95).low < 1.02);
}

static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Heavy-tailed noise on both sides, changing from block to block: the level is
 * 50 of 1024 for ten blocks whatever the noise is. Four standard errors. */
static void the_level_holds_whatever_the_noise(void **state)
{
    enum { TRIALS = 20000, BLOCKS = 10 };
    const double level = 50.0 / 1024;
    uint64_t seed = 1;
    double alarms = 0;

    (void)state;
    for (int trial = 0; trial < TRIALS; trial++) {
        double ratios[BLOCKS];
        struct wilcoxon result;

        for (int b = 0; b < BLOCKS; b++) {
            double u = ((double)(random_next(&seed) >> 11) + 0.5) * 0x1p-53;
            ratios[b] = exp(0.01 * (1 + b) * tan(3.14159265358979 * (u - 0.5)));
        }
        wilcoxon_judge(ratios, BLOCKS, 0.95, &result);
        alarms += result.ratio.low > 1 || result.ratio.high < 1;
    }
    assert_close(alarms / TRIALS, level,
                 4 * sqrt(level * (1 - level) / TRIALS));
}

/* 3 of 10: 6.674 % to 65.245 %; 0 of 20: 16.843 % at most (any table). */
/* Of six values one rank, 2 of 64; of ten eight, 2 * 25 of 1024 (tables). */
static void the_exact_level_is_that_of_the_ranks(void **state)
{
    (void)state;
    assert_close(wilcoxon_miss(6, 0.95), 0.03125, 1e-12);
    assert_close(wilcoxon_miss(8, 0.95), 0.0390625, 1e-12);
    assert_close(wilcoxon_miss(10, 0.95), 50.0 / 1024, 1e-12);
}

static void proportions_are_those_of_clopper_and_pearson(void **state)
{
    struct estimate rate = proportion_of(3, 10, 0.95);

    (void)state;
    assert_close(rate.value, 0.3, 1e-15);
    assert_close(rate.low, 0.06673951, 1e-8);
    assert_close(rate.high, 0.6524529, 1e-7);
    rate = proportion_of(0, 20, 0.95);
    assert_close(rate.low, 0, 0);
    assert_close(rate.high, 0.1684335, 1e-7);
    assert_true(isnan(proportion_of(0, 0, 0.95).value));
}

static void a_promised_rate_bounds_the_count(void **state)
{
    size_t low, high;

    (void)state;
    proportion_range(0.05, 200, 0.003, &low, &high);
    assert_int_equal(low, 3);
    assert_int_equal(high, 19);
    proportion_range(0.005, 200, 0.005, &low, &high);
    assert_int_equal(low, 0);
    assert_int_equal(high, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(critical_values_are_those_of_the_tables),
        cmocka_unit_test(the_textbook_comes_out),
        cmocka_unit_test(ends_are_averages_counted_from_outside),
        cmocka_unit_test(few_values_have_no_interval),
        cmocka_unit_test(equal_values_are_no_difference),
        cmocka_unit_test(a_wild_block_hides_nothing),
        cmocka_unit_test(the_level_holds_whatever_the_noise),
        cmocka_unit_test(the_exact_level_is_that_of_the_ranks),
        cmocka_unit_test(proportions_are_those_of_clopper_and_pearson),
        cmocka_unit_test(a_promised_rate_bounds_the_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
