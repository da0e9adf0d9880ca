/* SPDX-License-Identifier: MIT */
/* How wide the intervals of a verdict table are: against tables, against a
 * version written in Python with other random numbers, and by coverage. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "family.h"

enum { BLOCKS = 12 };

static const double ratios[3][BLOCKS] = {
    {0.021, 0.034, -0.012, 0.045, 0.018, 0.027, 0.009, 0.051, -0.004, 0.030,
     0.024, 0.015},
    {0.110, 0.095, 0.130, 0.088, 0.121, 0.103, 0.099, 0.140, 0.092, 0.107,
     0.115, 0.090},
    {0.005, 0.052, -0.031, 0.061, -0.012, 0.040, 0.002, 0.083, -0.044, 0.021,
     0.018, -0.009},
};

static void assert_within(double value, double expected, double apart)
{
    if (!(fabs(value - expected) <= apart))
        fail_msg("%.6g is not within %.3g of %.6g", value, apart, expected);
}

static struct family paired(size_t count, size_t blocks)
{
    struct family family;

    assert_true(family_create(&family, count, blocks, 0));
    return family;
}

static struct family_width judged(struct family *family)
{
    struct family_width width;

    assert_true(family_judge(family, 0.95, &width));
    family_finish(family);
    return width;
}

/* 100,000 draws in Python: 2.879. Bonferroni's t is 2.820 here, and holds for
 * normal values only. */
static void max_t_is_that_of_another_program(void **state)
{
    struct family family = paired(3, BLOCKS);
    struct family_width width;

    (void)state;
    memcpy(family.values[0], ratios, sizeof ratios);
    width = judged(&family);
    assert_string_equal(width.method, "max-t");
    assert_within(width.max_t, 2.879, 0.08);
    assert_true(family_quantile(&width, BLOCKS - 1) == width.max_t);
}

/* The same comparison five times over needs no more room than once: 2.237 by
 * the same program, where Bonferroni would take 3.106. */
static void what_hangs_together_is_not_paid_for_twice(void **state)
{
    struct family family = paired(5, BLOCKS);

    (void)state;
    for (size_t i = 0; i < 5; i++)
        memcpy(family.values[0] + i * BLOCKS, ratios[0], sizeof ratios[0]);
    assert_within(judged(&family).max_t, 2.237, 0.06);
}

/* Without dependence, many blocks: Sidak's P^-1((1 + 0.95^(1/5))/2) = 2.569. */
static void independent_comparisons_are_those_of_sidak(void **state)
{
    enum { MANY = 300 };
    struct family family = paired(5, MANY);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

    (void)state;
    for (size_t i = 0; i < 5 * MANY; i++)
        family.values[0][i] = gsl_ran_gaussian(random, 0.02);
    gsl_rng_free(random);
    assert_within(judged(&family).max_t, 2.569, 0.06);
}

/* Two records: 9 and 10 blocks, each side drawn by itself; Python: 2.326. */
static void two_samples_are_drawn_apart(void **state)
{
    static const double after[2][9] = {
        {0.1, 0.104, 0.099, 0.107, 0.102, 0.101, 0.098, 0.11, 0.103},
        {0.2, 0.21, 0.195, 0.222, 0.203, 0.204, 0.199, 0.218, 0.207}};
    static const double before[2][10] = {
        {0.103, 0.109, 0.101, 0.111, 0.106, 0.104, 0.1, 0.112, 0.108, 0.105},
        {0.198, 0.205, 0.2, 0.224, 0.206, 0.2, 0.197, 0.215, 0.204, 0.21}};
    struct family family;

    (void)state;
    assert_true(family_create(&family, 2, 9, 10));
    for (size_t i = 0; i < 18; i++)
        family.values[0][i] = log(after[i / 9][i % 9]);
    for (size_t i = 0; i < 20; i++)
        family.values[1][i] = log(before[i / 10][i % 10]);
    assert_within(judged(&family).max_t, 2.326, 0.06);
}

/* Tables of t: 2.571 for 5 degrees of freedom, 3.534 at 1 - 0.05/6. */
static void few_blocks_or_one_comparison_take_student_s_t(void **state)
{
    struct family family = paired(1, 6);
    struct family_width width;

    (void)state;
    memcpy(family.values[0], ratios[0], 6 * sizeof(double));
    width = judged(&family);
    assert_string_equal(width.method, "t");
    assert_within(family_quantile(&width, 5), 2.571, 0.001);

    family = paired(3, 7);
    for (size_t i = 0; i < 3; i++)
        memcpy(family.values[0] + i * 7, ratios[i], 7 * sizeof(double));
    width = judged(&family);
    assert_string_equal(width.method, "bonferroni");
    assert_within(family_quantile(&width, 5), 3.534, 0.001);
}

static void a_comparison_with_few_values_keeps_its_wide_interval(void **state)
{
    struct family family = paired(2, BLOCKS);

    (void)state;
    memcpy(family.values[0], ratios, sizeof ratios[0]);
    memcpy(family.values[0] + BLOCKS, ratios[1], 3 * sizeof(double));
    assert_string_equal(judged(&family).method, "bonferroni");
}

static void blocks_of_nobody_are_dropped(void **state)
{
    struct family with_gaps = paired(2, 2 * BLOCKS);
    struct family without = paired(2, BLOCKS);
    struct family_width width;

    (void)state;
    for (size_t i = 0; i < 2 * BLOCKS; i++)
        with_gaps.values[0][2 * i + 1] = ratios[i / BLOCKS][i % BLOCKS];
    memcpy(without.values[0], ratios, 2 * sizeof ratios[0]);
    family_compact(&with_gaps);
    assert_int_equal(with_gaps.blocks[0], BLOCKS);
    width = judged(&with_gaps);
    assert_true(width.max_t == judged(&without).max_t);
}

/* 400 tables of four comparisons that share a case, 10 blocks, skewed noise:
 * all four intervals hold the truth, 0, in 95 % of them; two standard errors
 * of the count are 2.2 %. */
static void the_intervals_hold_together(void **state)
{
    enum { TABLES = 400, N = 10, COUNT = 4 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    size_t held = 0;

    (void)state;
    for (size_t table = 0; table < TABLES; table++) {
        struct family family = paired(COUNT, N);
        double sums[COUNT] = {0}, squares[COUNT] = {0}, max_t;
        size_t inside = 0;

        for (size_t block = 0; block < N; block++) {
            double shared = gsl_ran_gumbel1(random, 1, 1);

            for (size_t i = 0; i < COUNT; i++) {
                double value = shared - gsl_ran_gumbel1(random, 1, 1);

                family.values[0][i * N + block] = value;
                sums[i] += value;
                squares[i] += value * value;
            }
        }
        max_t = judged(&family).max_t;
        for (size_t i = 0; i < COUNT; i++) {
            double mean = sums[i] / N;
            double error = sqrt((squares[i] / N - mean * mean) / (N - 1));

            inside += fabs(mean) <= max_t * error;
        }
        held += inside == COUNT;
    }
    gsl_rng_free(random);
    if (held < 0.92 * TABLES || held > 0.99 * TABLES)
        fail_msg("held in %zu of %d", held, TABLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(max_t_is_that_of_another_program),
        cmocka_unit_test(what_hangs_together_is_not_paid_for_twice),
        cmocka_unit_test(independent_comparisons_are_those_of_sidak),
        cmocka_unit_test(two_samples_are_drawn_apart),
        cmocka_unit_test(few_blocks_or_one_comparison_take_student_s_t),
        cmocka_unit_test(a_comparison_with_few_values_keeps_its_wide_interval),
        cmocka_unit_test(blocks_of_nobody_are_dropped),
        cmocka_unit_test(the_intervals_hold_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
