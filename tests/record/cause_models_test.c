/* SPDX-License-Identifier: MIT */
/* What a curve and its model say of what stops more workers. */
#include <math.h>

#include "cause_scene.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
