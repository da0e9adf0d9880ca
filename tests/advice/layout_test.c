/* SPDX-License-Identifier: MIT */
/* The fit over points and blocks, against what can be worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout.h"

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* Differences 0.11 and 0.09 in turn: the paired t test's error is
 * sqrt(8/7) * 0.01 / sqrt(8), whatever the blocks have in common. */
static void two_points_in_all_blocks_are_the_paired_test(void **state)
{
    struct layout_value values[16];
    struct layout layout;

    (void)state;
    for (size_t b = 0; b < 8; b++) {
        double block = 3 * (double)b;

        values[2 * b] = (struct layout_value){0, b, block};
        values[2 * b + 1] =
            (struct layout_value){1, b, block + (b % 2 ? 0.09 : 0.11)};
    }
    assert_true(layout_fit(values, 16, 2, 8, &layout));
    assert_near(layout_difference(&layout, 1, 0), 0.1);
    assert_near(layout_standard_error(&layout, 1, 0), 0.01 / sqrt(7));
    assert_near(layout.df, 7);
    layout_finish(&layout);
}

/* A and C never meet; B ties them together. */
static void points_are_compared_through_others(void **state)
{
    const struct layout_value values[] = {
        {0, 0, 1}, {1, 0, 1.5}, {1, 1, 7}, {2, 1, 7.25}, {0, 2, 2}, {1, 2, 2.5},
    };
    struct layout layout;

    (void)state;
    assert_true(layout_fit(values, 6, 3, 3, &layout));
    assert_near(layout_difference(&layout, 2, 0), 0.75);
    assert_near(layout.df, 1);
    assert_near(layout.variance, 0);
    layout_finish(&layout);
}

static void what_nothing_ties_to_the_rest_is_unknown(void **state)
{
    const struct layout_value values[] = {
        {0, 0, 1}, {1, 0, 2}, {0, 1, 1}, {1, 1, 2}, {2, 2, 9}};
    struct layout layout;

    (void)state;
    assert_true(layout_fit(values, 5, 4, 3, &layout));
    assert_near(layout_difference(&layout, 1, 0), 1);
    assert_true(isnan(layout_standard_error(&layout, 2, 0)));
    assert_true(isnan(layout_standard_error(&layout, 3, 0)));
    layout_finish(&layout);
}

/* One sample in forty takes 1.3 times as long. The plain mean would be off by
 * ln 1.3 / 20 = 0.013, and its error would be 0.0135. */
static void an_outlier_does_not_hide_a_difference(void **state)
{
    struct layout_value values[40];
    struct layout layout;

    (void)state;
    for (size_t b = 0; b < 20; b++) {
        values[2 * b] = (struct layout_value){0, b, b % 2 ? 0.001 : -0.001};
        values[2 * b + 1] =
            (struct layout_value){1, b, 0.05 + (b % 4 < 2 ? 0.001 : -0.001)};
    }
    values[7].y -= log(1.3);
    assert_true(layout_fit(values, 40, 2, 20, &layout));
    assert_true(fabs(layout_difference(&layout, 1, 0) - 0.05) < 0.001);
    assert_true(layout_standard_error(&layout, 1, 0) < 0.001);
    layout_finish(&layout);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_points_in_all_blocks_are_the_paired_test),
        cmocka_unit_test(points_are_compared_through_others),
        cmocka_unit_test(what_nothing_ties_to_the_rest_is_unknown),
        cmocka_unit_test(an_outlier_does_not_hide_a_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
