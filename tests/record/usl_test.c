/* SPDX-License-Identifier: MIT */
/* The formulas of the USL against usl4j's tests, and against what usl4j gets
 * wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit.h"
#include "known_curves.h"
#include "usl.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fabs(expected)))
        fail_msg("%.12g is not %.12g", value, expected);
}

static struct usl cisco_usl(size_t count)
{
    static const struct model_host nowhere = {0};
    struct scaling_value values[32];
    struct points points;
    struct fit fit;
    struct usl usl;

    assert_true(points_create(values, cisco_values(values, count),
                              OBJECTIVE_OLS, &points));
    assert_true(fit_model(&model_usl, &nowhere, &points, &fit));
    usl = (struct usl){fit.parameters[0] * points.scale, fit.parameters[1],
                       fit.parameters[2]};
    points_finish(&points);
    return usl;
}

static void latency_and_rate_are_those_of_usl4j(void **state)
{
    struct usl usl = cisco_usl(32);

    (void)state;
    assert_near(usl_latency(&usl, 1), .0010043985, 2e-4);
    assert_near(usl_latency(&usl, 20), .0018077217983, 2e-4);
    assert_near(usl_latency(&usl, 35), .0028359135486, 2e-4);
    assert_near(usl_rate(&usl, 20), 11063.63312570, 2e-4);
    assert_near(usl_rate(&usl, 35), 12341.7456552, 2e-4);
}

static void workers_at_a_latency_are_those_of_usl4j(void **state)
{
    struct usl usl = cisco_usl(10);

    (void)state;
    assert_near(usl_workers_at_latency(&usl, .0012), 7.230628979597649, 2e-4);
    assert_near(usl_workers_at_latency(&usl, .0016), 20.25106409917, 2e-4);
    assert_near(usl_workers_at_latency(&usl, .0020), 29.88889360939, 2e-4);
}

/* N workers give X, take R each, and N = X R: one triangle, walked around. */
static void workers_rate_and_latency_agree(void **state)
{
    static const struct usl laws[] = {
        {995.6486, .02671591, 7.690945e-4}, {100, .1, 0}, {50, 0, 1e-3}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (double n = 1.5; n < 40; n *= 1.7) {
            double latency = usl_latency(&laws[i], n);
            assert_near(usl_workers_at_latency(&laws[i], latency), n, 1e-9);
            assert_near(usl_rate_at_latency(&laws[i], latency),
                        usl_rate(&laws[i], n), 1e-9);
        }
    }
}

/* usl4j has (b - beta + alpha) / (2 beta R): 33250 where the law is 7602.3. */
static void rate_at_a_latency_is_not_usl4j_s(void **state)
{
    struct usl usl = {995.6486, .02671591, 7.690945e-4};
    double latency = usl_latency(&usl, 10);

    (void)state;
    assert_true(fabs(usl_rate_at_latency(&usl, latency) - 7602.3) < 0.05);
    assert_near(latency, .001315, 4e-4);
}

static void what_latency_does_not_tell_is_nan(void **state)
{
    struct usl linear = {100, 0, 0}, usl = {100, .1, .01};

    (void)state;
    assert_true(isnan(usl_workers_at_latency(&linear, 0.01)));
    assert_true(isnan(usl_workers_at_latency(&usl, 0.009)));
}

static void the_peak_and_the_limit_follow_from_the_law(void **state)
{
    struct usl usl = {100, 0.19, 0.01}, amdahl = {100, 0.05, 0},
               linear = {100, 0, 0}, serial = {100, 1, 0.5};

    (void)state;
    assert_near(usl_peak(&usl), 9, 1e-12);
    assert_true(usl_whole_peak(&usl) == 9);
    assert_true(isinf(usl_peak(&amdahl)));
    assert_near(usl_limit(&amdahl), 2000, 1e-12);
    assert_true(isinf(usl_limit(&linear)));
    assert_true(usl_peak(&serial) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_and_rate_are_those_of_usl4j),
        cmocka_unit_test(workers_at_a_latency_are_those_of_usl4j),
        cmocka_unit_test(workers_rate_and_latency_agree),
        cmocka_unit_test(rate_at_a_latency_is_not_usl4j_s),
        cmocka_unit_test(what_latency_does_not_tell_is_nan),
        cmocka_unit_test(the_peak_and_the_limit_follow_from_the_law),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
