/* SPDX-License-Identifier: MIT */
/* What a record's answer is about, from times that were chosen. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "example.h"
#include "findings.h"
#include "summarize.h"

enum { BLOCKS = 6, TASKS = 64 }; /* example_sample() has 64 tasks */

static struct record *record_of_work(void)
{
    struct record *record = record_create();
    struct record_workload *one = record_add_workload(record);

    one->id = strdup("work");
    one->klass = strdup("cpu");
    one->tasks = TASKS;
    return record;
}

/* A case whose tasks take so long, in six blocks from `first` on. */
static void add_case(struct record *record, const char *backend, size_t workers,
                     double task_s, size_t first)
{
    struct record_case *one = record_add_case(record);
    char id[16];

    snprintf(id, sizeof id, "c%zu", record->case_count);
    one->id = strdup(id);
    one->workload = strdup("work");
    one->backend = strdup(backend);
    one->workers = workers;
    one->tasks = TASKS;
    for (size_t block = 0; block < BLOCKS; block++)
        example_sample(record, record->case_count - 1, first + block,
                       (double)TASKS * task_s);
}

static void assert_answer(struct record *record, const char *headline,
                          const char *text)
{
    struct findings findings;

    assert_true(record_summarize(record));
    assert_true(findings_answers(record, &findings));
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.list[0].text, text);
    assert_string_equal(findings.list[0].headline, headline);
    findings_finish(&findings);
    record_destroy(record);
}

/* As the passes of a search have them: two cases that never met. */
static void without_a_block_in_common_the_answer_is_a_rate(void **state)
{
    struct record *record = record_of_work();

    (void)state;
    add_case(record, "thread", 1, 10e-3, 0);
    add_case(record, "thread", 2, 5e-3, BLOCKS);
    assert_answer(record, "200 /s",
                  "work: 2 threads, 200 /s [200, 200] (tasks per second)");
}

/* Each row of a table is a block of its own, but speed-ups are what it was
 * measured for. */
static void what_another_tool_measured_has_speedups(void **state)
{
    struct record *record = record_of_work();
    struct findings notes;
    bool is_told = false;

    (void)state;
    facts_set_text(record->tool, "name", "import");
    add_case(record, "command", 1, 10e-3, 0);
    add_case(record, "command", 2, 5e-3, BLOCKS);
    record->samples[0].elapsed_s *= 1.1;
    assert_true(record_summarize(record));
    const struct record_summary *speedup =
        record_find_summary(record, 1, "speedup_ratio", 0);
    assert_string_equal(speedup->method, WELCH_METHOD);
    assert_true(speedup->ci95[0] < speedup->estimate);
    assert_true(findings_notes(record, &notes));
    for (size_t i = 0; i < notes.count; i++)
        is_told |=
            strstr(notes.list[i].text, "one case after the other") != NULL;
    assert_true(is_told);
    findings_finish(&notes);
    /* by hand: ln 1.1 is 0.09531, of six values the mean error is 0.015885, and
     * the quantile of five degrees of freedom 2.5706 */
    assert_answer(record, "2.03x",
                  "work: 2 workers 2.03x [1.95, 2.12] over one worker");
}

/* Processes were measured again when the machine had become slow. */
static void what_wins_in_common_blocks_is_not_called_slower(void **state)
{
    struct record *record = record_of_work();
    struct finding finding;

    (void)state;
    add_case(record, "thread", 2, 10e-3, 0);
    add_case(record, "process", 2, 9e-3, 0);
    for (size_t block = BLOCKS; block < 2 * BLOCKS; block++)
        example_sample(record, 1, block, (double)TASKS * 15e-3);
    assert_true(record_summarize(record));
    assert_true(findings_winner(record, 0, &finding));
    assert_string_equal(finding.text,
                        "Best measured: 2 threads, 100 /s [100, 100]; next 2 "
                        "processes, 0.90x [0.90, 0.90] its time (faster in the "
                        "blocks that both have).");
    assert_true(findings_fastest(record, 0, &finding));
    assert_string_equal(finding.text,
                        "Best measured: 2 threads, 100 /s [100, 100]. Faster "
                        "in the blocks that both have: 2 processes, 0.90x "
                        "[0.90, 0.90] its time.");
    record_destroy(record);
}

static void a_base_in_no_common_block_gives_way_to_the_other(void **state)
{
    struct record *record = record_of_work();

    (void)state;
    add_case(record, "serial", 1, 9e-3, BLOCKS);
    add_case(record, "thread", 1, 10e-3, 0);
    add_case(record, "thread", 2, 5e-3, BLOCKS);
    assert_answer(record, "1.80x",
                  "work: 2 threads 1.80x [1.80, 1.80] over the serial loop");
}

static void a_loop_is_named_only_where_nothing_has_workers(void **state)
{
    struct record *record = record_of_work();

    (void)state;
    add_case(record, "serial", 1, 1e-3, 0);
    add_case(record, "cpython-serial", 1, 40e-3, 0);
    add_case(record, "cpython-process", 2, 20e-3, 0);
    assert_answer(record, "2.00x",
                  "work: 2 CPython processes 2.00x [2.00, 2.00] over its own "
                  "serial loop");
    record = record_of_work();
    add_case(record, "serial", 1, 1e-3, 0);
    add_case(record, "cpython-serial", 1, 40e-3, 0);
    assert_answer(record, "25.0 /s",
                  "work: the CPython loop, 25.0 /s [25.0, 25.0] (tasks per "
                  "second)");
}

static void what_limits_is_told_of_a_backend_with_workers(void **state)
{
    struct record *record = record_of_work();
    struct finding finding;

    (void)state;
    add_case(record, "cpython-serial", 1, 19e-3, 0);
    add_case(record, "cpython-process", 2, 20e-3, 0);
    assert_true(record_summarize(record));
    assert_true(findings_limits(record, 0, &finding));
    assert_non_null(strstr(finding.text, "2 CPython processes"));
    record_destroy(record);
}

/* Its tasks compute all the time that they take. */
static void compute(struct record *record)
{
    for (size_t i = 0; i < record->sample_count; i++) {
        record->samples[i].cpu_user_s = record->samples[i].elapsed_s;
        record->samples[i].latency.p50_s = NAN;
    }
}

/* What another tool measured comes without a number of CPUs. */
static void cpus_that_nobody_counted_are_not_used_up(void **state)
{
    struct record *record = record_of_work();
    struct finding finding;

    (void)state;
    add_case(record, "command", 1, 20e-3, 0);
    add_case(record, "command", 2, 20e-3, 0);
    compute(record);
    assert_true(record_summarize(record));
    assert_true(findings_limits(record, 0, &finding));
    assert_null(strstr(finding.text, "usable CPU"));
    assert_non_null(strstr(finding.text, "Nothing that limits"));
    record_destroy(record);
}

static void of_one_worker_no_limit_is_missed(void **state)
{
    struct record *record = record_of_work();
    struct finding finding;

    (void)state;
    add_case(record, "thread", 1, 20e-3, 0);
    compute(record);
    assert_true(record_summarize(record));
    assert_false(findings_limits(record, 0, &finding));
    add_case(record, "thread", 2, 10e-3, 0);
    compute(record);
    assert_true(record_summarize(record));
    assert_true(findings_limits(record, 0, &finding));
    record_destroy(record);
}

/* Do the notes on the record have these words? */
static bool is_noted(struct record *record, const char *words)
{
    struct findings notes;
    bool is_there = false;

    assert_true(record_summarize(record));
    assert_true(findings_notes(record, &notes));
    for (size_t i = 0; i < notes.count; i++)
        is_there |= strstr(notes.list[i].text, words) != NULL;
    findings_finish(&notes);
    return is_there;
}

static void few_blocks_are_those_of_a_case(void **state)
{
    struct record *record = record_of_work();

    (void)state;
    add_case(record, "thread", 1, 20e-3, 0);
    add_case(record, "thread", 2, 11e-3, BLOCKS); /* none in common */
    assert_false(is_noted(record, "Few blocks"));
    add_case(record, "thread", 4, 6e-3, 0);
    for (size_t i = 0; i < BLOCKS - 2; i++)
        record->samples[record->sample_count - 1 - i].verified = false;
    assert_true(is_noted(record, "Few blocks: 2 at least."));
    record_destroy(record);
}

static void the_last_digits_of_equal_times_are_not_skewed(void **state)
{
    struct record *record = record_of_work();

    (void)state;
    for (size_t i = 1; i <= 8; i++)
        add_case(record, "thread", i, 0.0123 / (double)i, 0);
    for (size_t i = 0; i < record->sample_count; i++)
        record->samples[i].elapsed_s *= 1 + 1e-15 * (double)(i % BLOCKS == 0);
    assert_false(is_noted(record, "Skewed"));
    for (size_t block = BLOCKS; block < 3 * BLOCKS; block++)
        example_sample(record, 0, block, TASKS * 0.0123);
    record->samples[0].elapsed_s *= 1.5;
    assert_true(is_noted(record, "Skewed"));
    record_destroy(record);
}

/* Each of a case's samples has a thousand tasks, 99 in 100 of them `usual_s`
 * long and the others ten times that. */
static void add_latencies(struct record *record, size_t case_index,
                          double usual_s)
{
    for (size_t i = 0; i < record->sample_count; i++) {
        struct record_latency *latency = &record->samples[i].latency;

        if (record->samples[i].case_index != case_index)
            continue;
        latency->kind = strdup("response");
        latency->n = 1000;
        latency->p50_s = latency->p90_s = latency->p99_s = usual_s;
        latency->histogram = histogram_create();
        assert_non_null(latency->histogram);
        histogram_add_count(latency->histogram, (int64_t)(usual_s * 1e9), 991);
        histogram_add_count(latency->histogram, (int64_t)(usual_s * 1e10), 9);
    }
}

/* One worker does not keep up; four are no better than two. */
static struct record *open_loop(void)
{
    struct record *record = record_of_work();

    facts_set_number(record->run, RATE_FACT, 500);
    add_case(record, "thread", 1, 4e-3, 0);
    add_case(record, "thread", 4, 2e-3, 0);
    add_case(record, "thread", 2, 2e-3, 0);
    return record;
}

static void an_open_loop_has_a_latency_for_an_answer(void **state)
{
    struct record *record = open_loop();

    (void)state;
    add_latencies(record, 0, 0.8);
    add_latencies(record, 1, 0.002048);
    add_latencies(record, 2, 0.002048);
    assert_answer(record, "2.05 ms",
                  "work: 2 threads, 500 /s [500, 500] of 500 /s that came; "
                  "half of tasks within 2.05 ms [2.05, 2.05]; 99 % within 2.05 "
                  "ms [2.05, 2.05]");
}

static void without_latencies_it_is_who_kept_up(void **state)
{
    (void)state;
    assert_answer(open_loop(), "500 /s",
                  "work: 2 threads, 500 /s [500, 500] of 500 /s that came");
}

/* A report that names one count at its top and recommends another is read once
 * and not believed. */
static void what_was_recommended_is_the_answer(void **state)
{
    struct record *record = record_of_work();
    struct record_recommendation *one;

    (void)state;
    add_case(record, "thread", 2, 11e-3, 0);
    add_case(record, "thread", 4, 5.2e-3, 0);
    add_case(record, "thread", 5, 5e-3, 0);
    one = record_add_recommendation(record);
    one->workload = strdup("work");
    one->backend = strdup("thread");
    one->workers = 5;
    assert_answer(record, "200 /s",
                  "work: 5 threads, 200 /s [200, 200] (tasks per second)");
}

/* One worker does half of what comes, and queues 32 of 64 tasks. Of five it
 * would be two or three, which may be chance. */
static void tasks_that_queue_are_noted(void **state)
{
    struct record *record = open_loop();

    (void)state;
    assert_true(is_noted(record, "Not kept up with: in 1 of 3 cases"));
    assert_false(is_noted(record, "the generator was late"));
    for (size_t i = 0; i < record->case_count; i++)
        record->cases[i].tasks = 5;
    assert_false(is_noted(record, "Not kept up with"));
    record_destroy(record);
}

/* The ratio of two throughputs is that of two rates of arrival. */
static void an_open_loop_has_no_speedup_and_no_limit(void **state)
{
    struct record *record = open_loop();
    struct finding finding;

    (void)state;
    assert_true(record_summarize(record));
    for (size_t i = 0; i < record->summary_count; i++)
        assert_true(record->summaries[i].base == NO_CASE);
    assert_int_equal(record->comparison_count, 0);
    assert_false(findings_limits(record, 0, &finding));
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_block_in_common_the_answer_is_a_rate),
        cmocka_unit_test(what_another_tool_measured_has_speedups),
        cmocka_unit_test(what_wins_in_common_blocks_is_not_called_slower),
        cmocka_unit_test(a_base_in_no_common_block_gives_way_to_the_other),
        cmocka_unit_test(a_loop_is_named_only_where_nothing_has_workers),
        cmocka_unit_test(what_limits_is_told_of_a_backend_with_workers),
        cmocka_unit_test(of_one_worker_no_limit_is_missed),
        cmocka_unit_test(cpus_that_nobody_counted_are_not_used_up),
        cmocka_unit_test(few_blocks_are_those_of_a_case),
        cmocka_unit_test(the_last_digits_of_equal_times_are_not_skewed),
        cmocka_unit_test(an_open_loop_has_a_latency_for_an_answer),
        cmocka_unit_test(without_latencies_it_is_who_kept_up),
        cmocka_unit_test(what_was_recommended_is_the_answer),
        cmocka_unit_test(tasks_that_queue_are_noted),
        cmocka_unit_test(an_open_loop_has_no_speedup_and_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
