/* SPDX-License-Identifier: MIT */
/* What stops more workers: planted, and then found. */
#include <math.h>

#include "cause_scene.h"

static const struct planted alone = {4, 3.96, 0.01, 0, 0.04};

static bool says_that_others_had_the_cpu(const char *workload)
{
    const struct planted waiting = {4, 0.01, 0.01, 0, 0.04};
    struct record *record =
        record_of("cpu", "cpython-thread", &waiting, &waiting);
    struct record_recommendation *one = record_add_recommendation(record);
    bool says = false;

    free(record->workloads[0].id);
    record->workloads[0].id = strdup(workload);
    for (size_t i = 0; i < record->case_count; i++) {
        free(record->cases[i].workload);
        record->cases[i].workload = strdup(workload);
    }
    one->workload = strdup(workload);
    one->goal = strdup("knee");
    one->backend = strdup("cpython-thread");
    one->best_backend = strdup("cpython-thread");
    one->workers = one->best_workers = 4;
    assert_true(cause_find(record, 4, 0, false, one));
    for (size_t i = 0; i < one->evidence.count; i++)
        says |= strstr(one->evidence.list[i], "a worker alone got") != NULL;
    record_destroy(record);
    return says;
}

static void a_function_of_somebodys_may_wait(void **state)
{
    (void)state;
    assert_true(says_that_others_had_the_cpu("sum_squares"));
    assert_false(says_that_others_had_the_cpu("py:work:naps"));
}

static void cpus_that_are_used_up_are_the_cause(void **state)
{
    const struct planted four = {1, 3.8, 0.01, 0, 0.04};

    (void)state;
    assert_cause(record_of("cpu", "thread", &alone, &four), 4, 0,
                 "cpu_exhausted", "95 % of 4 usable CPUs");
}

static void a_quota_comes_first(void **state)
{
    const struct planted four = {2.7, 3.9, 0.01, 1.1, 0.1};

    (void)state;
    assert_cause(record_of("cpu", "thread", &alone, &four), 1.5, 1.5, "quota",
                 "allows 1.5 CPUs");
}

static void memory_shows_in_the_cpu_time_of_a_task(void **state)
{
    const struct planted four = {2, 7.8, 0.01, 0, 0.08};

    (void)state;
    assert_cause(record_of("memory", "thread", &alone, &four), 4, 0,
                 "memory_bandwidth", "1.97 times");
}

static void one_lock_for_all_is_a_gil(void **state)
{
    const struct planted four = {4, 3.98, 0.01, 0, 0.16};

    (void)state;
    assert_cause(record_of("cpu", "gil", &alone, &four), 4, 0, "gil",
                 "share one lock");
}

/* In a batch of 0.1 ms are the ends of its worker processes. */
static void more_cpus_than_there_are_prove_nothing(void **state)
{
    const struct planted brief = {0.0001, 0.0007, 0.00001, 0, 1e-3};
    struct record *record = record_of("io", "gil", &brief, &brief);
    struct record_recommendation *one = record_add_recommendation(record);

    (void)state;
    one->workload = strdup("w");
    one->goal = strdup("knee");
    one->backend = strdup("gil");
    one->best_backend = strdup("gil");
    one->workers = one->best_workers = 4;
    assert_true(cause_find(record, 4, 0, false, one));
    assert_string_equal(one->cause, "none");
    record_destroy(record);
}

static void a_busy_submitter_is_seen(void **state)
{
    const struct planted four = {1, 1.2, 0.9, 0, 0.001};

    (void)state;
    assert_cause(record_of("cpu", "process", &alone, &four), 4, 0, "submitter",
                 "90 %");
}

static void a_loop_without_workers_has_no_submitter(void **state)
{
    const struct planted loop = {4, 0.01, 3.99, 0, 0.04};

    (void)state;
    assert_cause(record_of("io", "serial", &loop, &loop), 4, 0, "none",
                 "no evidence");
    assert_cause(record_of("io", "cpython-serial", &loop, &loop), 4, 0, "none",
                 "no evidence");
}

static void tasks_too_short_to_hand_out_are_seen(void **state)
{
    const struct planted one = {0.001, 0.001, 0, 0, 2e-6};
    const struct planted four = {0.001, 0.0015, 0.0002, 0, 2e-6};

    (void)state;
    assert_cause(record_of("cpu", "thread", &one, &four), 4, 0, "granularity",
                 "2 us");
}

static void a_neighbour_is_named(void **state)
{
    const struct planted slowed = {8, 3.96, 0.01, 0, 0.08};
    const struct planted four = {2, 3.9, 0.01, 0, 0.08};

    (void)state;
    assert_cause(record_of("cpu", "thread", &slowed, &four), 4, 0, "none",
                 "machine not quiet");
}

/* Work that waits has no share of a CPU to look at: what others had is counted.
 * One sample of two is over a quarter. */
static void what_other_programs_had_is_said(void **state)
{
    const struct planted waits = {4, 0.01, 0.01, 0, 0.04};
    const struct planted four = {1, 0.01, 0.01, 0, 0.04};
    struct record *record = record_of("io", "thread", &waits, &four);

    (void)state;
    facts_set_number(record->env, "cpu.usable", 2);
    record->samples[1].foreign_s = 0.5;
    assert_cause(record, 2, 0, "none",
                 "machine not quiet: other programs had CPUs in 1 of 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_of_somebodys_may_wait),
        cmocka_unit_test(cpus_that_are_used_up_are_the_cause),
        cmocka_unit_test(a_quota_comes_first),
        cmocka_unit_test(memory_shows_in_the_cpu_time_of_a_task),
        cmocka_unit_test(one_lock_for_all_is_a_gil),
        cmocka_unit_test(more_cpus_than_there_are_prove_nothing),
        cmocka_unit_test(a_busy_submitter_is_seen),
        cmocka_unit_test(a_loop_without_workers_has_no_submitter),
        cmocka_unit_test(tasks_too_short_to_hand_out_are_seen),
        cmocka_unit_test(a_neighbour_is_named),
        cmocka_unit_test(what_other_programs_had_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
