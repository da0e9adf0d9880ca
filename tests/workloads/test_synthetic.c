/* SPDX-License-Identifier: MIT */
/*
 * What the synthetic workload promises: its waits are those of the formulas,
 * and the case's worker count decides which. No time is taken here.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prepared.h"
#include "synthetic_curve.h"
#include "synthetic_round.h"

static struct wl_curve curve_of(const char *kind, const char *table)
{
    struct wl_curve curve = {
        .gamma_per_s = 50, .alpha = 0.02, .beta = 0.0005, .cap = 8};
    char why[256];

    if (!wl_curve_parse(kind, table, &curve, why, sizeof why))
        fail_msg("%s", why);
    return curve;
}

static void assert_per_s(const struct wl_curve *curve, size_t workers,
                         double expected)
{
    struct wl_curve_wait wait = wl_curve_wait_for(curve, workers);
    double per_s = (double)workers / wait.alone_s;

    if (!(fabs(per_s - expected) <= 1e-12 * expected))
        fail_msg("%zu workers: %.17g is not %.17g", workers, per_s, expected);
}

static void curves_are_their_formulas(void **state)
{
    struct wl_curve usl = curve_of("usl", "");
    struct wl_curve cap = curve_of("cap", "");

    (void)state;
    assert_per_s(&usl, 1, 50);
    assert_per_s(&usl, 8, 50 * 8 / (1 + 0.02 * 7 + 0.0005 * 56));
    assert_per_s(&usl, 64, 50 * 64 / (1 + 0.02 * 63 + 0.0005 * 64 * 63));
    assert_per_s(&cap, 1, 50);
    assert_per_s(&cap, 8, 400);
    assert_per_s(&cap, 64, 400);
}

static void a_table_is_straight_between_its_points(void **state)
{
    struct wl_curve table = curve_of("table", "2:100,8:400,16:200");

    (void)state;
    assert_per_s(&table, 1, 50);
    assert_per_s(&table, 2, 100);
    assert_per_s(&table, 5, 250);
    assert_per_s(&table, 12, 300);
    assert_per_s(&table, 64, 200);
}

static void a_lock_holds_its_part(void **state)
{
    struct wl_curve lock = curve_of("lock", "");
    struct wl_curve_wait wait = wl_curve_wait_for(&lock, 64);

    (void)state;
    assert_true(fabs(wait.alone_s - 0.98 / 50) < 1e-15);
    assert_true(fabs(wait.held_s - 0.02 / 50) < 1e-15);
}

static void what_is_no_curve_is_refused(void **state)
{
    static const char *const tables[] = {
        "",       "1",     "1:",    "1:0",   "0:5",     "2:5,1:6", "1:5,",
        "1:5,,2", "1:inf", "1:nan", "nan:1", "1:5;2:6", "1:5,1:6", "x",
    };
    struct wl_curve curve = {0};
    char why[256];

    (void)state;
    assert_false(wl_curve_parse("amdahl", "", &curve, why, sizeof why));
    assert_non_null(strstr(why, "amdahl"));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (wl_curve_parse("table", tables[i], &curve, why, sizeof why))
            fail_msg("taken for a table: \"%s\"", tables[i]);
}

/* Whole rounds of N tasks, as many as there are tasks for. */
static void a_case_runs_whole_rounds(void **state)
{
    struct prepared prepared;

    (void)state;
    must_prepare(&prepared, "synthetic", NULL, 100, 7);
    assert_int_equal(prepared.workload->tasks_for(prepared.values, 100, 1), 3);
    assert_int_equal(prepared.workload->tasks_for(prepared.values, 100, 8), 24);
    assert_int_equal(prepared.workload->tasks_for(prepared.values, 100, 30),
                     90);
    assert_int_equal(prepared.workload->tasks_for(prepared.values, 100, 64),
                     64);
    dispose(&prepared);
}

/* The first item of a sample, which begins with `seed`. */
static void begin(struct prepared *prepared, uint64_t seed, double *ms)
{
    const struct wl_start start = {.workers = 8, .tasks = 8, .seed = seed};

    prepared->workload->begin(&prepared->work, &start);
    memcpy(ms, (const char *)prepared->work.items + sizeof(uint64_t),
           sizeof *ms);
}

static void the_worker_count_decides_the_wait(void **state)
{
    struct prepared prepared;
    double ms;

    (void)state;
    must_prepare(&prepared, "synthetic", NULL, 8, 7);
    begin(&prepared, 1, &ms);
    assert_true(fabs(ms - 1000 * (1 + 0.02 * 7 + 0.0005 * 56) / 25) < 1e-9);
    dispose(&prepared);
}

/* Of 2000 samples: the mean within four standard errors, the spread likewise. */
static void noise_is_log_normal_and_seeded(void **state)
{
    const char *const texts[] = {"noise=0.1", "alpha=0", "beta=0", NULL};
    struct prepared prepared;
    double sum = 0, squares = 0, ms, again;
    enum { SAMPLES = 2000 };

    (void)state;
    must_prepare(&prepared, "synthetic", texts, 8, 7);
    for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        begin(&prepared, seed, &ms);
        begin(&prepared, seed, &again);
        assert_true(ms == again);
        sum += log(ms / 40);
        squares += log(ms / 40) * log(ms / 40);
    }
    assert_true(fabs(sum / SAMPLES) < 4 * 0.1 / sqrt(SAMPLES));
    assert_true(fabs(sqrt(squares / SAMPLES) - 0.1) <
                4 * 0.1 / sqrt(2 * SAMPLES));
    dispose(&prepared);
}

enum { MS = 1000000 };

/* Round 0 from its first task on, which is noted; round 2 two waits later. */
static void tasks_of_a_round_end_together(void **state)
{
    struct wl_rounds rounds = {0};
    const int64_t first = INT64_C(5000) * MS;

    (void)state;
    assert_int_equal(wl_rounds_join(&rounds, first, 0, 100), first);
    assert_int_equal(wl_rounds_join(&rounds, first + 3 * MS, 0, 100), first);
    assert_int_equal(wl_rounds_join(&rounds, first + 202 * MS, 200, 100),
                     first + 200 * MS);
}

/* Fewer than N at once would else be on the curve of N. */
static void who_comes_much_too_late_waits_in_full(void **state)
{
    struct wl_rounds rounds = {0};
    const int64_t first = INT64_C(5000) * MS;
    const int64_t later = first + 11 * MS;

    (void)state;
    assert_int_equal(wl_rounds_join(&rounds, first, 0, 100), first);
    assert_int_equal(wl_rounds_join(&rounds, first + 211 * MS, 200, 100),
                     first + 211 * MS);
    assert_int_equal(wl_rounds_join(&rounds, later, 0, 100), later);
}

/* A batch that comes after another begins by itself. */
static void a_batch_does_not_count_from_the_one_before(void **state)
{
    struct wl_rounds rounds = {0};
    const int64_t first = INT64_C(5000) * MS, second = first + 300 * MS;

    (void)state;
    assert_int_equal(wl_rounds_join(&rounds, first, 0, 100), first);
    assert_int_equal(wl_rounds_join(&rounds, second, 0, 100), second);
    assert_int_equal(wl_rounds_join(&rounds, second + MS, 0, 100), second);
    assert_int_equal(wl_rounds_join(&rounds, second + 101 * MS, 100, 100),
                     second + 100 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_are_their_formulas),
        cmocka_unit_test(a_table_is_straight_between_its_points),
        cmocka_unit_test(a_lock_holds_its_part),
        cmocka_unit_test(what_is_no_curve_is_refused),
        cmocka_unit_test(a_case_runs_whole_rounds),
        cmocka_unit_test(the_worker_count_decides_the_wait),
        cmocka_unit_test(noise_is_log_normal_and_seeded),
        cmocka_unit_test(tasks_of_a_round_end_together),
        cmocka_unit_test(who_comes_much_too_late_waits_in_full),
        cmocka_unit_test(a_batch_does_not_count_from_the_one_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
