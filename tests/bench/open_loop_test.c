/* SPDX-License-Identifier: MIT */
/* When tasks are to start, and that a stall counts for each that had to wait. */
#include "check.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "interrupt.h"
#include "sample.h"
#include "sample_record.h"

enum { TASKS = 40, STALL_MS = 80 };

static void fixed_arrivals_are_equally_far_apart(void **state)
{
    const struct open_loop loop = {200, ARRIVALS_FIXED};
    int64_t starts[1000];

    (void)state;
    open_loop_schedule(&loop, 1, 1000, starts);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(starts[i], (i + 1) * 5000000);
}

/* 20,000 gaps of an exponential distribution: mean and standard deviation are
 * both 5 ms, to within 3 of their errors (0.7 % and 1 %); and e^-1 of the gaps
 * are longer than the mean (error 0.34 %). */
static void poisson_arrivals_are_exponentially_far_apart(void **state)
{
    enum { MANY = 20000 };
    const struct open_loop loop = {200, ARRIVALS_POISSON};
    static int64_t starts[MANY];
    double mean = 0, squares = 0, longer = 0;

    (void)state;
    open_loop_schedule(&loop, 7, MANY, starts);
    for (size_t i = 0; i < MANY; i++) {
        double gap_ms =
            1e-6 * (double)(starts[i] - (i > 0 ? starts[i - 1] : 0));

        assert_true(gap_ms >= 0);
        mean += gap_ms / MANY;
        squares += gap_ms * gap_ms / MANY;
        longer += gap_ms > 5 ? 1. / MANY : 0;
    }
    assert_true(fabs(mean / 5 - 1) < 0.022);
    assert_true(fabs(sqrt(squares - mean * mean) / 5 - 1) < 0.03);
    assert_true(fabs(longer - exp(-1)) < 0.011);
}

/* Where the first came at once, n tasks would take n - 1 gaps, and the
 * throughput of few would be above the rate. */
static void the_first_task_comes_a_gap_after_the_start(void **state)
{
    enum { SAMPLES = 20000 };
    const struct open_loop fixed = {200, ARRIVALS_FIXED};
    const struct open_loop poisson = {200, ARRIVALS_POISSON};
    double mean_ms = 0;
    int64_t start;

    (void)state;
    open_loop_schedule(&fixed, 1, 1, &start);
    assert_int_equal(start, 5000000);
    for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        open_loop_schedule(&poisson, seed, 1, &start);
        mean_ms += 1e-6 * (double)start / SAMPLES;
    }
    assert_true(fabs(mean_ms / 5 - 1) < 0.022);
}

static void the_same_seed_gives_the_same_arrivals(void **state)
{
    const struct open_loop loop = {200, ARRIVALS_POISSON};
    int64_t first[100], second[100];

    (void)state;
    open_loop_schedule(&loop, 7, 100, first);
    open_loop_schedule(&loop, 7, 100, second);
    assert_memory_equal(first, second, sizeof first);
    open_loop_schedule(&loop, 8, 100, second);
    assert_memory_not_equal(first, second, sizeof first);
}

/* The first task stalls, the others take no time. */
static enum cf_status stall_first(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const struct timespec stall = {.tv_nsec = STALL_MS * 1000000};

    if (*(const int *)arg == 0)
        nanosleep(&stall, NULL);
    return cf_return(task, arg, arg_bytes);
}

static bool is_echo(const struct wl_work *work, size_t i, const void *output,
                    size_t output_bytes)
{
    (void)work;
    return output_bytes == sizeof(int) && *(const int *)output == (int)i;
}

/* One worker, a thousand tasks a second: all 40 should have started within the
 * first task's 80 ms, and their users waited for what was left of it. */
static void a_stall_counts_for_all_that_waited(void **state)
{
    static int items[TASKS];
    const struct wl_work work = {.items = items, .item_bytes = sizeof *items};
    const struct wl_workload workload = {
        .name = "test", .task = stall_first, .verify = is_echo};
    const struct cf_backend *const backends[] = {CF_SERIAL, CF_THREAD};

    (void)state;
    for (int i = 0; i < TASKS; i++)
        items[i] = i;
    for (size_t b = 0; b < 2; b++) {
        struct sample_setup setup = {.workload = &workload,
                                     .work = &work,
                                     .tasks = TASKS,
                                     .backend = backends[b],
                                     .workers = 1,
                                     .chunk = 1,
                                     .loop = {1000, ARRIVALS_FIXED},
                                     .limit_ns = 10000000000};
        struct sample_room *room = sample_room_create(0, 0);
        struct sample_taken taken = {.setup = &setup};
        struct record *record = record_create();
        const struct record_latency *latency;

        assert_non_null(record_add_case(record));
        taken.report = sample_measure(room, &setup, &taken.numbers);
        assert_string_equal(taken.numbers->why, "");
        assert_true(sample_record(&taken, record));
        latency = &record->samples[0].latency;
        assert_string_equal(latency->kind, "response");
        assert_int_equal(latency->n, TASKS);
        /* the 20th was to start 19 ms after the first: 61 ms before the
         * stall's end */
        assert_true(latency->p50_s >= 0.060);
        assert_true(latency->max_s >= 0.080);
        /* on serial the generator itself stands still */
        if (backends[b] == CF_SERIAL)
            assert_true(latency->late_max_s >= 0.078);
        assert_true(latency->late_mean_s <= latency->late_max_s);
        record_destroy(record);

        /* the closed loop of the same tasks does not see it */
        setup.loop = (struct open_loop){0};
        sample_measure(room, &setup, &taken.numbers);
        assert_true(histogram_percentile_s(taken.numbers->service, 0.5) <
                    0.060);
        sample_room_destroy(room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_arrivals_are_equally_far_apart),
        cmocka_unit_test(poisson_arrivals_are_exponentially_far_apart),
        cmocka_unit_test(the_first_task_comes_a_gap_after_the_start),
        cmocka_unit_test(the_same_seed_gives_the_same_arrivals),
        cmocka_unit_test(a_stall_counts_for_all_that_waited),
    };

    interrupt_catch();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
