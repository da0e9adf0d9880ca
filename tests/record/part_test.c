/* SPDX-License-Identifier: MIT */
/* A part of a record has what its section is about, and nothing else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "part.h"
#include "record.h"
#include "record_memory.h"

enum { MANY = 40, FEW = 3, BLOCKS = 6 };

static void add_case(struct record *record, size_t i, const char *backend)
{
    struct record_case *one = record_add_case(record);
    char text[32];

    snprintf(text, sizeof text, "c%zu", record->case_count);
    one->id = strdup(text);
    one->workload = strdup(record->workloads[i].id);
    one->backend = strdup(backend);
    one->workers = 1;
    one->tasks = 8;
}

static void add_sample(struct record *record, size_t case_index, size_t block)
{
    struct record_sample *sample = record_add_sample(record);

    sample->case_index = case_index;
    sample->block = block;
    sample->elapsed_s = 0.1 * (double)(case_index + 1);
    sample->tasks = 8;
    sample->frequency_hz = case_index % 2 == 0 ? 1e9 : 3e9;
    sample->verified = true;
}

/* Of each workload a serial case and one of threads, these after all those. */
static struct record *record_of(size_t workloads)
{
    struct record *record = record_create();
    char text[24];

    for (size_t i = 0; i < workloads; i++) {
        struct record_workload *one = record_add_workload(record);
        snprintf(text, sizeof text, "w%zu", i);
        one->id = strdup(text);
        one->klass = strdup("cpu");
        one->tasks = 8;
    }
    for (size_t i = 0; i < workloads; i++)
        add_case(record, i, "serial");
    for (size_t i = 0; i < workloads; i++)
        add_case(record, i, "thread");
    for (size_t block = 0; block < BLOCKS; block++)
        for (size_t i = 0; i < record->case_count; i++)
            add_sample(record, i, block);
    assert_true(record_summarize(record));
    return record;
}

static double estimate(const struct record *record, const char *workload,
                       const char *metric, const char *base)
{
    size_t one = record_find_case(record, workload, "thread", 1);
    const struct record_summary *summary = record_find_summary(
        record, one, metric,
        base == NULL ? NO_CASE : record_find_case(record, workload, base, 1));

    assert_non_null(summary);
    return summary->estimate;
}

static void a_part_has_what_its_section_is_about(void **state)
{
    struct record *record = record_of(MANY);
    struct record_parts *parts = record_parts_create(record);
    const struct record *part;

    (void)state;
    assert_non_null(parts);
    for (size_t i = 0; i < MANY; i++) {
        const char *id = record->workloads[i].id;

        part = record_part(parts, i);
        assert_non_null(part);
        assert_int_equal(part->case_count, 2);
        assert_string_equal(part->cases[0].backend, "serial");
        assert_string_equal(part->cases[1].workload, id);
        assert_int_equal(part->sample_count, 2 * BLOCKS);
        for (size_t k = 0; k < part->sample_count; k++)
            assert_true(
                part->samples[k].elapsed_s ==
                0.1 * (double)(i + 1 +
                               (part->samples[k].case_index == 1 ? MANY : 0)));
        assert_ptr_equal(part->workloads, record->workloads);
        assert_true(estimate(part, id, "elapsed_s", NULL) ==
                    estimate(record, id, "elapsed_s", NULL));
        assert_true(estimate(part, id, "speedup_ratio", "serial") ==
                    estimate(record, id, "speedup_ratio", "serial"));
    }
    record_parts_destroy(parts);
    record_destroy(record);
}

/* They share a section, whichever of them is asked about. */
static void lengths_of_one_work_stay_together(void **state)
{
    struct record *record = record_of(MANY);
    struct record_parts *parts;

    (void)state;
    for (size_t i = 7; i < MANY; i += 20)
        record->workloads[i].grain.of = strdup("work");
    parts = record_parts_create(record);
    assert_non_null(parts);
    assert_int_equal(record_part(parts, 7)->case_count, 4);
    assert_int_equal(record_part(parts, 27)->case_count, 4);
    assert_int_equal(record_part(parts, 8)->case_count, 2);
    record_parts_destroy(parts);
    record_destroy(record);
}

/* Of all of the run's samples, not of the part's. */
static void the_median_frequency_is_that_of_the_whole(void **state)
{
    struct record *record = record_of(MANY);
    struct record_parts *parts = record_parts_create(record);

    (void)state;
    assert_true(record_part(parts, 0)->median_hz == 2e9);
    record_parts_destroy(parts);
    record_destroy(record);
}

static void what_is_compared_across_sections_is_not_cut(void **state)
{
    struct record *record = record_of(MANY);
    struct record_comparison *one = record_add_comparison(record);
    struct record_parts *parts;

    (void)state;
    one->a = 0;
    one->b = 1; /* of another workload */
    one->metric = strdup("elapsed_s");
    parts = record_parts_create(record);
    assert_ptr_equal(record_part(parts, 0), record);
    record_parts_destroy(parts);
    record_destroy(record);
}

static void a_small_record_is_its_own_part(void **state)
{
    struct record *record = record_of(FEW);
    struct record_parts *parts = record_parts_create(record);

    (void)state;
    assert_ptr_equal(record_part(parts, FEW - 1), record);
    record_parts_destroy(parts);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_has_what_its_section_is_about),
        cmocka_unit_test(lengths_of_one_work_stay_together),
        cmocka_unit_test(the_median_frequency_is_that_of_the_whole),
        cmocka_unit_test(what_is_compared_across_sections_is_not_cut),
        cmocka_unit_test(a_small_record_is_its_own_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
