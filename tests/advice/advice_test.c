/* SPDX-License-Identifier: MIT */
/*
 * The decision on curves without noise, where the answer can be worked out by
 * hand, and on what must not happen with any.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "request.h"

/* Throughput of a count; 0: it does not work. */
typedef double curve_function(const struct advice_case *what);

static double cap_of_8(const struct advice_case *what)
{
    return fmin((double)what->workers, 8);
}

static double flat(const struct advice_case *what)
{
    (void)what;
    return 3;
}

static double falling(const struct advice_case *what)
{
    return 1 / (double)what->workers;
}

/* The second lane is a fifth faster and caps at 6. */
static double two_lanes(const struct advice_case *what)
{
    return what->lane == 0 ? fmin((double)what->workers, 8)
                           : 1.2 * fmin((double)what->workers, 8);
}

/* Efficiency 1 / (1 + 0.1 (N - 1)): 0.714 at 5, 0.667 at 6. */
static double amdahl(const struct advice_case *what)
{
    return (double)what->workers / (1 + 0.1 * ((double)what->workers - 1));
}

static double breaks_above_8(const struct advice_case *what)
{
    return what->workers > 8 ? 0 : (double)what->workers;
}

/* 65 tasks at every count: the last round keeps few of the workers busy. */
static double in_rounds_of_65(const struct advice_case *what)
{
    return 65 / ceil(65 / (double)what->workers);
}

/* The same with a cap of 20 workers. */
static double in_rounds_under_a_cap(const struct advice_case *what)
{
    return fmin(in_rounds_of_65(what), 20);
}

/* Up to 6, down to 12, and up to 24, which is the best; 23 are within 5 %. */
static double two_tops(const struct advice_case *what)
{
    static const double points[][2] = {
        {1, 25}, {6, 140}, {12, 120}, {24, 180}, {64, 150}};
    double workers = (double)what->workers;
    size_t i = 1;

    while (points[i][0] < workers)
        i++;
    return points[i - 1][1] + (points[i][1] - points[i - 1][1]) *
                                  (workers - points[i - 1][0]) /
                                  (points[i][0] - points[i - 1][0]);
}

/* A task's latency is 10 ms for each worker, its CPU time 1 s / X. */
static struct advice_answer drive(const struct advice_request *request,
                                  curve_function *curve)
{
    struct advice *advice = advice_create(request);
    struct advice_answer answer;
    struct advice_step step;

    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        assert_true(step.count > 0);
        for (size_t i = 0; i < step.count; i++) {
            struct advice_case what = step.cases[i];
            double per_s = curve(&what);
            const struct advice_sample sample = {
                .what = what,
                .per_s = per_s,
                .latency_s = 0.01 * (double)what.workers,
                .cpu_s = (double)what.workers / per_s};

            assert_true(what.workers >= 1 &&
                        what.workers <= request->most[what.lane]);
            if (per_s > 0)
                assert_true(advice_add(advice, &sample));
            else
                advice_fail(advice, &what);
        }
    }
    assert_true(advice_conclude(advice, &answer));
    advice_destroy(advice);
    return answer;
}

static void a_knee_is_found_exactly(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);
    struct advice_answer answer = drive(&request, cap_of_8);

    (void)state;
    assert_true(answer.exists && answer.is_shown && answer.is_confirmed);
    assert_int_equal(answer.chosen.workers, 8);
    assert_int_equal(answer.confidence[0], 8);
    assert_int_equal(answer.confidence[1], 8);
    assert_int_equal(answer.good[0], 8);
    assert_int_equal(answer.good[1], 64);
    assert_true(answer.is_flat);
    assert_true(answer.regret < 1e-9);
}

static void between_two_grid_points_as_well(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 32);
    struct advice_answer answer = drive(&request, amdahl);
    size_t knee = 1;

    (void)state;
    /* X(N) >= 0.95 X(32), by hand: 10 N / (9 + N) >= 7.415 from 26 on */
    while (amdahl(&(struct advice_case){0, knee}) <
           0.95 * amdahl(&(struct advice_case){0, 32}))
        knee++;
    assert_int_equal(knee, 26);
    assert_true(answer.confidence[0] <= knee && knee <= answer.confidence[1]);
    assert_true(answer.chosen.workers >= knee && answer.chosen.workers <= 28);
}

static void more_workers_that_bring_nothing_are_not_taken(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);
    struct advice_answer answer = drive(&request, flat);

    (void)state;
    assert_int_equal(answer.chosen.workers, 1);
    answer = drive(&request, falling);
    assert_int_equal(answer.chosen.workers, 1);
    request.goal = ADVICE_THROUGHPUT;
    answer = drive(&request, falling);
    assert_int_equal(answer.chosen.workers, 1);
}

static void the_same_tasks_at_every_count_make_steps(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);
    struct advice_answer answer;

    (void)state;
    request.tasks[0] = 65;
    answer = drive(&request, in_rounds_of_65);
    assert_int_equal(answer.chosen.workers, 33); /* two rounds, as 64 have */
    assert_int_equal(answer.confidence[0], 33);
    assert_true(answer.is_shown && answer.is_confirmed);
    answer = drive(&request, in_rounds_under_a_cap);
    assert_int_equal(answer.chosen.workers, 22); /* three; 17 have four */
    assert_int_equal(answer.confidence[0], 22);
    request.tasks[0] = 64;
    request.most[0] = 512;
    answer = drive(&request, cap_of_8);
    assert_int_equal(answer.chosen.workers, 8);
}

/* In a hurry after some blocks: the answer is what they show, confirmed. */
static void a_hurried_answer_is_confirmed_all_the_same(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);
    struct advice *advice = advice_create(&request);
    struct advice_answer answer;
    struct advice_step step;
    size_t fresh = 0;

    (void)state;
    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        for (size_t i = 0; i < step.count; i++) {
            const struct advice_sample sample = {.what = step.cases[i],
                                                 .per_s =
                                                     cap_of_8(&step.cases[i]),
                                                 .latency_s = NAN,
                                                 .cpu_s = NAN};

            assert_true(advice_add(advice, &sample));
        }
        fresh += step.phase == ADVICE_CONFIRM;
        if (step.block == 2)
            advice_hurry(advice);
        assert_true(step.block <= 2 || step.phase == ADVICE_CONFIRM);
    }
    assert_int_equal(fresh, 5);
    assert_true(advice_conclude(advice, &answer));
    assert_true(answer.exists && answer.is_confirmed);
    assert_int_equal(answer.chosen.workers, 8);
    advice_destroy(advice);
}

static void lanes_compete(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 16);
    struct advice_answer answer;

    (void)state;
    request.lane_count = 2;
    request.most[1] = 16;
    answer = drive(&request, two_lanes);
    assert_int_equal(answer.chosen.lane, 1);
    assert_int_equal(answer.chosen.workers, 8);
}

static void efficiency_is_kept(void **state)
{
    struct advice_request request = request_of(ADVICE_EFFICIENCY, 16);
    struct advice_answer answer = drive(&request, amdahl);

    (void)state;
    assert_int_equal(answer.chosen.workers, 5);
    assert_int_equal(answer.confidence[0], 5);
    assert_int_equal(answer.confidence[1], 5);
}

static void a_latency_is_kept(void **state)
{
    struct advice_request request = request_of(ADVICE_LATENCY, 64);
    struct advice_answer answer = drive(&request, amdahl);

    (void)state; /* 10 ms each: 10 workers have 100 ms */
    assert_true(answer.chosen.workers >= 9 && answer.chosen.workers <= 10);
    request.slo_s = 0.001;
    answer = drive(&request, amdahl);
    assert_false(answer.exists);
    assert_string_equal(answer.why, "no count is shown to keep the latency");
}

static void too_few_tasks_for_a_percentile_are_named(void **state)
{
    struct advice_request request = request_of(ADVICE_LATENCY, 4);
    struct advice *advice = advice_create(&request);
    struct advice_answer answer;
    struct advice_step step;

    (void)state;
    assert_non_null(advice);
    while (advice_next(advice, &step))
        for (size_t i = 0; i < step.count; i++)
            assert_true(advice_add(
                advice, &(struct advice_sample){step.cases[i], 1, NAN, NAN}));
    assert_true(advice_conclude(advice, &answer));
    advice_destroy(advice);
    assert_false(answer.exists);
    assert_non_null(strstr(answer.why, "too few tasks"));
}

/* CPU time a task grows with N; 80 % of the best is reached from 15 on. */
static void cpu_is_not_bought_for_nothing(void **state)
{
    struct advice_request request = request_of(ADVICE_CPU_COST, 32);
    struct advice_answer answer = drive(&request, amdahl);

    (void)state;
    assert_int_equal(answer.chosen.workers, 16);
}

static void what_does_not_work_is_not_asked_for_again(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);
    struct advice_answer answer = drive(&request, breaks_above_8);

    (void)state;
    assert_int_equal(answer.chosen.workers, 8);
    assert_true(answer.is_at_end);
}

/* Four workers fail in the first block, before more have had their turn, and the
 * most but one in a later one, when more have long worked. */
static size_t asked_of_16;

static double amdahl_that_fails_at_times(const struct advice_case *what)
{
    asked_of_16 += what->workers == 16;
    if (what->workers == 4 || (what->workers == 16 && asked_of_16 == 3))
        return 0;
    return amdahl(what);
}

static void a_count_that_fails_takes_no_larger_one_with_it(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 32);
    struct advice_answer sound = drive(&request, amdahl), answer;

    (void)state;
    asked_of_16 = 0;
    answer = drive(&request, amdahl_that_fails_at_times);
    assert_int_equal(asked_of_16, 3);
    assert_int_equal(answer.best.workers, 32);
    assert_int_equal(answer.chosen.workers, sound.chosen.workers);
}

static void runs_are_not_exceeded(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);

    (void)state;
    for (request.most_runs = 20; request.most_runs < 100;
         request.most_runs += 17) {
        struct advice_answer answer = drive(&request, amdahl);

        assert_true(answer.exists);
        assert_true(answer.runs <= request.most_runs);
    }
}

static void one_worker_is_an_answer_too(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 1);
    struct advice_answer answer = drive(&request, flat);

    (void)state;
    assert_true(answer.exists && answer.runs <= 10);
    assert_int_equal(answer.chosen.workers, 1);
}

/* Beyond the dip the curve rises faster than before it, so that what is before
 * it bounds nothing. */
static void a_dip_does_not_hide_the_top_behind_it(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 40);
    struct advice_answer answer = drive(&request, two_tops);

    (void)state;
    assert_true(answer.confidence[0] <= 23 && answer.confidence[1] >= 23);
    request.goal = ADVICE_THROUGHPUT;
    answer = drive(&request, two_tops);
    assert_true(answer.confidence[0] <= 24 && answer.confidence[1] >= 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_knee_is_found_exactly),
        cmocka_unit_test(between_two_grid_points_as_well),
        cmocka_unit_test(more_workers_that_bring_nothing_are_not_taken),
        cmocka_unit_test(the_same_tasks_at_every_count_make_steps),
        cmocka_unit_test(a_hurried_answer_is_confirmed_all_the_same),
        cmocka_unit_test(lanes_compete),
        cmocka_unit_test(efficiency_is_kept),
        cmocka_unit_test(a_latency_is_kept),
        cmocka_unit_test(too_few_tasks_for_a_percentile_are_named),
        cmocka_unit_test(cpu_is_not_bought_for_nothing),
        cmocka_unit_test(what_does_not_work_is_not_asked_for_again),
        cmocka_unit_test(a_count_that_fails_takes_no_larger_one_with_it),
        cmocka_unit_test(runs_are_not_exceeded),
        cmocka_unit_test(one_worker_is_an_answer_too),
        cmocka_unit_test(a_dip_does_not_hide_the_top_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
