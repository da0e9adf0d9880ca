/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "example.h"
#include "regret.h"
#include "trace.h"

/* Takes a sample of the case and offers a trace of it. */
static void take(struct record *record, size_t block, double elapsed_s)
{
    struct record_span spans[2] = {{0, 0, 0, elapsed_s},
                                   {1, 0, 0.001, elapsed_s / 2}};
    struct record_trace trace = {.case_index = 0,
                                 .block = block,
                                 .elapsed_s = elapsed_s,
                                 .tasks = 64,
                                 .spans = spans,
                                 .span_count = 2};

    example_sample(record, 0, block, elapsed_s);
    assert_true(trace_offer(record, &trace));
}

static void the_trace_that_is_kept_is_near_the_median(void **state)
{
    struct record *record = example_record(0);

    (void)state;
    take(record, 0, 0.3); /* the first one is the odd one */
    take(record, 1, 0.1);
    take(record, 2, 0.101);
    take(record, 3, 0.099);
    assert_int_equal(record->trace_count, 1);
    assert_int_not_equal(trace_find(record, 0)->block, 0);
    assert_null(trace_find(record, 1));
    record_destroy(record);
}

static void a_trace_is_read_as_it_was_written(void **state)
{
    struct record *record = example_record(2), *back;
    struct record_error error;
    const struct record_trace *trace;

    (void)state;
    take(record, 0, 0.1);
    assert_true(record_write(record, scratch("traced.json"), &error));
    back = record_read(scratch("traced.json"), &error);
    assert_non_null(back);
    trace = trace_find(back, 0);
    assert_non_null(trace);
    assert_int_equal(trace->tasks, 64);
    assert_int_equal(trace->span_count, 2);
    assert_int_equal(trace->spans[1].worker, 1);
    assert_true(trace->spans[1].started_s == 0.001);
    assert_true(trace->spans[1].finished_s == 0.05);
    record_destroy(back);
    record_destroy(record);
}

static void a_span_that_ends_before_it_starts_is_refused(void **state)
{
    struct record *record = example_record(1);
    struct record_error error;
    size_t length;

    (void)state;
    take(record, 0, 0.125);
    assert_true(record_write(record, scratch("wrong.json"), &error));
    char *text = slurp(scratch("wrong.json"), &length);
    char *end = strstr(text, "0, 0.125]");
    assert_non_null(end);
    memcpy(end, "3, 0.125]", 9);
    spill(scratch("wrong.json"), text, length);
    assert_null(record_read(scratch("wrong.json"), &error));
    assert_non_null(strstr(error.text, "spans of the trace"));
    free(text);
    record_destroy(record);
}

/* Cases 0 and 1 differ by a tenth in each block, whatever the block. */
static void what_a_count_loses_is_told_without_the_blocks(void **state)
{
    static const double block_s[] = {1, 2, 1.5, 0.7};
    struct record *record = example_record(0);
    struct regret regret;

    (void)state;
    for (size_t block = 0; block < 4; block++) {
        double noise = 1 + 0.001 * (double)block;
        example_sample(record, 0, block, block_s[block]);
        example_sample(record, 1, block, 0.9 * noise * block_s[block]);
    }
    assert_true(regret_collect(record, record->workloads[0].id, &regret));
    assert_int_equal(regret.count, 2);
    assert_true(regret.points[1].regret == 0);
    assert_true(fabs(regret.points[0].regret - 0.0985) < 0.002);
    assert_true(regret.points[0].ci95[0] < regret.points[0].regret);
    assert_true(regret.points[0].ci95[0] > 0.09);
    assert_true(regret.points[0].ci95[1] < 0.11);
    regret_finish(&regret);
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trace_that_is_kept_is_near_the_median),
        cmocka_unit_test(a_trace_is_read_as_it_was_written),
        cmocka_unit_test(a_span_that_ends_before_it_starts_is_refused),
        cmocka_unit_test(what_a_count_loses_is_told_without_the_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
