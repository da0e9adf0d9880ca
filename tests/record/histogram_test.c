/* SPDX-License-Identifier: MIT */
/* Buckets keep three digits, add up, and survive the way through a file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "histogram.h"

static const int64_t hour_ns = INT64_C(3600000000000);

static void any_duration_keeps_three_digits(void **state)
{
    (void)state;
    for (double x = 1; x <= 3.6e12; x *= 1.0137) {
        struct histogram *histogram = histogram_create();
        int64_t ns = (int64_t)x;
        double upper_ns;
        histogram_add(histogram, ns);
        upper_ns = histogram_percentile_s(histogram, 0.5) * 1e9;
        assert_true(upper_ns >= (double)ns * (1 - 1e-12));
        assert_true(upper_ns < (double)ns * 1.001);
        histogram_destroy(histogram);
    }
}

static void what_is_out_of_range_counts_at_its_end(void **state)
{
    struct histogram *histogram = histogram_create();

    (void)state;
    histogram_add(histogram, INT64_MIN);
    histogram_add(histogram, 0);
    histogram_add(histogram, INT64_MAX);
    assert_int_equal(histogram_total(histogram), 3);
    assert_true(histogram_percentile_s(histogram, 0.01) == 1e-9);
    assert_true(fabs(histogram_percentile_s(histogram, 1) / 3600 - 1) < 1e-3);
    histogram_destroy(histogram);
}

static void percentiles_are_those_of_the_sorted_values(void **state)
{
    struct histogram *histogram = histogram_create();

    (void)state;
    assert_true(isnan(histogram_percentile_s(histogram, 0.5)));
    for (int64_t ns = 1; ns <= 1000; ns++)
        histogram_add(histogram, ns);
    assert_true(histogram_percentile_s(histogram, 0.5) == 500e-9);
    assert_true(histogram_percentile_s(histogram, 0.99) == 990e-9);
    assert_true(histogram_percentile_s(histogram, 1) == 1000e-9);
    histogram_destroy(histogram);
}

/* Fills with counts from 1 ns to an hour. */
static struct histogram *filled(void)
{
    struct histogram *histogram = histogram_create();

    for (double x = 1; x <= (double)hour_ns; x *= 1.5)
        histogram_add_count(histogram, (int64_t)x, (uint64_t)x % 7 + 1);
    return histogram;
}

static void assert_same(const struct histogram *a, const struct histogram *b)
{
    struct histogram_bucket left, right;
    size_t i = 0, j = 0;

    assert_int_equal(histogram_total(a), histogram_total(b));
    while (histogram_next(a, &i, &left)) {
        assert_true(histogram_next(b, &j, &right));
        assert_true(left.upper_s == right.upper_s);
        assert_int_equal(left.count, right.count);
    }
    assert_false(histogram_next(b, &j, &right));
}

static void the_compact_form_has_the_same_counts(void **state)
{
    struct histogram *histogram = filled(), *merged = histogram_create();
    struct histogram *compact = histogram_compact(histogram);

    (void)state;
    assert_same(histogram, compact);
    histogram_merge(merged, compact);
    assert_same(histogram, merged);
    assert_true(histogram_percentile_s(compact, 0.9) ==
                histogram_percentile_s(histogram, 0.9));
    histogram_destroy(compact);
    histogram_destroy(merged);
    histogram_destroy(histogram);
}

static void buckets_read_back_are_the_same_buckets(void **state)
{
    struct histogram *histogram = filled(), *back;
    struct histogram_bucket buckets[100];
    size_t count = 0, cursor = 0;

    (void)state;
    while (histogram_next(histogram, &cursor, &buckets[count]))
        count++;
    back = histogram_from_buckets(buckets, count);
    assert_non_null(back);
    assert_same(histogram, back);
    histogram_destroy(back);
    buckets[1] = buckets[0];
    assert_null(histogram_from_buckets(buckets, 2));
    buckets[0].upper_s = NAN;
    assert_null(histogram_from_buckets(buckets, 1));
    histogram_destroy(histogram);
}

static void it_can_be_sent_as_bytes(void **state)
{
    struct histogram *histogram = filled(), *received = histogram_create();

    (void)state;
    memcpy(received, histogram, histogram_bytes());
    assert_same(histogram, received);
    histogram_destroy(histogram);
    histogram_destroy(received);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_duration_keeps_three_digits),
        cmocka_unit_test(what_is_out_of_range_counts_at_its_end),
        cmocka_unit_test(percentiles_are_those_of_the_sorted_values),
        cmocka_unit_test(the_compact_form_has_the_same_counts),
        cmocka_unit_test(buckets_read_back_are_the_same_buckets),
        cmocka_unit_test(it_can_be_sent_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
