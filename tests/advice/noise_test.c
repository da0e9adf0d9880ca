/* SPDX-License-Identifier: MIT */
/* The decision on samples with noise: what chance must not decide, and how many
 * samples it may take to see that. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "request.h"

/* An exhaustive sweep of ten blocks is the most that advice may cost. */
static void advice_costs_no_more_than_measuring_all(void **state)
{
    (void)state;
    for (size_t most = 1; most <= 40; most++) {
        struct advice_request request = request_of(ADVICE_KNEE, most);
        struct advice *advice = advice_create(&request);
        struct advice_step step;
        size_t samples = 0;

        assert_non_null(advice);
        while (advice_next(advice, &step)) {
            for (size_t i = 0; i < step.count; i++) {
                double noise =
                    0.3 * sin((double)(step.block * step.block + 7 * i));
                const struct advice_sample sample = {.what = step.cases[i],
                                                     .per_s = 1 + noise,
                                                     .latency_s = NAN,
                                                     .cpu_s = NAN};

                assert_true(advice_add(advice, &sample));
            }
            samples += step.count;
        }
        assert_true(samples <= 10 * most);
        advice_destroy(advice);
    }
}

/* Two counts, of which the second is `gain` better in the race and `later` in
 * the confirmation; every sample is wrong by up to 3 %. */
static struct advice_answer answer_of_two(const struct advice_request *request,
                                          double gain, double later)
{
    struct advice *advice = advice_create(request);
    struct advice_answer answer;
    struct advice_step step;

    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        for (size_t i = 0; i < step.count; i++) {
            double more = step.phase == ADVICE_CONFIRM ? later : gain;
            double noise = 0.03 * sin((double)(step.block * step.block) +
                                      2 * (double)step.cases[i].workers);
            const struct advice_sample sample = {
                .what = step.cases[i],
                .per_s =
                    (step.cases[i].workers == 2 ? 1 + more : 1) * (1 + noise),
                .latency_s = NAN,
                .cpu_s = NAN};

            assert_true(advice_add(advice, &sample));
        }
    }
    assert_true(advice_conclude(advice, &answer));
    advice_destroy(advice);
    assert_true(answer.exists);
    return answer;
}

/* More workers do more, but beyond 16 tasks take 0.25 s, which two samples do
 * not show to be over 0.1 s: at first it is not known that those are none to be
 * measured against. */
static void
what_misses_the_latency_ends_no_race_of_those_that_keep_it(void **state)
{
    struct advice_request request = request_of(ADVICE_LATENCY, 64);
    struct advice *advice = advice_create(&request);
    struct advice_answer answer;
    struct advice_step step;

    (void)state;
    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        for (size_t i = 0; i < step.count; i++) {
            double workers = (double)step.cases[i].workers;
            double noise =
                0.5 * sin((double)(step.block * step.block) + workers);
            const struct advice_sample sample = {
                .what = step.cases[i],
                .per_s = workers,
                .latency_s = (workers > 16 ? 0.25 : 0.02) * exp(noise),
                .cpu_s = NAN};

            assert_true(advice_add(advice, &sample));
        }
    }
    assert_true(advice_conclude(advice, &answer));
    advice_destroy(advice);
    assert_true(answer.exists);
    assert_int_equal(answer.chosen.workers, 16);
    assert_in_range(16, answer.confidence[0], answer.confidence[1]);
}

static void fresh_samples_beyond_what_is_asked_for_confirm_nothing(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 2);
    struct advice_answer answer = answer_of_two(&request, 0.03, 0.08);

    (void)state;
    assert_int_equal(answer.chosen.workers, 1);
    assert_true(answer.regret > 0.05 && answer.regret_ci95[0] < 0.05);
    assert_false(answer.is_confirmed); /* though it is not refuted */
    answer = answer_of_two(&request, 0.03, 0.04);
    assert_true(answer.regret < 0.05 && answer.is_confirmed);
}

static void an_answer_that_is_not_shown_is_not_among_the_good(void **state)
{
    static const enum advice_goal goals[] = {ADVICE_KNEE, ADVICE_THROUGHPUT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct advice_request request = request_of(goals[i], 2);
        struct advice_answer answer;

        request.within = 0.001;
        answer = answer_of_two(&request, 0, 0);
        assert_true(answer.exists);
        assert_false(answer.is_shown);
        assert_int_equal(answer.good[0], 0);
        assert_int_equal(answer.good[1], 0);
    }
}

/* Of tasks that come at one rate, five workers or more keep up; below five they
 * queue up. Nobody does more than comes. */
static void of_an_open_loop_the_fewest_that_keep_the_latency_win(void **state)
{
    struct advice_request request = request_of(ADVICE_LATENCY, 64);
    struct advice *advice;
    struct advice_answer answer;
    struct advice_step step;

    (void)state;
    request.is_open_loop = true;
    advice = advice_create(&request);
    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        for (size_t i = 0; i < step.count; i++) {
            bool keeps_up = step.cases[i].workers >= 5;
            double noise = 1 + 0.01 * (double)((step.block + i) % 3);
            const struct advice_sample sample = {
                .what = step.cases[i],
                .per_s = keeps_up ? 100 : 20.0 * (double)step.cases[i].workers,
                .latency_s = (keeps_up ? 0.05 : 0.5) * noise,
                .cpu_s = NAN};

            assert_true(advice_add(advice, &sample));
        }
    }
    assert_true(advice_conclude(advice, &answer));
    assert_true(answer.exists && answer.is_shown);
    assert_int_equal(answer.chosen.workers, 5);
    assert_int_equal(answer.confidence[0], 5);
    assert_int_equal(answer.confidence[1], 5);
    advice_destroy(advice);
}

/* All do the same, but for one in the middle that is slower, as one of many
 * seems by chance. */
static void a_slow_count_among_equals_does_not_cut_the_set(void **state)
{
    struct advice_request request = request_of(ADVICE_THROUGHPUT, 64);
    struct advice *advice = advice_create(&request);
    struct advice_answer answer;
    struct advice_step step;

    (void)state;
    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        for (size_t i = 0; i < step.count; i++) {
            double noise =
                0.02 * sin((double)(step.block * step.block + 7 * i));
            double per_s = step.cases[i].workers == 4    ? 90
                           : step.cases[i].workers == 32 ? 100.5
                                                         : 100;
            const struct advice_sample sample = {.what = step.cases[i],
                                                 .per_s = per_s * (1 + noise),
                                                 .latency_s = NAN,
                                                 .cpu_s = NAN};

            assert_true(advice_add(advice, &sample));
        }
    }
    assert_true(advice_conclude(advice, &answer));
    assert_true(answer.chosen.workers > 4);
    assert_int_equal(answer.confidence[0], 1);
    advice_destroy(advice);
}

/* What does as much as the best and has more workers than the answer only says
 * how high the best is. */
static void what_is_beyond_the_answer_is_measured_less(void **state)
{
    struct advice_request request = request_of(ADVICE_KNEE, 64);
    struct advice *advice = advice_create(&request);
    struct advice_step step;
    size_t blocks = 0, samples = 0;

    (void)state;
    assert_non_null(advice);
    while (advice_next(advice, &step)) {
        for (size_t i = 0; i < step.count; i++) {
            size_t workers = step.cases[i].workers;
            double noise =
                0.06 * sin((double)(step.block * step.block + 7 * i));
            const struct advice_sample sample = {
                .what = step.cases[i],
                .per_s = fmin((double)workers, 10.6) * (1 + noise),
                .latency_s = NAN,
                .cpu_s = NAN};

            assert_true(advice_add(advice, &sample));
            samples += workers == 32 && step.phase != ADVICE_CONFIRM;
        }
        assert_true(step.count > 1); /* one alone compares nothing */
        blocks += step.phase != ADVICE_CONFIRM;
    }
    assert_true(blocks >= 6);
    assert_true(3 * samples <= 2 * blocks);
    advice_destroy(advice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_misses_the_latency_ends_no_race_of_those_that_keep_it),
        cmocka_unit_test(
            fresh_samples_beyond_what_is_asked_for_confirm_nothing),
        cmocka_unit_test(an_answer_that_is_not_shown_is_not_among_the_good),
        cmocka_unit_test(advice_costs_no_more_than_measuring_all),
        cmocka_unit_test(of_an_open_loop_the_fewest_that_keep_the_latency_win),
        cmocka_unit_test(a_slow_count_among_equals_does_not_cut_the_set),
        cmocka_unit_test(what_is_beyond_the_answer_is_measured_less),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
