/* SPDX-License-Identifier: MIT */
/* Intervals by resampling what the model left over: how often they hold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "known_curves.h"
#include "record_memory.h"
#include "scaling.h"
#include "usl.h"

enum { COUNTS_MOST = 5, PARAMETERS = 3, BLOCKS = 3 };

struct few {
    const char *model;
    struct usl law;
    double workers[COUNTS_MOST];
    size_t counts;
};

static bool holds(const double interval[2], double truth)
{
    return interval[0] <= truth && truth <= interval[1];
}

/* The curve with 2 % noise on each of its few values, fitted. Adds up, for each
 * parameter, whether its interval holds it. */
static void try_once(const struct few *few, gsl_rng *random,
                     size_t held[PARAMETERS])
{
    const double truth[PARAMETERS] = {few->law.gamma, few->law.alpha,
                                      few->law.beta};
    struct scaling_value values[COUNTS_MOST];
    struct record_model model = {0};

    for (size_t i = 0; i < few->counts; i++)
        values[i] =
            (struct scaling_value){few->workers[i],
                                   usl_rate(&few->law, few->workers[i]) *
                                       exp(gsl_ran_gaussian(random, 0.02)),
                                   NO_BLOCK};
    assert_int_equal(scaling_fit(values, few->counts,
                                 &(struct scaling_request){.model = few->model},
                                 &model),
                     SCALING_FITTED);
    for (size_t k = 0; k < model.parameter_count; k++)
        held[k] += holds(model.parameters[k].ci95, truth[k]);
    record_finish_model(&model);
}

/* Of 100 true curves, 95 % intervals hold all but about five; fewer than 86 with
 * probability 1e-4. */
static void intervals_of_few_values_hold_the_truth(void **state)
{
    static const struct few curves[] = {
        {"flat", {100, 1, 0}, {1, 2, 4}, 3},
        {"amdahl", {100, 0.05, 0}, {1, 2, 4}, 3},
        {"amdahl", {100, 0.05, 0}, {1, 2, 4, 8}, 4},
        {"usl", {100, 0.05, 0.002}, {1, 4, 16, 48}, 4},
        {"usl", {100, 0.05, 0.002}, {1, 4, 8, 16, 48}, 5},
    };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

    (void)state;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        size_t held[PARAMETERS] = {0};
        size_t parameters = i == 0 ? 1 : curves[i].law.beta > 0 ? 3 : 2;

        for (size_t k = 0; k < 100; k++)
            try_once(&curves[i], random, held);
        for (size_t k = 0; k < parameters; k++)
            assert_in_range(held[k], 86, 100);
    }
    gsl_rng_free(random);
}

/* The USL at five counts in three blocks, whose speeds are apart. */
static void measure_blocks(gsl_rng *random, const struct usl *law,
                           double block_noise, struct scaling_value *values)
{
    for (size_t b = 0; b < BLOCKS; b++) {
        double level = gsl_ran_gaussian(random, block_noise);

        for (size_t i = 0; i < COUNTS_MOST; i++) {
            double workers = pow(3, (double)i);

            *values++ = (struct scaling_value){
                workers,
                usl_rate(law, workers) *
                    exp(level + gsl_ran_gaussian(random, 0.02)),
                b};
        }
    }
}

static struct record_model usl_of(const struct scaling_value *values)
{
    struct record_model model = {0};

    assert_int_equal(scaling_fit(values, BLOCKS * COUNTS_MOST,
                                 &(struct scaling_request){.model = "usl"},
                                 &model),
                     SCALING_FITTED);
    return model;
}

static void intervals_of_few_blocks_hold_the_truth(void **state)
{
    static const struct usl law = {100, 0.05, 0.002};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct scaling_value values[BLOCKS * COUNTS_MOST];
    size_t gamma = 0, alpha = 0, beta = 0;

    (void)state;
    for (size_t k = 0; k < 100; k++) {
        struct record_model model;

        measure_blocks(random, &law, 0.05, values);
        model = usl_of(values);
        gamma += holds(model.parameters[0].ci95, law.gamma);
        alpha += holds(model.parameters[1].ci95, law.alpha);
        beta += holds(model.parameters[2].ci95, law.beta);
        record_finish_model(&model);
    }
    assert_in_range(gamma, 86, 100);
    assert_in_range(alpha, 86, 100);
    assert_in_range(beta, 86, 100);
    gsl_rng_free(random);
}

/* What three blocks share says nothing of the curve's shape. */
static void few_blocks_widen_gamma_alone(void **state)
{
    static const struct usl law = {100, 0.05, 0.002};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct scaling_value values[BLOCKS * COUNTS_MOST];
    struct record_model quiet, noisy;

    (void)state;
    measure_blocks(random, &law, 0, values);
    quiet = usl_of(values);
    for (size_t i = 0; i < BLOCKS * COUNTS_MOST; i++)
        values[i].rate *= exp(0.3 * (double)values[i].block);
    noisy = usl_of(values);
    for (size_t k = 1; k < PARAMETERS; k++)
        for (size_t end = 0; end < 2; end++)
            assert_true(fabs(noisy.parameters[k].ci95[end] -
                             quiet.parameters[k].ci95[end]) < 1e-6);
    assert_true(noisy.parameters[0].ci95[1] / noisy.parameters[0].ci95[0] > 2);
    record_finish_model(&quiet);
    record_finish_model(&noisy);
    gsl_rng_free(random);
}

static void the_same_data_have_the_same_intervals(void **state)
{
    struct scaling_value values[32];
    struct record_model models[2] = {0};

    (void)state;
    cisco_values(values, 32);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            scaling_fit(values, 32, &(struct scaling_request){0}, &models[i]),
            SCALING_FITTED);
    assert_memory_equal(models[0].parameters[1].ci95,
                        models[1].parameters[1].ci95,
                        sizeof models[0].parameters[1].ci95);
    record_finish_model(&models[0]);
    record_finish_model(&models[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_few_values_hold_the_truth),
        cmocka_unit_test(intervals_of_few_blocks_hold_the_truth),
        cmocka_unit_test(few_blocks_widen_gamma_alone),
        cmocka_unit_test(the_same_data_have_the_same_intervals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
