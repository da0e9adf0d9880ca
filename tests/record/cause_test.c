/* SPDX-License-Identifier: MIT */
/* What stops more workers: planted, and then found. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cause.h"
#include "record_memory.h"

/* What a sample of a case came to. */
struct planted {
    double elapsed_s;
    double cpu_s;
    double submit_s;
    double throttled_s;
    double service_s;
};

static void add(struct record *record, size_t case_index,
                const struct planted *planted)
{
    struct record_sample *sample = record_add_sample(record);

    *sample = (struct record_sample){.case_index = case_index,
                                     .elapsed_s = planted->elapsed_s,
                                     .cpu_user_s = planted->cpu_s,
                                     .submit_s = planted->submit_s,
                                     .throttled_s = planted->throttled_s,
                                     .tasks = 100,
                                     .switches_voluntary = 100,
                                     .verified = true};
    sample->latency.p50_s = planted->service_s;
}

static struct record *record_of(const char *klass, const char *backend,
                                const struct planted *one,
                                const struct planted *four)
{
    struct record *record = record_create();

    *record_add_workload(record) = (struct record_workload){
        .id = strdup("w"), .klass = strdup(klass), .about = strdup("")};
    for (size_t workers = 1; workers <= 4; workers += 3)
        *record_add_case(record) =
            (struct record_case){.id = strdup(workers == 1 ? "c1" : "c2"),
                                 .workload = strdup("w"),
                                 .backend = strdup(backend),
                                 .workers = workers,
                                 .tasks = 100};
    add(record, 0, one);
    add(record, 1, four);
    return record;
}

/* The cause of four workers on `usable` CPUs. Some evidence must have `hint`. */
static void assert_cause(struct record *record, double usable, double quota,
                         const char *cause, const char *hint)
{
    struct record_recommendation *one = record_add_recommendation(record);
    bool has_hint = false;

    one->workload = strdup("w");
    one->goal = strdup("knee");
    one->backend = strdup(record->cases[0].backend);
    one->best_backend = strdup(record->cases[0].backend);
    one->workers = one->best_workers = 4;
    assert_true(cause_find(record, usable, quota, false, one));
    for (size_t i = 0; i < one->evidence.count; i++)
        has_hint |= strstr(one->evidence.list[i], hint) != NULL;
    if (strcmp(one->cause, cause) != 0 || !has_hint)
        fail_msg("%s: %s, not %s (%s)", one->cause,
                 one->evidence.count ? one->evidence.list[0] : "", cause, hint);
    record_destroy(record);
}

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

static void add_usl(struct record *record, double beta)
{
    struct record_model *model = record_add_model(record);

    *model = (struct record_model){.workload = strdup("w"),
                                   .backend = strdup("thread"),
                                   .model = strdup("usl"),
                                   .parameter_count = 1,
                                   .range = {1, 4}};
    model->parameters[0] =
        (struct record_model_parameter){.name = strdup("beta"),
                                        .value = 1.25 * beta,
                                        .ci95 = {beta, 1.5 * beta}};
    model->peak.workers = 9.5;
}

static void a_model_that_turns_down_is_coherency(void **state)
{
    const struct planted waits = {4, 0.01, 0.01, 0, 0.04};
    const struct planted four = {1.5, 0.01, 0.01, 0, 0.06};
    struct record *record = record_of("io", "thread", &waits, &four);

    (void)state;
    add_usl(record, 0.008);
    assert_cause(record, 4, 0, "coherency", "beta 0.01 [0.008, 0.012]");
}

/* A curve that turns down at once has its best at one worker. */
static void coherency_is_seen_where_one_worker_is_best(void **state)
{
    const struct planted waits = {4, 0.01, 0.01, 0, 0.04};
    struct record *record = record_of("io", "thread", &waits, &waits);
    struct record_recommendation *one = record_add_recommendation(record);

    (void)state;
    add_usl(record, 0.6);
    one->workload = strdup("w");
    one->goal = strdup("knee");
    one->backend = strdup("thread");
    one->best_backend = strdup("thread");
    one->workers = one->best_workers = 1;
    assert_true(cause_find(record, 4, 0, false, one));
    assert_string_equal(one->cause, "coherency");
    record_destroy(record);
}

/* 4 * 3 * 0.004 / (1 + 4 * 3 * 0.004) is 4.6 %. */
static void a_beta_without_consequence_is_no_cause(void **state)
{
    const struct planted waits = {4, 0.01, 0.01, 0, 0.04};
    const struct planted four = {1, 0.01, 0.01, 0, 0.04};
    struct record *record = record_of("io", "thread", &waits, &four);

    (void)state;
    add_usl(record, 0.004);
    assert_cause(record, 4, 0, "none", "no evidence");
}

/* Work that waits, and a model with its bend up to there. */
static struct record *bent_below(double workers)
{
    const struct planted waits = {4, 0.01, 0.01, 0, 0.04};
    const struct planted four = {2, 0.01, 0.01, 0, 0.08};
    struct record *record = record_of("io", "thread", &waits, &four);
    struct record_model *model = record_add_model(record);

    *model = (struct record_model){.workload = strdup("w"),
                                   .backend = strdup("thread"),
                                   .model = strdup("saturation"),
                                   .parameter_count = 1,
                                   .range = {1, 4}};
    model->parameters[0] = (struct record_model_parameter){
        .name = strdup("cap_per_s"), .value = 50, .ci95 = {48, 52}};
    model->peak.ci95[1] = workers;
    model->peak.identified = true;
    return record;
}

static void a_throughput_that_stops_is_a_lock(void **state)
{
    (void)state;
    assert_cause(bent_below(2.1), 4, 0, "lock", "stops at one value");
}

/* The same, while hardly anything ran for `stalled_s` in 2 s. */
static struct record *stalled_for(double stalled_s, double disk_bytes)
{
    struct record *record = bent_below(2.1);

    for (size_t i = 0; i < record->sample_count; i++) {
        record->samples[i].io_stalled_s = stalled_s;
        record->samples[i].disk_written_bytes = disk_bytes;
    }
    return record;
}

static void a_disk_that_all_wait_for_is_the_cause(void **state)
{
    struct record *growing = stalled_for(1.8, 819200);

    (void)state;
    assert_cause(stalled_for(1.8, 819200), 4, 0, "io_device", "90 % of the");
    assert_cause(stalled_for(1.8, 819200), 4, 0, "io_device", "8 KiB there");
    assert_cause(stalled_for(0.5, 819200), 4, 0, "lock", "stops at");
    assert_cause(stalled_for(NAN, 819200), 4, 0, "lock", "stops at");
    /* others' */
    assert_cause(stalled_for(1.8, 0), 4, 0, "lock", "stops at");
    assert_cause(stalled_for(1.8, NAN), 4, 0, "lock", "stops at");
    growing->models[0].peak.ci95[1] = 5;
    assert_cause(growing, 4, 0, "none", "no evidence");
}

static void a_model_that_does_not_fit_is_no_cause(void **state)
{
    const struct planted waits = {4, 0.01, 0.01, 0, 0.04};
    const struct planted four = {1.5, 0.01, 0.01, 0, 0.06};
    struct record *record = record_of("io", "thread", &waits, &four);

    (void)state;
    add_usl(record, 0.008);
    record->models[0].misfit = true;
    assert_cause(record, 4, 0, "none", "no scaling model fits");
    record = bent_below(2.1);
    record->models[0].misfit = true;
    assert_cause(record, 4, 0, "none", "no scaling model fits");
}

static void a_bend_that_nobody_saw_is_no_cause(void **state)
{
    (void)state;
    assert_cause(bent_below(4.2), 4, 0, "none", "no evidence");
}

static void a_bend_with_one_count_behind_it_is_no_cause(void **state)
{
    struct record *record = bent_below(3.9);

    (void)state;
    record->models[0].peak.identified = false;
    assert_cause(record, 4, 0, "none", "no evidence");
}

/* Work that waits on four workers, with an alpha that is surely not zero. */
static struct record *slowed_by(double alpha)
{
    struct record *record = bent_below(2.1);
    struct record_model_parameter *one = &record->models[0].parameters[0];

    free(one->name);
    *one = (struct record_model_parameter){.name = strdup("alpha"),
                                           .value = 1.2 * alpha,
                                           .ci95 = {alpha, 1.4 * alpha}};
    return record;
}

static void an_alpha_that_costs_throughput_is_a_lock(void **state)
{
    (void)state;
    assert_cause(slowed_by(0.1), 4, 0, "lock", "alpha 0.12 [0.1, 0.14]");
}

/* 3 * 0.01 / (1 + 3 * 0.01) is 2.9 %. */
static void an_alpha_without_consequence_is_no_cause(void **state)
{
    struct record *record = slowed_by(0.01);

    (void)state;
    record->samples[1].switches_voluntary = 1000;
    assert_cause(record, 4, 0, "none", "no evidence");
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
        cmocka_unit_test(a_model_that_turns_down_is_coherency),
        cmocka_unit_test(coherency_is_seen_where_one_worker_is_best),
        cmocka_unit_test(a_beta_without_consequence_is_no_cause),
        cmocka_unit_test(a_throughput_that_stops_is_a_lock),
        cmocka_unit_test(a_disk_that_all_wait_for_is_the_cause),
        cmocka_unit_test(a_model_that_does_not_fit_is_no_cause),
        cmocka_unit_test(a_bend_that_nobody_saw_is_no_cause),
        cmocka_unit_test(a_bend_with_one_count_behind_it_is_no_cause),
        cmocka_unit_test(an_alpha_that_costs_throughput_is_a_lock),
        cmocka_unit_test(an_alpha_without_consequence_is_no_cause),
        cmocka_unit_test(a_neighbour_is_named),
        cmocka_unit_test(what_other_programs_had_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
