/* SPDX-License-Identifier: MIT */
/* What "confirmed by fresh samples" is said of. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "request.h"

/* Throughput says nothing of it: tasks of an open loop come at one rate. In the
 * race four workers have 10 ms, of 100 that are allowed. */
static bool is_confirmed_with(double fresh_latency_s)
{
    struct advice_request request = request_of(ADVICE_LATENCY, 4);
    struct advice *advice;
    struct advice_answer answer;
    struct advice_step step;

    request.is_open_loop = true;
    advice = advice_create(&request);
    assert_non_null(advice);
    while (advice_next(advice, &step))
        for (size_t i = 0; i < step.count; i++) {
            double latency_s = step.cases[i].workers < 4 ? 1 : 0.01;
            if (step.phase == ADVICE_CONFIRM)
                latency_s = fresh_latency_s;
            assert_true(
                advice_add(advice, &(struct advice_sample){step.cases[i], 1,
                                                           latency_s, NAN}));
        }
    assert_true(advice_conclude(advice, &answer));
    advice_destroy(advice);
    assert_true(answer.exists);
    assert_int_equal(answer.chosen.workers, 4);
    return answer.is_confirmed;
}

static void a_latency_is_confirmed_by_fresh_latencies(void **state)
{
    (void)state;
    assert_true(is_confirmed_with(0.099));
    assert_false(is_confirmed_with(0.101));
    assert_false(is_confirmed_with(NAN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_latency_is_confirmed_by_fresh_latencies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
