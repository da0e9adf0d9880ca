/* SPDX-License-Identifier: MIT */
/* Changes are found where they were planted, as an exhaustive search finds
 * them; and what follows from them for the warm-up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "changepoints.h"

enum { N = 40 };

static gsl_rng *noise;

/* `count` values of the mean, with 0.5 % of noise. */
static void fill(double *values, size_t from, size_t to, double mean)
{
    for (size_t i = from; i < to; i++)
        values[i] = mean * (1 + gsl_ran_gaussian(noise, 0.005));
}

static void a_planted_change_is_found_where_it_is(void **state)
{
    double values[N];
    size_t starts[N];

    (void)state;
    for (size_t at = 5; at <= 30; at += 5) {
        fill(values, 0, at, 0.15);
        fill(values, at, N, 0.1);
        assert_int_equal(changepoints_find(values, N, starts, N), 1);
        assert_int_equal(starts[0], at);
    }
}

static void noise_alone_has_no_change(void **state)
{
    double values[N];
    size_t starts[N], found = 0;

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        fill(values, 0, N, 0.1);
        found += changepoints_find(values, N, starts, N);
    }
    assert_int_equal(found, 0);
}

/* A change of the variance alone. */
static void a_change_of_spread_is_one(void **state)
{
    double values[N];
    size_t starts[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        values[i] = 0.1 * (1 + gsl_ran_gaussian(noise, i < 20 ? 0.2 : 0.001));
    assert_int_equal(changepoints_find(values, N, starts, N), 1);
    assert_in_range(starts[0], 19, 21);
}

static double cost(const double *values, size_t from, size_t to)
{
    double mean = 0, variance = 0, m = (double)(to - from);

    for (size_t i = from; i < to; i++)
        mean += values[i] / m;
    for (size_t i = from; i < to; i++)
        variance += (values[i] - mean) * (values[i] - mean) / m;
    return m * (log(variance) + 1);
}

/* Every segmentation of 16 values into segments of two or more: 2^15 of them,
 * against the search that drops starts. */
static void pelt_finds_the_best_of_all_segmentations(void **state)
{
    enum { SHORT = 16 };
    double values[SHORT], penalty = 15 * log(SHORT);

    (void)state;
    for (size_t trial = 0; trial < 20; trial++) {
        double least = INFINITY;
        size_t starts[SHORT], count, best[SHORT], best_count = 0;

        for (size_t i = 0; i < SHORT; i++)
            values[i] = gsl_ran_gaussian(noise, i % 7 < 3 ? 1 : 0.05) +
                        (i > trial % SHORT ? 9 : 0);
        for (unsigned mask = 0; mask < 1u << (SHORT - 1); mask++) {
            double sum = 0;
            size_t from = 0, now[SHORT], now_count = 0;

            for (size_t to = 1; to <= SHORT; to++) {
                if (to < SHORT && !(mask & 1u << (to - 1)))
                    continue;
                sum += to - from < 2 ? INFINITY : cost(values, from, to);
                if (to < SHORT)
                    now[now_count++] = to;
                from = to;
            }
            sum += penalty * (double)now_count;
            if (sum < least) {
                least = sum;
                best_count = now_count;
                memcpy(best, now, sizeof now);
            }
        }
        count = changepoints_find(values, SHORT, starts, SHORT);
        assert_int_equal(count, best_count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(starts[i], best[i]);
    }
}

/* --- the warm-up --- */

static struct warmup judged(const double *values, size_t n)
{
    struct warmup warmup;

    assert_true(warmup_judge(values, n, &warmup));
    return warmup;
}

static void flat_is_flat_and_loses_nothing(void **state)
{
    double values[N];
    struct warmup warmup;

    (void)state;
    fill(values, 0, N, 0.1);
    warmup = judged(values, N);
    assert_int_equal(warmup.steadiness, STEADY_FLAT);
    assert_int_equal(warmup.iterations, 0);
}

static void what_warms_up_is_cut_where_it_is_steady(void **state)
{
    double values[N];
    struct warmup warmup;

    (void)state;
    fill(values, 0, 6, 0.3);
    fill(values, 6, 12, 0.15);
    fill(values, 12, N, 0.1);
    warmup = judged(values, N);
    assert_int_equal(warmup.steadiness, STEADY_AFTER_WARMUP);
    assert_int_equal(warmup.iterations, 12);
}

static void what_becomes_slower_is_said_to(void **state)
{
    double values[N];
    struct warmup warmup;

    (void)state;
    fill(values, 0, 10, 0.1);
    fill(values, 10, N, 0.12);
    warmup = judged(values, N);
    assert_int_equal(warmup.steadiness, STEADY_AFTER_SLOWDOWN);
    assert_int_equal(warmup.iterations, 10);
}

static void a_change_in_the_last_quarter_is_no_steady_state(void **state)
{
    double values[N];

    (void)state;
    fill(values, 0, 33, 0.1);
    fill(values, 33, N, 0.12);
    assert_int_equal(judged(values, N).steadiness, STEADY_NEVER);
}

/* Segments within 1 % of the last are as good as it. */
static void a_change_too_small_to_matter_is_flat(void **state)
{
    double values[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        values[i] =
            (i < 15 ? 0.1005 : 0.1) * (1 + gsl_ran_gaussian(noise, 0.0002));
    assert_int_equal(judged(values, N).steadiness, STEADY_FLAT);
}

static void a_single_slow_iteration_is_warm_up_only_at_the_start(void **state)
{
    double values[N];
    struct warmup warmup;

    (void)state;
    fill(values, 0, N, 0.1);
    values[20] = 0.5;
    assert_int_equal(judged(values, N).iterations, 0);
    values[0] = 0.5;
    warmup = judged(values, N);
    assert_int_equal(warmup.steadiness, STEADY_AFTER_WARMUP);
    assert_int_equal(warmup.iterations, 1);
}

static void few_iterations_are_not_examined_and_lose_the_first(void **state)
{
    double values[N];
    struct warmup warmup;

    (void)state;
    fill(values, 0, N, 0.1);
    warmup = judged(values, ITERATIONS_FOR_WARMUP - 1);
    assert_int_equal(warmup.steadiness, STEADY_NOT_EXAMINED);
    assert_int_equal(warmup.iterations, 1);
    assert_string_equal(steadiness_name(warmup.steadiness), "not-examined");
}

static void times_that_are_all_the_same_are_flat(void **state)
{
    double values[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        values[i] = 0.1;
    assert_int_equal(judged(values, N).steadiness, STEADY_FLAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_change_is_found_where_it_is),
        cmocka_unit_test(noise_alone_has_no_change),
        cmocka_unit_test(a_change_of_spread_is_one),
        cmocka_unit_test(pelt_finds_the_best_of_all_segmentations),
        cmocka_unit_test(flat_is_flat_and_loses_nothing),
        cmocka_unit_test(what_warms_up_is_cut_where_it_is_steady),
        cmocka_unit_test(what_becomes_slower_is_said_to),
        cmocka_unit_test(a_change_in_the_last_quarter_is_no_steady_state),
        cmocka_unit_test(a_change_too_small_to_matter_is_flat),
        cmocka_unit_test(a_single_slow_iteration_is_warm_up_only_at_the_start),
        cmocka_unit_test(few_iterations_are_not_examined_and_lose_the_first),
        cmocka_unit_test(times_that_are_all_the_same_are_flat),
    };
    int failed;

    noise = gsl_rng_alloc(gsl_rng_mt19937);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    gsl_rng_free(noise);
    return failed;
}
