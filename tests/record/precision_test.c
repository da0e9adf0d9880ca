/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "precision.h"

static void looks_are_few_and_fixed(void **state)
{
    static const size_t looks[] = {6, 9, 13, 20, 30, 45, 68, 102, 153};
    size_t next = 0;

    (void)state;
    for (size_t blocks = 0; blocks <= 160; blocks++) {
        bool expected = next < 9 && blocks == looks[next];

        assert_true(precision_is_look(blocks) == expected);
        next += expected;
    }
}

/* One case with these block times. */
static struct record *record_of(const double *times, size_t count)
{
    struct record *record = record_create();
    struct record_workload *workload = record_add_workload(record);
    struct record_case *one = record_add_case(record);

    *workload = (struct record_workload){
        .id = strdup("w"), .klass = strdup("io"), .about = strdup("waits")};
    *one = (struct record_case){.id = strdup("c1"),
                                .workload = strdup("w"),
                                .backend = strdup("thread"),
                                .workers = 2,
                                .tasks = 10};
    for (size_t i = 0; i < count; i++)
        *record_add_sample(record) = (struct record_sample){
            .block = i, .elapsed_s = times[i], .tasks = 10, .verified = true};
    assert_true(record_summarize(record));
    return record;
}

/* Logs -0.01 and 0.01: the half width is 12.706 standard errors of 0.01. */
static void the_widest_interval_is_that_of_the_t_table(void **state)
{
    const double times[] = {exp(-0.01), exp(0.01)};
    struct record *record = record_of(times, 2);

    (void)state;
    assert_true(fabs(precision_widest(record) - (exp(0.12706) - 1)) < 1e-5);
    record_destroy(record);
}

/* As the record has it in the end. */
static void an_interval_so_far_is_that_of_the_record(void **state)
{
    const double times[] = {1.01, 0.98, 1.03, 1.00, 0.97};
    struct precision_so_far so_far = {0};

    (void)state;
    assert_true(isnan(precision_half(&so_far)));
    for (size_t i = 0; i < 5; i++) {
        precision_add(&so_far, times[i]);
        if (i == 0) {
            assert_true(isnan(precision_half(&so_far)));
            continue;
        }
        struct record *record = record_of(times, i + 1);
        assert_true(fabs(precision_half(&so_far) - precision_widest(record)) <
                    1e-9);
        record_destroy(record);
    }
}

static void a_missing_interval_is_never_narrow(void **state)
{
    const double once[] = {1};
    struct record *record = record_of(once, 1);

    (void)state;
    assert_true(isinf(precision_widest(record)));
    record_destroy(record);
    record = record_create();
    assert_true(isinf(precision_widest(record)));
    record_destroy(record);
}

/* The same blocks, in a run that may stop early: 97 %, not 95 %. */
static void a_run_that_may_stop_early_has_wider_intervals(void **state)
{
    const double times[] = {1, 1.1, 0.9, 1.05, 0.95, 1};
    struct record *record = record_of(times, 6);
    double fixed = precision_widest(record);

    (void)state;
    assert_true(facts_set_number(record->run, PRECISION_FACT, 0.01));
    assert_true(record_summarize(record));
    /* t quantiles with 5 degrees of freedom: 2.5706 and 3.0029 */
    assert_true(fabs(log(1 + precision_widest(record)) / log(1 + fixed) -
                     3.0029 / 2.5706) < 1e-3);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_are_few_and_fixed),
        cmocka_unit_test(the_widest_interval_is_that_of_the_t_table),
        cmocka_unit_test(an_interval_so_far_is_that_of_the_record),
        cmocka_unit_test(a_missing_interval_is_never_narrow),
        cmocka_unit_test(a_run_that_may_stop_early_has_wider_intervals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
