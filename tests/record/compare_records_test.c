/* SPDX-License-Identifier: MIT */
/* Two records side by side: planted differences are found, none is made up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare_records.h"
#include "record_memory.h"
#include "welch.h"

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

/*
 * By hand: logs 1, 2, 3 and 0, 2, 4, 6 have means 2 and 3, variances 1 and 20/3;
 * SE^2 = 1/3 + 5/3 = 2; df = 4 / ((1/9)/2 + (25/9)/3). Between 4 and 5 degrees
 * of freedom the 97.5 % quantile is between 2.7764 and 2.5706.
 */
static void welch_is_that_of_the_textbook(void **state)
{
    const double a[] = {exp(1), exp(2), exp(3)};
    const double b[] = {1, exp(2), exp(4), exp(6)};
    double error, df, half;
    struct estimate ratio = welch_ratio(a, 3, b, 4, 0.95, &error, &df);

    (void)state;
    assert_near(ratio.value, exp(-1));
    assert_near(error, sqrt(2));
    assert_near(df, 4 / (1.0 / 18 + 25.0 / 27));
    half = log(ratio.high / ratio.low) / 2 / error;
    assert_true(half > 2.5706 && half < 2.7764);
}

static void too_few_values_have_no_interval(void **state)
{
    const double one[] = {2}, two[] = {1, 1};
    double error, df;
    struct estimate ratio = welch_ratio(one, 1, two, 2, 0.95, &error, &df);

    (void)state;
    assert_near(ratio.value, 2);
    assert_true(isnan(ratio.low) && isnan(error));
}

/* One case; block i takes `scale` times 1 +- `noise`, in turn. */
static struct record *record_of(const char *run, double scale, double noise,
                                const char *parameter)
{
    struct record *record = record_create();
    struct record_workload *workload = record_add_workload(record);

    facts_set_text(record->run, "id", run);
    *workload = (struct record_workload){.id = strdup("w"),
                                         .klass = strdup("cpu"),
                                         .about = strdup(""),
                                         .parameter_count = 1};
    workload->parameters = calloc(1, sizeof *workload->parameters);
    workload->parameters[0] =
        (struct record_parameter){strdup("n"), strdup(parameter)};
    *record_add_case(record) = (struct record_case){.id = strdup("c1"),
                                                    .workload = strdup("w"),
                                                    .backend = strdup("thread"),
                                                    .workers = 2,
                                                    .tasks = 10};
    for (size_t i = 0; i < 10; i++)
        *record_add_sample(record) = (struct record_sample){
            .block = i,
            .elapsed_s = scale * (i % 2 ? 1 + noise : 1 - noise),
            .tasks = 10,
            .verified = true};
    return record;
}

static void assert_verdict(struct record *before, struct record *after,
                           const char *verdict, bool is_paired)
{
    struct record_matches matches;

    assert_true(compare_records(before, after, 0.02, &matches));
    assert_int_equal(matches.count, 1);
    assert_true(matches.list[0].is_paired == is_paired);
    assert_string_equal(matches.list[0].verdict.word, verdict);
    compare_records_finish(&matches);
    record_destroy(before);
    record_destroy(after);
}

static void a_planted_slowdown_is_slower(void **state)
{
    (void)state;
    assert_verdict(record_of("1", 1, 0.01, "5"), record_of("2", 1.1, 0.01, "5"),
                   "slower", false);
    assert_verdict(record_of("1", 1.1, 0.01, "5"), record_of("2", 1, 0.01, "5"),
                   "faster", false);
}

static void no_difference_is_equivalent(void **state)
{
    (void)state;
    assert_verdict(record_of("1", 1, 0.01, "5"), record_of("2", 1, 0.01, "5"),
                   "equivalent", false);
}

static void what_noise_hides_is_inconclusive(void **state)
{
    (void)state;
    assert_verdict(record_of("1", 1, 0.2, "5"), record_of("2", 1.05, 0.2, "5"),
                   "inconclusive", false);
}

/* The same noise in the same blocks cancels. */
static void parts_of_one_run_are_paired(void **state)
{
    (void)state;
    assert_verdict(record_of("1", 1, 0.2, "5"), record_of("1", 1.05, 0.2, "5"),
                   "slower", true);
}

static void other_work_is_not_compared(void **state)
{
    struct record *before = record_of("1", 1, 0.01, "5");
    struct record *after = record_of("2", 1, 0.01, "6");
    struct record_matches matches;

    (void)state;
    assert_true(compare_records(before, after, 0.02, &matches));
    assert_int_equal(matches.count, 0);
    assert_int_equal(matches.unmatched, 1);
    assert_string_equal(matches.difference.workload, "w");
    assert_string_equal(matches.difference.name, "n");
    assert_string_equal(matches.difference.old_value, "5");
    assert_string_equal(matches.difference.new_value, "6");
    compare_records_finish(&matches);
    record_destroy(before);
    record_destroy(after);
}

static void what_one_side_lacks_is_named(void **state)
{
    struct record *records[] = {record_of("1", 1, 0.01, "5"),
                                record_of("2", 1, 0.01, "5")};
    struct record_matches matches;

    (void)state;
    *record_add_parameter(&records[1]->cases[0].parameters,
                          &records[1]->cases[0].parameter_count) =
        (struct record_parameter){strdup("more"), strdup("x")};
    for (int i = 0; i < 2; i++) {
        const struct record_difference *one = &matches.difference;

        assert_true(
            compare_records(records[i], records[1 - i], 0.02, &matches));
        assert_string_equal(one->name, "more");
        assert_string_equal(i == 0 ? one->new_value : one->old_value, "x");
        assert_null(i == 0 ? one->old_value : one->new_value);
        compare_records_finish(&matches);
    }
    record_destroy(records[0]);
    record_destroy(records[1]);
}

/* (t.975 + t.8) SE with SE = sd sqrt(2/10), sd of logs about 0.0105, 18 degrees
 * of freedom: 2.1009 + 0.8620. */
static void what_can_be_seen_is_said(void **state)
{
    struct record *before = record_of("1", 1, 0.01, "5");
    struct record *after = record_of("2", 1, 0.01, "5");
    double sd = log(1.01 / 0.99) / 2 * sqrt(10.0 / 9);
    double reach = (2.1009 + 0.8620) * sd * sqrt(0.2);
    struct record_matches matches;

    (void)state;
    assert_true(compare_records(before, after, 0.02, &matches));
    assert_true(fabs(log(1 + matches.list[0].detectable_change) / reach - 1) <
                1e-3);
    assert_true(fabs(log(1 + matches.list[0].detectable_slower) - reach -
                     log(1.02)) < 1e-4);
    compare_records_finish(&matches);
    record_destroy(before);
    record_destroy(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch_is_that_of_the_textbook),
        cmocka_unit_test(too_few_values_have_no_interval),
        cmocka_unit_test(a_planted_slowdown_is_slower),
        cmocka_unit_test(no_difference_is_equivalent),
        cmocka_unit_test(what_noise_hides_is_inconclusive),
        cmocka_unit_test(parts_of_one_run_are_paired),
        cmocka_unit_test(other_work_is_not_compared),
        cmocka_unit_test(what_one_side_lacks_is_named),
        cmocka_unit_test(what_can_be_seen_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
