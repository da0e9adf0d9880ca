/* SPDX-License-Identifier: MIT */
/* A record of two sides: which cases are compared, and what is said of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "precision.h"
#include "sides.h"

static void add_workload(struct record *record, const char *id)
{
    *record_add_workload(record) =
        (struct record_workload){.id = strdup(id),
                                 .klass = strdup("cpu"),
                                 .about = strdup(""),
                                 .tasks = 10};
}

static void add_case(struct record *record, const char *id,
                     const char *workload, size_t workers)
{
    *record_add_case(record) =
        (struct record_case){.id = strdup(id),
                             .workload = strdup(workload),
                             .backend = strdup("thread"),
                             .workers = workers,
                             .tasks = 10};
}

static void add_sample(struct record *record, size_t one, size_t block,
                       double elapsed_s)
{
    *record_add_sample(record) = (struct record_sample){.case_index = one,
                                                        .block = block,
                                                        .elapsed_s = elapsed_s,
                                                        .tasks = 10,
                                                        .verified = true};
}

/* Old and new with one and two workers; the machine is up to three times as
 * slow in some blocks, which both sides share. */
static struct record *record_of(size_t blocks, double ratio, double noise)
{
    const struct sides sides = {"old", "new", 0.02};
    struct record *record = record_create();

    assert_true(sides_set(record->run, &sides));
    add_workload(record, "old");
    add_workload(record, "new");
    add_case(record, "c1", "old", 1);
    add_case(record, "c2", "old", 2);
    add_case(record, "c3", "new", 1);
    add_case(record, "c4", "new", 2);
    for (size_t b = 0; b < blocks; b++) {
        double mood = 1 + (double)(b % 3);
        double off = noise * ((double)(b % 5) - 2);

        add_sample(record, 0, b, mood);
        add_sample(record, 1, b, mood / 2);
        add_sample(record, 2, b, mood * ratio * (1 + off));
        add_sample(record, 3, b, mood / 2 * (1 - off));
    }
    assert_true(record_summarize(record));
    return record;
}

/* The i-th of the comparisons of sides. */
static const struct record_comparison *side(const struct record *record,
                                            size_t index)
{
    for (size_t i = 0; i < record->comparison_count; i++)
        if (sides_are(record, &record->comparisons[i]) && index-- == 0)
            return &record->comparisons[i];
    return NULL;
}

static void the_same_case_of_both_sides_is_compared(void **state)
{
    struct record *record = record_of(10, 1.05, 0.001);

    (void)state;
    assert_non_null(side(record, 1));
    assert_null(side(record, 2));
    assert_int_equal(side(record, 0)->a, 2);
    assert_int_equal(side(record, 0)->b, 0);
    assert_true(fabs(side(record, 0)->ratio - 1.05) < 1e-3);
    assert_string_equal(side(record, 0)->verdict, "slower");
    assert_string_equal(side(record, 1)->verdict, "equivalent");
    assert_string_equal(side(record, 0)->method, "wilcoxon");
    assert_true(side(record, 0)->paired);
    record_destroy(record);
}

/* Two comparisons at 95 % together are at 97.5 % each: seven blocks. */
static void too_few_blocks_are_inconclusive_and_it_says_how_many(void **state)
{
    struct record *record = record_of(6, 2, 0);

    (void)state;
    assert_string_equal(side(record, 0)->verdict, "inconclusive");
    assert_true(isnan(side(record, 0)->ci95[0]));
    assert_true(side(record, 0)->blocks_needed == 7);
    assert_string_equal(side(record, 0)->reason,
                        "an interval needs 7 blocks with both cases");
    assert_true(isinf(precision_widest(record)));
    record_destroy(record);
}

/* How wide the intervals of times are is no concern of a run that compares. */
static void precision_is_that_of_the_ratios(void **state)
{
    struct record *record = record_of(20, 1.3, 0.001);

    (void)state;
    assert_true(precision_widest(record) < 0.01);
    assert_true(precision_widest(record) > 0);
    record_destroy(record);
}

/* A planted change of just what is said to be seen is called slower. */
static void what_is_seen_is_called_slower(void **state)
{
    struct record *record = record_of(10, 1, 0.004);
    double seen = side(record, 0)->detectable_ratio;

    (void)state;
    assert_string_equal(side(record, 0)->verdict, "equivalent");
    assert_true(seen > 0.02 && seen < 0.05);
    record_destroy(record);
    record = record_of(10, 1 + seen, 0.004);
    assert_string_equal(side(record, 0)->verdict, "slower");
    record_destroy(record);
}

static void a_failed_side_is_not_compared(void **state)
{
    struct record *record = record_of(10, 1, 0.001);

    (void)state;
    record->cases[0].status = CASE_FAILED;
    assert_true(record_summarize(record));
    assert_int_equal(side(record, 0)->b, 1);
    assert_null(side(record, 1));
    record_destroy(record);
}

static void other_records_have_no_sides(void **state)
{
    struct record *record = record_create();
    struct sides sides;

    (void)state;
    assert_false(sides_find(record, &sides));
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_case_of_both_sides_is_compared),
        cmocka_unit_test(too_few_blocks_are_inconclusive_and_it_says_how_many),
        cmocka_unit_test(precision_is_that_of_the_ratios),
        cmocka_unit_test(what_is_seen_is_called_slower),
        cmocka_unit_test(a_failed_side_is_not_compared),
        cmocka_unit_test(other_records_have_no_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
