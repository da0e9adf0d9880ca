/* SPDX-License-Identifier: MIT */
/* Lengths of a task, with numbers chosen so that they can be done by hand: an
 * executor adds 10 us to each task on threads and 40 us on processes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "findings.h"
#include "grain.h"

enum { LENGTHS = 4, BLOCKS = 6, TASKS = 100 };

static const double lengths_s[LENGTHS] = {1e-6, 1e-5, 1e-4, 1e-3};
static const char *const backends[] = {"serial", "thread", "process"};
static const double added_s[] = {0, 1e-5, 4e-5};

static void add_case(struct record *record, const char *workload,
                     const char *backend, double task_s)
{
    struct record_case *one = record_add_case(record);
    char id[16];

    snprintf(id, sizeof id, "c%zu", record->case_count);
    one->id = strdup(id);
    one->workload = strdup(workload);
    one->backend = strdup(backend);
    one->workers = 1;
    one->tasks = TASKS;
    for (size_t block = 0; block < BLOCKS; block++) {
        struct record_sample *sample = record_add_sample(record);
        sample->case_index = record->case_count - 1;
        sample->block = block;
        sample->tasks = TASKS;
        sample->elapsed_s =
            task_s * TASKS * (1 + 0.001 * ((double)(block % 3) - 1));
        sample->verified = true;
    }
}

/* The longest first: the order is not to matter. */
static struct record *measured_from(size_t first_backend)
{
    struct record *record = record_create();
    char id[32];

    for (size_t i = LENGTHS; i-- > 0;) {
        struct record_workload *one = record_add_workload(record);
        snprintf(id, sizeof id, "squares@%zu", i);
        one->id = strdup(id);
        one->klass = strdup("cpu");
        one->tasks = TASKS;
        one->grain.of = strdup("squares");
        one->grain.parameter = strdup("n");
        one->grain.wanted_s = lengths_s[i];
        for (size_t b = first_backend; b < 3; b++)
            add_case(record, id, backends[b], lengths_s[i] + added_s[b]);
    }
    assert_true(record_summarize(record));
    return record;
}

static struct record *measured(void)
{
    return measured_from(0);
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 5e-3 * fabs(expected)))
        fail_msg("%.9g is not %.9g", value, expected);
}

static void the_overhead_of_a_task_is_what_was_added(void **state)
{
    struct record *record = measured();
    struct details details;
    struct grain grain;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_true(grain_collect(&details, 0, &grain));
    assert_int_equal(grain.workload_count, LENGTHS);
    assert_int_equal(grain.lane_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct grain_lane *lane = &grain.lanes[i];
        assert_int_equal(lane->count, LENGTHS);
        for (size_t k = 0; k < LENGTHS; k++) {
            assert_near(lane->points[k].task_s, lengths_s[k]);
            assert_near(lane->points[k].overhead_s, added_s[i + 1]);
            assert_true(lane->points[k].overhead_ci95[0] <= added_s[i + 1]);
            assert_true(lane->points[k].overhead_ci95[1] >= added_s[i + 1]);
        }
    }
    grain_finish(&grain);
    details_finish(&details);
    record_destroy(record);
}

/* Efficiency at length t is t / (t + added): on the threads' lane it is 0.5 at
 * 10 us, which was measured; on the processes' between 10 and 100 us. */
static void half_is_well_spent_where_the_overhead_is_as_long(void **state)
{
    struct record *record = measured();
    struct details details;
    struct grain grain;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_true(grain_collect(&details, 0, &grain));
    assert_int_equal(grain.lanes[0].metg_place, GRAIN_FOUND);
    assert_near(grain.lanes[0].metg_s, 1e-5);
    assert_int_equal(grain.lanes[1].metg_place, GRAIN_FOUND);
    double low = log(0.2 / 0.5), high = log(1 / 1.4 / 0.5);
    assert_near(grain.lanes[1].metg_s, 1e-5 * pow(10, low / (low - high)));
    grain_finish(&grain);
    details_finish(&details);
    record_destroy(record);
}

/* Threads win at each length, by less than the spread at none. */
static void threads_stay_ahead_where_they_always_add_less(void **state)
{
    struct record *record = measured();
    struct details details;
    struct grain grain;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_true(grain_collect(&details, 0, &grain));
    assert_int_equal(grain.crossing_count, 1);
    assert_int_equal(grain.crossings[0].count, LENGTHS);
    assert_near(grain.crossings[0].ratios[0].ratio, 1.1 / 4.1);
    assert_int_equal(grain.crossings[0].place, GRAIN_ABOVE);
    assert_near(grain.crossings[0].crossing_s, 1e-3);
    grain_finish(&grain);
    details_finish(&details);
    record_destroy(record);
}

/* Every other block of that length on processes takes ten times as long. */
static void blur(struct record *record, const char *workload)
{
    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_case *one =
            &record->cases[record->samples[i].case_index];

        if (strcmp(one->workload, workload) == 0 &&
            strcmp(one->backend, "process") == 0)
            record->samples[i].elapsed_s *=
                record->samples[i].block % 2 == 0 ? 10 : 0.1;
    }
}

static void what_is_not_told_apart_is_not_as_fast(void **state)
{
    struct record *record = measured();
    struct details details;
    struct grain grain;
    struct finding finding;

    (void)state; /* squares@0 is 1 us long, and processes take 3.7 times */
    blur(record, "squares@0");
    assert_true(details_collect(record, &details));
    assert_true(grain_collect(&details, 0, &grain));
    assert_int_equal(grain.crossings[0].place, GRAIN_ABOVE);
    assert_near(grain.crossings[0].crossing_s, 1e-3);
    grain_finish(&grain);
    details_finish(&details);
    for (size_t i = 1; i < LENGTHS; i++)
        blur(record, record->workloads[LENGTHS - 1 - i].id);
    assert_true(details_collect(record, &details));
    assert_true(grain_collect(&details, 0, &grain));
    assert_true(findings_lengths(&grain, "squares", 2, &finding));
    assert_null(strstr(finding.text, "as fast as"));
    grain_finish(&grain);
    details_finish(&details);
    record_destroy(record);
}

static void only_the_first_of_a_kind_stands_for_it(void **state)
{
    struct record *record = measured();
    struct details details;
    struct grain grain;

    (void)state;
    assert_true(grain_is_first(record, 0));
    assert_false(grain_is_first(record, 1));
    assert_true(grain_is_later(record, 1));
    assert_true(details_collect(record, &details));
    assert_false(grain_collect(&details, 1, &grain));
    details_finish(&details);
    record_destroy(record);
}

static void of_unknown_cpus_nothing_is_said(void **state)
{
    struct record *record = measured();
    struct details details;
    struct finding finding;
    struct grain grain;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_true(grain_collect(&details, 0, &grain));
    assert_true(findings_lengths(&grain, "work", 2, &finding));
    assert_false(findings_lengths(&grain, "work", NAN, &finding));
    grain_finish(&grain);
    details_finish(&details);
    record_destroy(record);
}

/* What was measured is not to vanish with the length that is not known. */
static void without_the_plain_loop_each_is_a_workload_by_itself(void **state)
{
    struct record *record = measured_from(1);
    struct findings answers;

    (void)state;
    for (size_t i = 0; i < LENGTHS; i++) {
        assert_false(grain_is_of_lengths(record, i));
        assert_false(grain_is_later(record, i));
    }
    assert_true(findings_answers(record, &answers));
    assert_int_equal(answers.count, LENGTHS);
    assert_non_null(strstr(answers.list[0].text, "squares@3: 1 thread"));
    findings_finish(&answers);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_overhead_of_a_task_is_what_was_added),
        cmocka_unit_test(half_is_well_spent_where_the_overhead_is_as_long),
        cmocka_unit_test(threads_stay_ahead_where_they_always_add_less),
        cmocka_unit_test(what_is_not_told_apart_is_not_as_fast),
        cmocka_unit_test(only_the_first_of_a_kind_stands_for_it),
        cmocka_unit_test(of_unknown_cpus_nothing_is_said),
        cmocka_unit_test(without_the_plain_loop_each_is_a_workload_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
