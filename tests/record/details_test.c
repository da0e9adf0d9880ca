/* SPDX-License-Identifier: MIT */
/* What stands behind the summaries. The example's cases are the serial loop
 * and threads; its numbers are set here, so that sums can be done by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "details.h"
#include "example.h"

enum { SERIAL = 0, BLOCKS = 4 };

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-3 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* The first case of more than one worker. */
static size_t many(const struct record *record)
{
    size_t i = 0;

    while (record->cases[i].workers < 2)
        i++;
    return i;
}

/* Tasks of 10 ms each, ten of them a sample. */
static void keep_tasks(struct record_sample *sample)
{
    struct histogram *histogram = histogram_create();

    assert_non_null(histogram);
    histogram_add_count(histogram, 10000000, 10);
    histogram_destroy(sample->latency.histogram);
    sample->latency.histogram = histogram;
    sample->latency.n = 10;
    sample->tasks = 10;
}

static struct record *measured(void)
{
    static const double elapsed_s[BLOCKS] = {0.1, 0.1, 0.12, 0.08};
    struct record *record = example_record(0);

    for (size_t block = 0; block < BLOCKS; block++)
        for (size_t i = 0; i < 2; i++) {
            size_t index = i == 0 ? SERIAL : many(record);
            example_sample(record, index, block, elapsed_s[block]);
            struct record_sample *sample =
                &record->samples[record->sample_count - 1];
            keep_tasks(sample);
            sample->cpu_user_s = i == 0 ? 0.04 : 0.05;
            sample->cpu_sys_s = 0;
        }
    assert_true(record_summarize(record));
    return record;
}

static void the_parts_of_the_workers_time_add_up(void **state)
{
    struct record *record = measured();
    size_t threads = many(record);
    double had_s = 0.4 * (double)record->cases[threads].workers;
    struct details details;
    struct time_split split;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_true(details_time_split(&details, threads, &split));
    assert_near(split.busy, 4 * 0.04 / had_s);
    assert_near(split.overhead, 4 * 0.01 / had_s);
    assert_near(split.waiting, (0.4 - 4 * 0.05) / had_s);
    assert_near(split.busy + split.overhead + split.waiting + split.idle, 1);
    details_finish(&details);
    record_destroy(record);
}

static void without_cpu_times_there_is_no_time_split(void **state)
{
    struct record *record = measured();
    struct details details;
    struct time_split split;

    (void)state;
    record->samples[record->sample_count - 1].cpu_user_s = NAN;
    assert_true(details_collect(record, &details));
    assert_false(details_time_split(&details, many(record), &split));
    details_finish(&details);
    record_destroy(record);
}

static void blocks_are_a_distribution(void **state)
{
    struct record *record = measured();
    struct details_step steps[BLOCKS];
    struct details details;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_int_equal(details_blocks(&details, SERIAL, steps, BLOCKS), BLOCKS);
    assert_near(steps[0].value_s, 0.08);
    assert_near(steps[0].fraction, 0.25);
    assert_near(steps[3].value_s, 0.12);
    assert_near(steps[3].fraction, 1);
    const struct record_sample *slow =
        &record
             ->samples[record->sample_count - 4]; /* the serial loop's third */
    assert_near(details_relative(&details, slow), 1.2);
    details_finish(&details);
    record_destroy(record);
}

static void tasks_are_pooled_over_blocks(void **state)
{
    struct record *record = measured();
    struct details_step *steps;
    struct details details;
    double tasks;

    (void)state;
    assert_true(details_collect(record, &details));
    assert_int_equal(details_tasks(&details, SERIAL, &steps, &tasks), 1);
    assert_near(tasks, 40);
    assert_near(steps[0].value_s, 0.01);
    assert_near(steps[0].fraction, 1);
    free(steps);
    details_finish(&details);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_the_workers_time_add_up),
        cmocka_unit_test(without_cpu_times_there_is_no_time_split),
        cmocka_unit_test(blocks_are_a_distribution),
        cmocka_unit_test(tasks_are_pooled_over_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
