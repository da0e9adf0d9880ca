/* SPDX-License-Identifier: MIT */
/* Which model is chosen, how sure it is, and that it says so. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "known_curves.h"
#include "record_memory.h"
#include "scaling.h"
#include "usl.h"

static const struct scaling_request usual = {0};

static struct record_model model_of(const struct scaling_value *values,
                                    size_t count,
                                    const struct scaling_request *request)
{
    struct record_model model = {0};

    assert_int_equal(scaling_fit(values, count, request, &model),
                     SCALING_FITTED);
    return model;
}

static const struct record_model_parameter *
parameter(const struct record_model *model, const char *name)
{
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (strcmp(model->parameters[i].name, name) == 0)
            return &model->parameters[i];
    }
    fail_msg("the model %s has no %s", model->model, name);
    return NULL;
}

/* A law measured at some counts in `blocks` blocks, whose noise moves all of a
 * block and each value. Returns how many values. */
static size_t measure(gsl_rng *random, const struct usl *law,
                      const double *workers, size_t counts, size_t blocks,
                      double block_noise, double noise,
                      struct scaling_value *values)
{
    size_t n = 0;

    for (size_t b = 0; b < blocks; b++) {
        double level = gsl_ran_gaussian(random, block_noise);
        for (size_t i = 0; i < counts; i++)
            values[n++] = (struct scaling_value){
                workers[i],
                usl_rate(law, workers[i]) *
                    exp(level + gsl_ran_gaussian(random, noise)),
                b};
    }
    return n;
}

static const double to_64[] = {1, 2, 4, 8, 16, 32, 48, 64};

static void each_kind_of_curve_gets_its_model(void **state)
{
    static const struct {
        const char *model;
        struct usl law;
    } kinds[] = {
        {"linear", {100, 0, 0}},
        {"amdahl", {100, 0.05, 0}},
        {"usl", {100, 0.02, 0.002}},
        {"flat", {100, 1, 0}},
    };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct scaling_value values[80];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t n =
            measure(random, &kinds[i].law, to_64, 8, 10, 0.02, 0.01, values);
        struct record_model model = model_of(values, n, &usual);
        assert_string_equal(model.model, kinds[i].model);
        assert_false(model.misfit);
        assert_int_equal(model.block_count, 10);
        record_finish_model(&model);
    }
    gsl_rng_free(random);
}

static void a_cap_gets_saturation(void **state)
{
    struct scaling_value values[12];
    struct record_model model;

    (void)state;
    for (size_t i = 0; i < 12; i++) {
        double noise = i % 3 == 0 ? 1.01 : 0.995;
        values[i] = (struct scaling_value){
            (double)i + 1, noise * 30 * fmin((double)i + 1, 5.4), NO_BLOCK};
    }
    model = model_of(values, 12, &usual);
    assert_string_equal(model.model, "saturation");
    assert_true(model.peak.identified);
    assert_true(fabs(model.peak.workers - 5.4) < 0.1);
    assert_true(model.peak.whole_workers == 6);
    record_finish_model(&model);
}

/* 2.1 over 0.3 is more than seven to a computer; with noise all the more. */
static void a_peak_at_a_whole_number_is_that_number(void **state)
{
    struct scaling_value values[12];

    (void)state;
    for (double gamma = 0.3; gamma > 0.2985; gamma -= 0.001) {
        for (size_t i = 0; i < 12; i++)
            values[i] = (struct scaling_value){
                (double)i + 1, fmin(gamma * (double)(i + 1), 2.1), NO_BLOCK};
        struct record_model model = model_of(values, 12, &usual);
        assert_true(model.peak.whole_workers == 7);
        record_finish_model(&model);
    }
}

static void equal_throughputs_are_flat(void **state)
{
    struct scaling_value values[8];

    (void)state;
    for (size_t count = 3; count <= 8; count++) {
        struct record_model model;
        for (size_t i = 0; i < count; i++)
            values[i] = (struct scaling_value){(double)i + 1, 412.5, NO_BLOCK};
        model = model_of(values, count, &usual);
        assert_string_equal(model.model, "flat");
        assert_true(fabs(model.parameters[0].value - 412.5) < 1e-9);
        assert_false(model.peak.identified);
        assert_true(isnan(model.peak.workers));
        assert_false(model.misfit);
        record_finish_model(&model);
    }
}

static struct record_model model_of_doublings(const double *rates, size_t count)
{
    struct scaling_value values[8];

    for (size_t i = 0; i < count; i++)
        values[i] = (struct scaling_value){1 << i, rates[i], NO_BLOCK};
    return model_of(values, count, &usual);
}

/* AICc cannot weigh the USL with five values, nor Amdahl's law with four. */
static void few_values_of_a_plain_curve_are_not_flat(void **state)
{
    static const struct {
        const char *model;
        size_t count;
        double rates[6];
    } curves[] = {
        {"usl", 5, {100, 180, 280, 320, 250}},
        {"usl", 5, {100, 80, 50, 30, 16}},
        {"usl", 6, {100, 183, 272, 325, 243, 152}},
        {"amdahl", 4, {100, 167, 250, 333}},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct record_model model =
            model_of_doublings(curves[i].rates, curves[i].count);
        assert_string_equal(model.model, curves[i].model);
        if (isnan(model.aicc))
            assert_non_null(
                strstr(model.warnings[model.warning_count - 1], "F test"));
        record_finish_model(&model);
    }
}

/* Of 200 flat curves of five counts, some seem to be another: not many. */
static void noise_of_few_values_stays_flat(void **state)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    size_t others = 0;

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        struct record_model model;
        double rates[5];
        for (size_t k = 0; k < 5; k++)
            rates[k] = 100 * exp(gsl_ran_gaussian(random, 0.03));
        model = model_of_doublings(rates, 5);
        others += strcmp(model.model, "flat") != 0;
        record_finish_model(&model);
    }
    gsl_rng_free(random);
    assert_in_range(others, 0, 8);
}

static void flat_is_not_said_of_counts_that_differ(void **state)
{
    static const double even[5] = {100, 104, 98, 103, 96};
    static const double uneven[5] = {100, 130, 85, 120, 95};
    struct record_model model = model_of_doublings(even, 5);

    (void)state;
    assert_string_equal(model.model, "flat");
    assert_non_null(strstr(model.peak.reason, "every count is as good"));
    record_finish_model(&model);
    model = model_of_doublings(uneven, 5);
    assert_string_equal(model.model, "flat");
    assert_null(strstr(model.peak.reason, "every count is as good"));
    assert_non_null(strstr(model.peak.reason, "over 10 % off"));
    record_finish_model(&model);
}

static void two_counts_are_too_few(void **state)
{
    struct scaling_value values[6];
    struct record_model model = {0};

    (void)state;
    cisco_values(values, 2);
    cisco_values(values + 2, 2);
    assert_int_equal(scaling_fit(values, 4, &usual, &model), SCALING_TOO_FEW);
    record_finish_model(&model);
    memset(&model, 0, sizeof model);
    cisco_values(values, 3);
    assert_int_equal(scaling_fit(values, 3,
                                 &(struct scaling_request){.model = "usl"},
                                 &model),
                     SCALING_TOO_FEW);
    record_finish_model(&model);
    memset(&model, 0, sizeof model);
    assert_int_equal(scaling_fit(values, 0, &usual, &model), SCALING_TOO_FEW);
    assert_int_equal(scaling_fit(values, 3,
                                 &(struct scaling_request){.model = "cubic"},
                                 &model),
                     SCALING_UNKNOWN);
    record_finish_model(&model);
}

static void the_cisco_misfit_is_said(void **state)
{
    struct scaling_request request = {.model = "usl",
                                      .objective = OBJECTIVE_OLS};
    struct scaling_value values[32];
    struct record_model model =
        model_of(values, cisco_values(values, 32), &request);
    const struct record_model_parameter *alpha = parameter(&model, "alpha");

    (void)state;
    assert_true(model.misfit);
    assert_non_null(strstr(model.reason, "pattern"));
    assert_false(model.peak.identified); /* it lies beyond what was measured */
    /* the correct t intervals, computed */
    assert_true(fabs(parameter(&model, "gamma")->t_ci95[0] - 937.0) < 0.05);
    assert_true(fabs(parameter(&model, "gamma")->t_ci95[1] - 1054.3) < 0.05);
    assert_true(fabs(alpha->t_ci95[0] - .01753) < 5.1e-6);
    assert_true(fabs(alpha->t_ci95[1] - .03591) < 5.1e-6);
    assert_true(alpha->ci95[0] < alpha->value);
    assert_true(alpha->ci95[1] > alpha->value);
    record_finish_model(&model);
}

static void a_peak_is_identified_or_not(void **state)
{
    struct scaling_request request = {.model = "usl"};
    struct scaling_value values[32];
    struct record_model model =
        model_of(values, specsdm91_values(values, 7), &request);

    (void)state;
    assert_true(model.peak.identified);
    assert_true(model.peak.ci95[0] < 96 && model.peak.ci95[1] > 80);
    record_finish_model(&model);
    model = model_of(values, cisco_values(values, 10), &request);
    assert_false(model.peak.identified);
    assert_true(isinf(model.peak.ci95[1]));
    assert_non_null(strstr(model.peak.reason, "beta"));
    record_finish_model(&model);
}

/* Of 60 true curves, 95 % intervals hold all but about three; they would hold
 * 50 with probability 1 - 1e-3 still. */
static void intervals_hold_the_truth(void **state)
{
    static const struct usl law = {100, 0.05, 0.002};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct scaling_value values[80];
    size_t alpha = 0, beta = 0, gamma = 0, peak = 0;

    (void)state;
    for (int i = 0; i < 60; i++) {
        size_t n = measure(random, &law, to_64, 8, 10, 0.03, 0.02, values);
        struct record_model model =
            model_of(values, n, &(struct scaling_request){.model = "usl"});
        const double *ends = parameter(&model, "alpha")->ci95;
        alpha += ends[0] <= law.alpha && ends[1] >= law.alpha;
        ends = parameter(&model, "beta")->ci95;
        beta += ends[0] <= law.beta && ends[1] >= law.beta;
        ends = parameter(&model, "gamma")->ci95;
        gamma += ends[0] <= law.gamma && ends[1] >= law.gamma;
        ends = model.peak.ci95;
        peak += ends[0] <= usl_peak(&law) && ends[1] >= usl_peak(&law);
        record_finish_model(&model);
    }
    assert_true(alpha >= 50 && beta >= 50 && gamma >= 50 && peak >= 50);
    gsl_rng_free(random);
}

/* Blocks that are fast or slow as a whole move gamma, and not the shape: the
 * interval of gamma knows, that of alpha is as without. */
static void blocks_widen_gamma_alone(void **state)
{
    static const struct usl law = {100, 0.05, 0.002};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct scaling_value values[80];
    struct record_model quiet, noisy;
    size_t n = measure(random, &law, to_64, 8, 10, 0, 0.01, values);

    (void)state;
    quiet = model_of(values, n, &(struct scaling_request){.model = "usl"});
    for (size_t i = 0; i < n; i++)
        values[i].rate *= exp(0.3 * ((double)(values[i].block % 5) - 2));
    noisy = model_of(values, n, &(struct scaling_request){.model = "usl"});
    assert_true(fabs(noisy.aicc - quiet.aicc) < 1e-6);
    assert_true(
        fabs(noisy.parameters[1].ci95[0] - quiet.parameters[1].ci95[0]) < 1e-6);
    assert_true(
        noisy.parameters[0].ci95[1] - noisy.parameters[0].ci95[0] >
        10 * (quiet.parameters[0].ci95[1] - quiet.parameters[0].ci95[0]));
    record_finish_model(&quiet);
    record_finish_model(&noisy);
    gsl_rng_free(random);
}

/* Also where the model that was chosen has no alpha that could be below 0. */
static void a_superlinear_curve_is_named_whatever_the_model(void **state)
{
    struct scaling_value values[8];
    struct record_model model;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        double n = (double)i + 1;
        values[i] = (struct scaling_value){
            n, 10 * n * (1 + 0.04 * n) * (i % 2 ? 1.004 : 0.996), NO_BLOCK};
    }
    model = model_of(values, 8, &usual);
    assert_string_equal(model.model, "linear");
    assert_int_equal(model.warning_count, 1);
    assert_non_null(strstr(model.warnings[0], "superlinear"));
    record_finish_model(&model);
    for (size_t i = 0; i < 8; i++) /* as much below as above: noise */
        values[i].rate = 10 * values[i].workers * (i % 4 < 2 ? 1.01 : 0.99);
    model = model_of(values, 8, &usual);
    assert_string_equal(model.model, "linear");
    assert_int_equal(model.warning_count, 0);
    record_finish_model(&model);
}

static void warnings_are_words(void **state)
{
    struct scaling_value values[4] = {{1, 10, NO_BLOCK},
                                      {2, 23, NO_BLOCK},
                                      {3, 37, NO_BLOCK},
                                      {4, 52, NO_BLOCK}};
    struct record_model model =
        model_of(values, 4, &(struct scaling_request){.model = "usl"});

    (void)state;
    assert_int_equal(model.warning_count, 2);
    assert_non_null(strstr(model.warnings[0], "4 worker counts"));
    assert_non_null(strstr(model.warnings[1], "superlinear"));
    record_finish_model(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_curve_gets_its_model),
        cmocka_unit_test(a_cap_gets_saturation),
        cmocka_unit_test(a_peak_at_a_whole_number_is_that_number),
        cmocka_unit_test(equal_throughputs_are_flat),
        cmocka_unit_test(few_values_of_a_plain_curve_are_not_flat),
        cmocka_unit_test(noise_of_few_values_stays_flat),
        cmocka_unit_test(flat_is_not_said_of_counts_that_differ),
        cmocka_unit_test(two_counts_are_too_few),
        cmocka_unit_test(the_cisco_misfit_is_said),
        cmocka_unit_test(a_peak_is_identified_or_not),
        cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(blocks_widen_gamma_alone),
        cmocka_unit_test(a_superlinear_curve_is_named_whatever_the_model),
        cmocka_unit_test(warnings_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
