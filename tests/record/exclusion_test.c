/* SPDX-License-Identifier: MIT */
/* What the machine did is a reason to set samples aside; what they say is not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "example.h"
#include "exclusion.h"
#include "findings.h"

enum {
    SAMPLES = 8,
    CASE = 2, /* thread with two workers            */
    ODD = 3,  /* samples of the example that are not */
};

/* A record of two usable CPUs, and of each case eight samples of 0.1 s with
 * nothing amiss. */
static struct record *quiet(void)
{
    struct record *record = example_record(0);

    facts_set_number(record->env, "cpu.usable", 2);
    assert_int_equal(record->sample_count, ODD);
    for (size_t i = 0; i < ODD; i++)
        record->samples[i].verified = false;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t c = 0; c < 4; c++) {
            struct record_sample *sample = example_sample(record, c, i, 0.1);

            sample->steal_s = sample->throttled_s = sample->foreign_s = 0;
            sample->faults_major = sample->thermal_events = 0;
            sample->frequency_hz = 3e9;
        }
    return record;
}

/* The i-th sample of the case. */
static struct record_sample *at(struct record *record, size_t i)
{
    return &record->samples[ODD + 4 * i + CASE];
}

static size_t excluded(const struct record *record, const char *cause)
{
    size_t count = 0;

    for (size_t i = 0; i < record->sample_count; i++) {
        const char *by = record->samples[i].excluded_by;

        count += by != NULL && (cause == NULL || strcmp(by, cause) == 0);
    }
    return count;
}

static void a_quiet_machine_excludes_nothing(void **state)
{
    struct record *record = quiet();

    (void)state;
    at(record, 3)->elapsed_s = 9; /* however slow it was */
    assert_true(exclusion_apply(record));
    assert_int_equal(excluded(record, NULL), 0);
    assert_int_equal(facts_count(record->run, NOT_QUIET_FACT), 0);
    record_destroy(record);
}

static void each_declared_cause_sets_its_sample_aside(void **state)
{
    struct record *record;

    (void)state;
    for (size_t cause = 0; cause < EXCLUSION_CAUSES; cause++) {
        struct record_sample *sample;

        record = quiet();
        facts_set_number(record->env, "cpu.quota_cpus", 2);
        sample = at(record, 3);
        switch (cause) {
        case 0:
            sample->steal_s = 0.002; /* 1 % of two CPUs */
            break;
        case 1:
            sample->throttled_s = 0.001;
            break;
        case 2:
            sample->thermal_events = 1;
            break;
        case 3:
            sample->faults_major = 1;
            break;
        case 4:
            sample->frequency_hz = 2.8e9;
            break;
        default:
            sample->foreign_s = 0.02;
            break;
        }
        assert_true(exclusion_apply(record));
        assert_int_equal(excluded(record, NULL), 1);
        assert_string_equal(sample->excluded_by, exclusion_name(cause));
        assert_int_equal(facts_count(record->run, NOT_QUIET_FACT), 0);
        record_destroy(record);
    }
}

static void below_its_threshold_a_cause_excludes_nothing(void **state)
{
    struct record *record = quiet();
    struct record_sample *sample = at(record, 3);

    (void)state;
    sample->steal_s = 0.0009;
    sample->foreign_s = 0.009;
    sample->frequency_hz = 2.9e9;
    sample->throttled_s = 0.05; /* no quota is known */
    assert_true(exclusion_apply(record));
    assert_int_equal(excluded(record, NULL), 0);
    record_destroy(record);
}

/* More workers than the quota has CPUs: being held back is the result. */
static void throttling_beyond_the_quota_is_the_result(void **state)
{
    struct record *record = quiet();

    (void)state;
    facts_set_number(record->env, "cpu.quota_cpus", 1.5);
    at(record, 3)->throttled_s = 0.05;
    assert_true(exclusion_apply(record));
    assert_int_equal(excluded(record, NULL), 0);
    record_destroy(record);
}

/* Two of eight are a quarter, three are more. */
static void over_a_quarter_of_a_case_nothing_is_excluded(void **state)
{
    struct record *record = quiet();
    struct findings notes;
    bool is_said = false;

    (void)state;
    at(record, 1)->steal_s = at(record, 2)->steal_s = 0.05;
    at(record, 5)->faults_major = 3;
    assert_true(exclusion_apply(record));
    assert_int_equal(excluded(record, "steal"), 2);
    assert_int_equal(excluded(record, "major_faults"), 1);

    at(record, 6)->steal_s = 0.05;
    assert_true(exclusion_apply(record));
    assert_int_equal(excluded(record, "steal"), 0);
    assert_int_equal(excluded(record, "major_faults"), 1);
    assert_int_equal(facts_count(record->run, NOT_QUIET_FACT), 1);
    assert_string_equal(facts_text_at(record->run, NOT_QUIET_FACT, 0, ""),
                        "steal");
    assert_true(record_summarize(record));
    assert_true(findings_notes(record, &notes));
    for (size_t i = 0; i < notes.count; i++)
        is_said |=
            strstr(notes.list[i].text, "Machine not quiet: steal") != NULL;
    assert_true(is_said);
    findings_finish(&notes);
    record_destroy(record);
}

/* A run that looks at its precision asks more than once. */
static void a_machine_may_become_quiet_again(void **state)
{
    struct record *record = quiet();

    (void)state;
    for (size_t i = 0; i < 3; i++)
        at(record, i)->steal_s = 0.05;
    assert_true(exclusion_apply(record));
    assert_int_equal(facts_count(record->run, NOT_QUIET_FACT), 1);
    at(record, 2)->steal_s = 0;
    assert_true(exclusion_apply(record));
    assert_int_equal(facts_count(record->run, NOT_QUIET_FACT), 0);
    assert_int_equal(excluded(record, "steal"), 2);
    record_destroy(record);
}

static void an_excluded_sample_stays_and_enters_no_statistic(void **state)
{
    struct record *record = quiet();
    const struct record_summary *summary;

    (void)state;
    at(record, 4)->steal_s = 0.5;
    at(record, 4)->elapsed_s = 5;
    assert_true(exclusion_apply(record));
    assert_true(record_summarize(record));
    summary = record_find_summary(record, CASE, "elapsed_s", NO_CASE);
    assert_int_equal(summary->block_count, SAMPLES - 1);
    assert_true(fabs(summary->estimate - 0.1) < 1e-9);
    assert_int_equal(record->sample_count, ODD + 4 * SAMPLES);
    record_destroy(record);
}

static void what_an_import_set_aside_stays_so(void **state)
{
    struct record *record = quiet();

    (void)state;
    at(record, 4)->excluded_by = strdup("failed");
    assert_true(exclusion_apply(record));
    assert_int_equal(excluded(record, "failed"), 1);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_machine_excludes_nothing),
        cmocka_unit_test(each_declared_cause_sets_its_sample_aside),
        cmocka_unit_test(below_its_threshold_a_cause_excludes_nothing),
        cmocka_unit_test(throttling_beyond_the_quota_is_the_result),
        cmocka_unit_test(over_a_quarter_of_a_case_nothing_is_excluded),
        cmocka_unit_test(a_machine_may_become_quiet_again),
        cmocka_unit_test(an_excluded_sample_stays_and_enters_no_statistic),
        cmocka_unit_test(what_an_import_set_aside_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
