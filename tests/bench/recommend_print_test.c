/* SPDX-License-Identifier: MIT */
/* The answer in words: they do not contradict each other. */
#include "recommend_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "record_memory.h"
#include "summarize.h"

/* One worker, `good` of which are shown to be as good as the best. */
static struct record *record_of(double good)
{
    struct record *record = record_create();
    struct record_recommendation *one = record_add_recommendation(record);

    *one = (struct record_recommendation){
        .workload = strdup("work"),
        .backend = strdup("thread"),
        .best_backend = strdup("thread"),
        .goal = strdup("knee"),
        .paste = strdup("max_workers=1"),
        .within_ratio = 0.05,
        .workers = 1,
        .best_workers = 2,
        .confidence_set = {1, 2},
        .good_set = {good, good},
        .regret_ratio = 0.03,
        .regret_ci95 = {0, 0.06},
        .throughput_per_s = 100,
        .shown = isfinite(good),
    };
    return record;
}

/* What is printed about it, which is the caller's to free. */
static char *printed(struct record *record)
{
    FILE *file = tmpfile();
    char *text = calloc(1, 4096);
    int out = dup(STDOUT_FILENO);

    assert_non_null(file);
    assert_non_null(text);
    fflush(stdout);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    recommend_print(record, false);
    fflush(stdout);
    assert_true(dup2(out, STDOUT_FILENO) >= 0);
    close(out);
    rewind(file);
    assert_true(fread(text, 1, 4095, file) > 0);
    fclose(file);
    record_destroy(record);
    return text;
}

static void what_is_not_shown_is_not_said_to_be_within(void **state)
{
    char *text = printed(record_of(NAN));

    (void)state;
    assert_non_null(strstr(text, "work: 1 thread (the knee is 1 to 2; not "
                                 "shown to be within 5 % of the best)\n"));
    free(text);
    text = printed(record_of(1));
    assert_non_null(strstr(text, "; 1 is within 5 % of the best)\n"));
    free(text);
}

/* So that the counts beside it, and those of the file, can be told apart. */
static void samples_of_the_pilot_are_told_apart(void **state)
{
    struct record *record = record_of(1);
    struct record_case *one = record_add_case(record);
    char *text;

    (void)state;
    one->workload = strdup("work");
    one->backend = strdup("thread");
    one->workers = 1;
    record->recommendations[0].point_count = 2;
    record->recommendations[0].run_count = 3;
    for (int i = 0; i < 5; i++) {
        struct record_sample *sample = record_add_sample(record);

        sample->case_index = 0;
        sample->warmup = i < 2;
    }
    text = printed(record);
    assert_non_null(strstr(text, "  measured    2 counts in 3 samples, after 2 "
                                 "of a pilot that do not count\n"));
    free(text);
}

static void counts_that_failed_are_named(void **state)
{
    struct record *record = record_of(1);
    char *text;

    (void)state;
    for (size_t workers = 1; workers <= 3; workers++) {
        struct record_case *one = record_add_case(record);

        one->workload = strdup("work");
        one->backend = strdup("thread");
        one->workers = workers;
        one->status = workers == 1 ? CASE_MEASURED : CASE_FAILED;
        one->reason = workers == 1 ? NULL : strdup("task 1: exit code 3");
    }
    text = printed(record);
    assert_non_null(strstr(text, "\n  failed      2 threads (task 1: exit code "
                                 "3); 3 threads (task 1: exit code 3)\n"));
    free(text);
    text = printed(record_of(1));
    assert_null(strstr(text, "failed"));
    free(text);
}

/* A count of threads, nine of ten tasks of which take at most that long. */
static void add_latency(struct record *record, size_t workers, double p90_s)
{
    struct record_case *one = record_add_case(record);
    struct record_summary *summary = record_add_summary(record);

    one->workload = strdup("work");
    one->backend = strdup("thread");
    one->workers = workers;
    *summary = (struct record_summary){.case_index = record->case_count - 1,
                                       .base = NO_CASE,
                                       .metric = strdup("latency_p90_s"),
                                       .method = strdup("pooled"),
                                       .estimate = p90_s,
                                       .ci95 = {NAN, NAN},
                                       .median = p90_s,
                                       .median_ci95 = {NAN, NAN}};
}

static struct record *record_of_latencies(void)
{
    struct record *record = record_of(NAN);
    struct record_recommendation *one = &record->recommendations[0];

    free(one->goal);
    one->goal = strdup("latency");
    one->slo_s = 0.007;
    one->slo_percentile = 0.9;
    one->confirmed = true;
    assert_true(record_add_alternative(one, "nproc", 2, 0.25));
    add_latency(record, 1, 0.00525);
    add_latency(record, 2, 0.0891);
    return record;
}

static void a_latency_asked_for_is_told(void **state)
{
    char *text = printed(record_of_latencies());

    (void)state;
    assert_non_null(strstr(text,
                           "\n  latency     p90 5.25 ms, 7.00 ms allowed; "
                           "confirmed by fresh samples\n"));
    assert_non_null(
        strstr(text, "nproc: 2 (25 % below the best, p90 89.1 ms)"));
    free(text);
}

/* What comes is no merit of a count. */
static void an_open_loop_has_no_best_throughput(void **state)
{
    struct record *record = record_of_latencies();
    char *text;

    (void)state;
    assert_true(facts_set_number(record->run, RATE_FACT, 102));
    text = printed(record);
    assert_non_null(
        strstr(text, "\n  throughput  100 /s of 102 /s that came\n"));
    assert_non_null(strstr(text, "nproc: 2 (p90 89.1 ms)"));
    assert_null(strstr(text, "below the best"));
    free(text);
}

/* A disk that is full of work is no lock, nor can the two be told apart. */
static void the_cause_is_told_in_words(void **state)
{
    struct record *record = record_of(1);
    char *text;

    (void)state;
    record->recommendations[0].cause = strdup("lock");
    assert_true(record_add_text(&record->recommendations[0].evidence, "why"));
    text = printed(record);
    assert_non_null(strstr(
        text,
        "\n  cause       a lock, or a limit of what is waited for: why\n"));
    free(text);
    text = printed(record_of(1));
    assert_non_null(strstr(text, "\n  cause       none\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_shown_is_not_said_to_be_within),
        cmocka_unit_test(samples_of_the_pilot_are_told_apart),
        cmocka_unit_test(counts_that_failed_are_named),
        cmocka_unit_test(a_latency_asked_for_is_told),
        cmocka_unit_test(an_open_loop_has_no_best_throughput),
        cmocka_unit_test(the_cause_is_told_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
