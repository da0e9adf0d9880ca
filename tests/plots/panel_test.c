/* SPDX-License-Identifier: MIT */
/* What is drawn beside the measured points. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alternative.h"
#include "caption.h"
#include "figure.h"
#include "panel.h"
#include "record_memory.h"
#include "theme.h"

/* A workload of five tasks, measured with one to three workers. */
static struct record *record_of(const char *workload, const char *backend)
{
    struct record *record = record_create();

    *record_add_workload(record) = (struct record_workload){
        .id = strdup(workload), .klass = strdup("mixed"), .tasks = 5};
    for (size_t workers = 1; workers <= 3; workers++)
        *record_add_case(record) =
            (struct record_case){.id = strdup("c"),
                                 .workload = strdup(workload),
                                 .backend = strdup(backend),
                                 .workers = workers,
                                 .tasks = 5};
    return record;
}

/* The bound with that many workers; NAN: none is drawn. */
static double bound_of(struct record *record, size_t workers)
{
    const struct subject subject = {
        .record = record, .ordinal = 1, .workload = &record->workloads[0]};
    struct panel panel = {0};
    double bound;

    for (size_t i = 0; i < record->case_count; i++)
        assert_true(panel_add_point(
            &panel, record->cases[i].backend,
            (struct panel_point){(double)record->cases[i].workers, 1, 1, 1}));
    panel_add_bound(&panel, &subject);
    bound = panel.bound.count < workers
                ? NAN
                : panel.bound.points[workers - 1].estimate;
    panel_finish(&panel);
    record_destroy(record);
    return bound;
}

static void equal_tasks_are_bound_by_the_last_round(void **state)
{
    (void)state;
    assert_true(fabs(bound_of(record_of("sleep", "thread"), 2) - 5. / 3) <
                1e-9);
    assert_true(fabs(bound_of(record_of("sleep", "thread"), 3) - 5. / 2) <
                1e-9);
}

/* In rounds a count that does not divide the tasks leaves the rest out. */
static void as_many_tasks_for_each_are_bound_by_the_workers(void **state)
{
    struct record *record = record_of("sleep", "thread");

    (void)state;
    record->cases[1].tasks = 4;
    record->cases[2].tasks = 3;
    assert_true(bound_of(record, 3) == 3);
    record = record_of("sleep", "thread");
    record->workloads[0].tasks = 2; /* of cases that differ */
    assert_true(bound_of(record, 3) == 3);
}

/* One of four tenths of a second and four of one take as long on two workers as
 * the long one. */
static void tasks_that_may_differ_are_bound_by_the_workers(void **state)
{
    static const char *const ids[] = {"cmd:sleep", "py:mine:work",
                                      "./plug/libmine.so"};
    struct record *record = record_of("skewed", "thread");

    (void)state;
    *record_add_parameter(&record->workloads[0].parameters,
                          &record->workloads[0].parameter_count) =
        (struct record_parameter){strdup("ratio"), strdup("100")};
    assert_true(bound_of(record, 2) == 2);
    for (size_t i = 0; i < 3; i++)
        assert_true(bound_of(record_of(ids[i], "thread"), 2) == 2);
}

static void a_command_with_its_own_workers_has_no_bound(void **state)
{
    (void)state;
    assert_true(isnan(bound_of(record_of("cmd:make", "command"), 1)));
}

static void what_another_tool_measured_has_no_bound(void **state)
{
    struct record *record = record_of("make", "thread");

    (void)state;
    assert_true(facts_set_text(record->tool, "name", "import"));
    assert_true(isnan(bound_of(record, 1)));
}

/* Two blocks can give an interval of a hundred times the estimate. */
static void an_endless_interval_does_not_flatten_the_others(void **state)
{
    struct panel panel = {0};

    (void)state;
    assert_true(panel_add_point(&panel, "thread",
                                (struct panel_point){1, 100, 90, 110}));
    assert_true(panel_top(&panel) == 110 && !panel_is_cut(&panel));
    assert_true(panel_add_point(&panel, "thread",
                                (struct panel_point){2, 200, 0.01, 1e6}));
    assert_true(panel_top(&panel) == 800 && panel_is_cut(&panel));
    assert_true(panel_bottom(&panel) == 50);
    panel.lanes[0].points[1].high = 210;
    assert_false(panel_is_cut(&panel)); /* from zero there is room below */
    panel.is_log = true;
    assert_true(panel_is_cut(&panel));
    panel_finish(&panel);
}

static void add_speedup(struct record *record, size_t index, double ratio)
{
    *record_add_summary(record) =
        (struct record_summary){.case_index = index,
                                .base = 0,
                                .metric = strdup("speedup_ratio"),
                                .estimate = ratio,
                                .ci95 = {ratio, ratio},
                                .block_count = 6};
}

static bool has_ratios(const struct record *record)
{
    const struct subject subject = {
        .record = record, .ordinal = 1, .workload = &record->workloads[0]};
    struct panel panel = {0};
    bool has =
        panel_take_ratio(&panel, &subject, "speedup_ratio", BASE_ONE_WORKER);

    panel_finish(&panel);
    return has;
}

static void bases_over_themselves_are_no_figure(void **state)
{
    struct record *record = record_of("sleep", "thread");

    (void)state;
    add_speedup(record, 0, 1);
    assert_false(has_ratios(record));
    add_speedup(record, 1, 1.9);
    assert_true(has_ratios(record));
    record_destroy(record);
}

/* Two workers that take turns with five tasks gain 5/3 at most. */
static void several_workers_above_a_bound_leave_none(void **state)
{
    static const double ratios[] = {1.6, 1.8};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct record *record = record_of("sleep", "thread");
        const struct subject subject = {
            .record = record, .ordinal = 1, .workload = &record->workloads[0]};
        struct drawing drawing = {0};

        add_speedup(record, 0, 1);
        add_speedup(record, 1, ratios[i]);
        assert_true(figure_speedup.compose(&drawing, &subject));
        assert_true((drawing.panels[0].bound.count > 0) == (i == 0));
        drawing_finish(&drawing);
        record_destroy(record);
    }
}

/* What a panel says to those who cannot see it; the panel is freed. */
static void assert_said(struct panel *panel, const char *words)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    panel->title = "Title";
    alternative_write(out, panel);
    fclose(out);
    assert_string_equal(text, words);
    free(text);
    panel_finish(panel);
}

/* "17 blocks, 34.6 us to 16.1 ms" was said of tasks that wait. */
static void what_is_said_of_a_figure_is_what_it_shows(void **state)
{
    struct panel queue = {.shape = SHAPE_CURVES, .quantity = QUANTITY_COUNT};
    struct panel losses = {
        .quantity = QUANTITY_PERCENT, .band_high = 0.05, .set = {2, 3}};
    struct panel lines = {.shape = SHAPE_ROWS};
    struct curve *curve = curves_add(&queue.curves, "thread", 4);

    (void)state;
    queue.curves.style = CURVE_STEPS;
    queue.curves.x_quantity = QUANTITY_SECONDS;
    assert_true(curve_add(curve, (struct curve_point){0, 1, NAN, NAN, 0}));
    assert_true(curve_add(curve, (struct curve_point){0.001, 15, NAN, NAN, 0}));
    assert_true(curve_add(curve, (struct curve_point){0.016, 0, NAN, NAN, 0}));
    assert_said(&queue, "Title. thread 4: at most 15, 0 at 16.0 ms. ");

    assert_true(panel_add_point(&losses, "thread",
                                (struct panel_point){2, 0.25, NAN, NAN}));
    assert_said(&losses, "Title. Allowed: up to 5.0 %. May be right: 2 to 3 "
                         "workers. thread: 2 workers 25 %. ");

    lines.rows.style = ROW_BOXES;
    lines.rows.quantity = QUANTITY_SECONDS;
    struct row *row = rows_add(&lines.rows, "thread", 4);
    assert_true(row_add_box(row, (struct row_box){.from = 0.001, .to = 0.002}));
    assert_true(row_add_box(
        row,
        (struct row_box){.from = 0.002, .to = 0.004, .shade = SHADE_LAST}));
    assert_said(&lines, "Title. thread 4: 2 boxes, 1.00 ms to 4.00 ms, with "
                        "the last task to end. ");
}

/* It is what the figure is looked at for: who everybody waited for. */
static void of_many_workers_that_of_the_last_task_is_drawn(void **state)
{
    enum { WORKERS = 64, LAST = 50 };
    struct record *record = record_of("sleep", "thread");
    const struct subject subject = {
        .record = record, .ordinal = 1, .workload = &record->workloads[0]};
    struct record_trace *trace = record_add_trace(record);
    struct drawing drawing = {0};
    size_t lasts = 0;

    (void)state;
    record->cases[0].workers = WORKERS;
    *record_add_summary(record) =
        (struct record_summary){.case_index = 0,
                                .base = NO_CASE,
                                .metric = strdup("throughput_per_s"),
                                .estimate = 1};
    trace->case_index = 0;
    trace->tasks = trace->span_count = WORKERS;
    trace->spans = calloc(WORKERS, sizeof *trace->spans);
    assert_non_null(trace->spans);
    for (size_t i = 0; i < WORKERS; i++)
        trace->spans[i] = (struct record_span){
            .worker = i, .started_s = 1, .finished_s = i == LAST ? 3 : 2};
    assert_true(figure_timeline.compose(&drawing, &subject));
    const struct rows *rows = &drawing.panels[0].rows;
    assert_true(rows->count > 1 && rows->count < LAST);
    for (size_t i = 0; i < rows->count; i++)
        lasts += rows->list[i].boxes[0].shade == SHADE_LAST;
    assert_int_equal(lasts, 1);
    drawing_finish(&drawing);
    record_destroy(record);
}

/* --python python3.13 --python python3.14t; --rank-workers 1,4 */
static void lanes_of_several_interpreters_are_told_apart(void **state)
{
    static const struct {
        const char *backend, *name;
    } lanes[] = {{"cpython3.13-thread", "Python 3.13 thread"},
                 {"cpython3.14-thread", "Python 3.14 thread"},
                 {"cpython3.14t-thread", "Python 3.14t thread"},
                 {"cpython3.13-process", "Python 3.13 process"},
                 {"cpython3.14-process", "Python 3.14 process"},
                 {"cpython3.14t-process", "Python 3.14t process"},
                 {"cpython3.14-serial", "Python 3.14 serial"},
                 {"cpython3.14t-serial", "Python 3.14t serial"}};
    enum { COUNT = sizeof lanes / sizeof *lanes };
    char name[CASE_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const struct theme_lane *one = theme_lane(lanes[i].backend);
        panel_case_name(name, lanes[i].backend, 0);
        assert_string_equal(name, lanes[i].name);
        assert_non_null(one->label);
        for (size_t k = 0; k < i; k++) {
            const struct theme_lane *other = theme_lane(lanes[k].backend);
            assert_true(one->marker != other->marker ||
                        strcmp(one->variable, other->variable) != 0);
            assert_true(one->letter != other->letter);
        }
    }
    assert_ptr_equal(theme_lane("cpython3.14-thread"),
                     theme_lane("cpython-thread"));
    assert_null(theme_lane("cpython3.14-else")->label);
    panel_case_name(name, "mpi:4", 8);
    assert_string_equal(name, "MPI (4 each) 8");
    panel_case_name(name, "mpi:\"else\"", 8);
    assert_string_equal(name, "MPI 8");
}

/* Of a recommendation, say, whose counts have from one block to ten. */
static void a_caption_counts_the_blocks_of_all_points(void **state)
{
    struct drawing drawing = {.panel_count = 2};
    char text[BLOCKS_BYTES];

    (void)state;
    panel_count_blocks(&drawing.panels[0], 1);
    caption_blocks(text, &drawing);
    assert_string_equal(text, "1 block");
    panel_count_blocks(&drawing.panels[0], 6);
    panel_count_blocks(&drawing.panels[1], 10);
    caption_blocks(text, &drawing);
    assert_string_equal(text, "1 to 10 blocks");
    drawing.panels[0].blocks_least = 0; /* as where none was counted */
    drawing.panels[0].blocks_most = 0;
    caption_blocks(text, &drawing);
    assert_string_equal(text, "10 blocks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_tasks_are_bound_by_the_last_round),
        cmocka_unit_test(as_many_tasks_for_each_are_bound_by_the_workers),
        cmocka_unit_test(tasks_that_may_differ_are_bound_by_the_workers),
        cmocka_unit_test(a_command_with_its_own_workers_has_no_bound),
        cmocka_unit_test(what_another_tool_measured_has_no_bound),
        cmocka_unit_test(bases_over_themselves_are_no_figure),
        cmocka_unit_test(an_endless_interval_does_not_flatten_the_others),
        cmocka_unit_test(several_workers_above_a_bound_leave_none),
        cmocka_unit_test(of_many_workers_that_of_the_last_task_is_drawn),
        cmocka_unit_test(what_is_said_of_a_figure_is_what_it_shows),
        cmocka_unit_test(lanes_of_several_interpreters_are_told_apart),
        cmocka_unit_test(a_caption_counts_the_blocks_of_all_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
