/* SPDX-License-Identifier: MIT */
/*
 * Fits against published ones: Schwartz's book with usl4j's tests (Cisco), the
 * R package usl and sca_tools (specsdm91). Numbers marked "computed" came from
 * SciPy on the same data.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit.h"
#include "known_curves.h"
#include "usl.h"

static const struct model_host nowhere = {0};

/* Right to `digits` of the expected value's unit in the last place. */
static void assert_rounds_to(double value, double expected, double unit)
{
    if (!(fabs(value - expected) <= 0.5000001 * unit))
        fail_msg("%.12g is not %.12g", value, expected);
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fabs(expected)))
        fail_msg("%.12g is not %.12g", value, expected);
}

static struct fit fitted(const struct model *model,
                         const struct scaling_value *values, size_t count,
                         struct points *points)
{
    struct fit fit;

    assert_true(points_create(values, count, OBJECTIVE_OLS, points));
    assert_true(fit_model(model, &nowhere, points, &fit));
    assert_true(fit_judge(&fit, &nowhere, points));
    return fit;
}

static double value(const struct fit *fit, const struct points *points,
                    size_t i)
{
    return fit_value(fit, points, i, fit->parameters[i]);
}

static struct usl usl_of(const struct fit *fit, const struct points *points)
{
    return (struct usl){value(fit, points, 0), fit->parameters[1],
                        fit->parameters[2]};
}

static void cisco_has_the_coefficients_of_the_book(void **state)
{
    struct scaling_value values[32];
    struct points points;
    struct fit fit =
        fitted(&model_usl, values, cisco_values(values, 32), &points);
    struct usl usl = usl_of(&fit, &points);

    (void)state;
    assert_near(usl.gamma, 995.6486, 2e-4);
    assert_near(usl.alpha, 0.02671591, 2e-4);
    assert_near(usl.beta, 7.690945e-4, 2e-4);
    assert_rounds_to(usl.gamma, 995.648786, 1e-5);
    assert_rounds_to(usl.alpha, 0.02671595, 1e-7);
    assert_rounds_to(usl.beta, 7.690939e-4, 1e-9);
    assert_rounds_to(usl_peak(&usl), 35.5738, 1e-4);
    assert_rounds_to(usl_rate(&usl, usl_peak(&usl)), 12342.853, 1e-2);
    assert_true(usl_whole_peak(&usl) == 36); /* usl4j's floor is 35 */
    points_finish(&points);
}

static void cisco_has_its_errors_and_its_wave(void **state)
{
    struct scaling_value values[32];
    struct points points;
    struct fit fit =
        fitted(&model_usl, values, cisco_values(values, 32), &points);
    double scale = points.scale;

    (void)state;
    assert_rounds_to(fit_value(&fit, &points, 0, fit.standard_error[0]), 28.698,
                     1e-3);
    assert_rounds_to(fit.standard_error[1], 0.004494, 1e-6);
    assert_rounds_to(fit.standard_error[2], 8.645e-5, 1e-8);
    assert_rounds_to(fit.squares * scale * scale, 1.02385e6, 10);
    assert_rounds_to(scale * sqrt(fit.squares / fit.df), 187.9, 0.1);
    assert_true(fit.df == 29);
    assert_int_equal(fit.runs, 5);
    assert_rounds_to(fit.runs_z, -4.3, 0.1);
    assert_rounds_to(fit.durbin_watson, 0.28, 0.01);
    assert_true(fit_is_misfit(&fit));
    points_finish(&points);
}

static void specsdm91_is_what_r_and_lmfit_say(void **state)
{
    static const double published[] = {90, 1078, 1541, 1850, 1879, 1822, 1646};
    static const double residuals[] = {-25.10, -81.66, 111.09, 3.05,
                                       -49.99, -46.60, 56.00};
    struct scaling_value values[7];
    struct points points;
    struct fit fit =
        fitted(&model_usl, values, specsdm91_values(values, 7), &points);
    struct usl usl = usl_of(&fit, &points);

    (void)state;
    assert_rounds_to(usl.gamma, 89.9952330, 1e-6);
    assert_rounds_to(usl.alpha, 0.0277285, 1e-7);
    assert_rounds_to(usl.beta, 1.0437e-4, 1e-8);
    assert_rounds_to(fit_value(&fit, &points, 0, fit.standard_error[0]),
                     14.2134894, 1e-4);
    assert_rounds_to(fit.standard_error[1], 0.0091217, 1e-7);
    assert_rounds_to(fit.standard_error[2], 1.99e-5, 1e-7);
    assert_rounds_to(points.scale * points.scale * fit.squares, 27453.72, 1e-2);
    assert_rounds_to(points.scale * sqrt(fit.squares / fit.df), 82.85, 1e-2);
    assert_rounds_to(usl_peak(&usl), 96.51956, 1e-5);
    assert_rounds_to(usl_rate(&usl, usl_peak(&usl)), 1884, 1);
    assert_rounds_to(usl.gamma / usl.alpha, 3245.589, 1e-3);
    assert_rounds_to(1 / usl.alpha, 36.06401, 1e-5);
    for (size_t i = 0; i < 7; i++) {
        double rate = usl_rate(&usl, specsdm91_workers[i]);
        assert_rounds_to(rate, published[i], 1);
        assert_rounds_to(specsdm91[i] - rate, residuals[i], 0.01);
    }
    points_finish(&points);
}

static void the_linearised_start_is_near(void **state)
{
    struct scaling_value values[32];
    struct points points;
    struct usl usl;

    (void)state; /* computed */
    assert_true(points_create(values, cisco_values(values, 32), OBJECTIVE_OLS,
                              &points));
    usl = usl_linearised(&points, true);
    assert_rounds_to(usl.gamma * points.scale, 960.05, 0.01);
    assert_rounds_to(usl.alpha, 0.02028, 1e-5);
    assert_rounds_to(usl.beta, 8.958e-4, 1e-7);
    points_finish(&points);
    assert_true(points_create(values, specsdm91_values(values, 7),
                              OBJECTIVE_OLS, &points));
    usl = usl_linearised(&points, true);
    assert_rounds_to(usl.gamma * points.scale, 68.16, 0.01);
    assert_rounds_to(usl.alpha, 0.01336, 1e-5);
    assert_rounds_to(usl.beta, 1.152e-4, 1e-7);
    points_finish(&points);
}

/* Half a curve foretells the other half badly: computed from the same data. */
static void extrapolation_is_as_wrong_as_it_is(void **state)
{
    static const struct {
        bool is_cisco;
        size_t used;
        double gamma, gamma_unit, alpha, alpha_unit, beta, beta_unit;
        double peak;
        double last;
        double error_percent;
    } rows[] = {
        {true, 6, 943.6, 0.1, .0216, 1e-4, 0, 1, INFINITY, 18087, 49.8},
        {true, 8, 939.7, 0.1, .01816, 1e-5, 3.09e-4, 1e-6, 56.4, 16089, 33.2},
        {true, 10, 938.4, 0.1, .0170, 1e-4, 4.47e-4, 1e-6, 46.9, 15242, 26.2},
        {true, 16, 913.4, 0.1, 0, 1, 1.98e-3, 1e-5, 22.5, 9855, -18.4},
        {true, 24, 1026, 1, .0335, 1e-4, 5.87e-4, 1e-6, 40.6, 12536, 3.8},
        {false, 4, 60.69, .01, 0, 1, 2.65e-4, 1e-6, 61.5, 987, -42.0},
        {false, 5, 70.12, .01, .0099, 1e-4, 1.85e-4, 1e-6, 73.1, 1291, -24.2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scaling_value values[32];
        struct points points;
        size_t used = rows[i].is_cisco ? cisco_values(values, rows[i].used)
                                       : specsdm91_values(values, rows[i].used);
        struct fit fit = fitted(&model_usl, values, used, &points);
        struct usl usl = usl_of(&fit, &points);
        double real = rows[i].is_cisco ? cisco[31] : specsdm91[6];
        double last = usl_rate(&usl, rows[i].is_cisco ? 32 : 216);
        assert_rounds_to(usl.gamma, rows[i].gamma, rows[i].gamma_unit);
        assert_rounds_to(usl.alpha, rows[i].alpha, rows[i].alpha_unit);
        assert_rounds_to(usl.beta, rows[i].beta, rows[i].beta_unit);
        if (isfinite(rows[i].peak))
            assert_rounds_to(usl_peak(&usl), rows[i].peak, 0.1);
        else
            assert_true(isinf(usl_peak(&usl)));
        assert_rounds_to(last, rows[i].last, 1);
        assert_rounds_to(100 * (last / real - 1), rows[i].error_percent, 0.1);
        points_finish(&points);
    }
}

static void the_order_of_rows_changes_nothing(void **state)
{
    struct scaling_value values[32], shuffled[32];
    struct points points, again;
    struct fit fit, other;

    (void)state;
    cisco_values(values, 32);
    for (size_t i = 0; i < 32; i++)
        shuffled[i] = values[(i * 13 + 5) % 32];
    fit = fitted(&model_usl, values, 32, &points);
    other = fitted(&model_usl, shuffled, 32, &again);
    for (size_t k = 0; k < 3; k++)
        assert_near(value(&other, &again, k), value(&fit, &points, k), 1e-9);
    points_finish(&points);
    points_finish(&again);
}

static void a_unit_of_throughput_scales_gamma_alone(void **state)
{
    static const double factors[] = {1e-9, 1e-3, 7, 1e9};
    struct scaling_value values[32];
    struct points points, again;
    struct fit fit, other;

    (void)state;
    cisco_values(values, 32);
    fit = fitted(&model_usl, values, 32, &points);
    for (size_t i = 0; i < 4; i++) {
        cisco_values(values, 32);
        for (size_t k = 0; k < 32; k++)
            values[k].rate *= factors[i];
        other = fitted(&model_usl, values, 32, &again);
        assert_near(value(&other, &again, 0),
                    factors[i] * value(&fit, &points, 0), 1e-9);
        assert_near(other.parameters[1], fit.parameters[1], 1e-8);
        assert_near(other.parameters[2], fit.parameters[2], 1e-8);
        points_finish(&again);
    }
    points_finish(&points);
}

/* Each row thrice is the same least squares with more degrees of freedom; a
 * second value at N = 1 pulls the curve there. */
static void several_rows_of_a_count_are_weighed(void **state)
{
    struct scaling_value values[96];
    struct points points, again;
    struct fit fit, other;

    (void)state;
    cisco_values(values, 32);
    fit = fitted(&model_usl, values, 32, &points);
    cisco_values(values + 32, 32);
    cisco_values(values + 64, 32);
    other = fitted(&model_usl, values, 96, &again);
    for (size_t k = 0; k < 3; k++)
        assert_near(value(&other, &again, k), value(&fit, &points, k), 1e-8);
    assert_int_equal(again.count, 32);
    assert_true(other.df == 93);
    points_finish(&again);
    values[32] = (struct scaling_value){1, 975, NO_BLOCK}; /* computed: */
    other = fitted(&model_usl, values, 33, &again);
    assert_near(value(&other, &again, 0), 995.19053652, 1e-6);
    assert_near(other.parameters[1], 0.026647767, 1e-4);
    assert_near(other.parameters[2], 7.70146537e-4, 1e-4);
    points_finish(&again);
    points_finish(&points);
}

static void parameters_stay_in_their_box(void **state)
{
    struct scaling_value values[8];
    struct points points;
    struct fit fit;

    (void)state;
    for (size_t i = 0; i < 8; i++) { /* better than linear */
        double n = (double)i + 1;
        values[i] =
            (struct scaling_value){n, 10 * n * (1 + 0.05 * n), NO_BLOCK};
    }
    fit = fitted(&model_usl, values, 8, &points);
    assert_true(fit.is_superlinear);
    assert_true(fit.parameters[1] == 0 && fit.parameters[2] == 0);
    assert_true(!fit.is_free[1] && !fit.is_free[2]);
    assert_true(isnan(fit.standard_error[1]));
    points_finish(&points);
    for (size_t i = 0; i < 8; i++) /* each worker slows the others down */
        values[i].rate = 10 / ((double)i + 1);
    fit = fitted(&model_usl, values, 8, &points);
    assert_true(fit.parameters[1] <= 1 && fit.parameters[2] >= 0);
    points_finish(&points);
}

static void a_cap_is_found_wherever_it_is(void **state)
{
    struct scaling_value values[16];
    struct points points;

    (void)state;
    for (double corner = 1.5; corner < 15; corner += 0.7) {
        struct fit fit;
        for (size_t i = 0; i < 16; i++)
            values[i] = (struct scaling_value){
                (double)i + 1, 20 * fmin((double)i + 1, corner), NO_BLOCK};
        fit = fitted(&model_saturation, values, 16, &points);
        assert_near(value(&fit, &points, 0), 20, 1e-9);
        assert_near(value(&fit, &points, 1), 20 * corner, 1e-9);
        points_finish(&points);
    }
}

static void two_slopes_are_found_where_cores_have_threads(void **state)
{
    static const struct model_host host = {4, 8};
    struct scaling_value values[10];
    struct points points;
    struct fit fit;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        double n = (double)i + 1;
        values[i] = (struct scaling_value){
            n, 50 * (fmin(n, 4) + 0.25 * fmax(0, fmin(n, 8) - 4)), NO_BLOCK};
    }
    assert_true(points_create(values, 10, OBJECTIVE_LOG, &points));
    assert_true(fit_model(&model_kink, &host, &points, &fit));
    assert_near(value(&fit, &points, 0), 50, 1e-9);
    assert_near(fit.parameters[1], 0.25, 1e-8);
    assert_true(model_kink.peak(&host, fit.parameters) == 8);
    assert_false(fit_model(&model_kink, &nowhere, &points, &fit));
    points_finish(&points);
}

static void a_model_takes_one_count_more_than_parameters(void **state)
{
    struct scaling_value values[3];
    struct points points;
    struct fit fit;

    (void)state;
    assert_true(
        points_create(values, cisco_values(values, 3), OBJECTIVE_LOG, &points));
    assert_true(fit_model(&model_linear, &nowhere, &points, &fit));
    assert_true(fit_model(&model_amdahl, &nowhere, &points, &fit));
    assert_false(fit_model(&model_usl, &nowhere, &points, &fit));
    points_finish(&points);
    assert_true(points_create(values, 2, OBJECTIVE_LOG, &points));
    assert_false(fit_model(&model_flat, &nowhere, &points, &fit));
    points_finish(&points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cisco_has_the_coefficients_of_the_book),
        cmocka_unit_test(cisco_has_its_errors_and_its_wave),
        cmocka_unit_test(specsdm91_is_what_r_and_lmfit_say),
        cmocka_unit_test(the_linearised_start_is_near),
        cmocka_unit_test(extrapolation_is_as_wrong_as_it_is),
        cmocka_unit_test(the_order_of_rows_changes_nothing),
        cmocka_unit_test(a_unit_of_throughput_scales_gamma_alone),
        cmocka_unit_test(several_rows_of_a_count_are_weighed),
        cmocka_unit_test(parameters_stay_in_their_box),
        cmocka_unit_test(a_cap_is_found_wherever_it_is),
        cmocka_unit_test(two_slopes_are_found_where_cores_have_threads),
        cmocka_unit_test(a_model_takes_one_count_more_than_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
