/* SPDX-License-Identifier: MIT */
/* What is written for gnuplot, from panels and words that were chosen. */
#include "drawing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "caption.h"
#include "figure.h"
#include "plots.h"
#include "record_memory.h"

static struct record *record_of(const char *workload)
{
    struct record *record = record_create();

    *record_add_workload(record) =
        (struct record_workload){.id = strdup(workload), .tasks = 8};
    return record;
}

static void set(struct record *record, const char *name, const char *value)
{
    *record_add_parameter(&record->workloads[0].parameters,
                          &record->workloads[0].parameter_count) =
        (struct record_parameter){strdup(name), strdup(value)};
}

/* Writes one curve of `count` points, of which so many are firm. The script and
 * the data are the caller's to free. */
static void write_curve(struct record *record, size_t count, size_t firm,
                        char **script, char **data)
{
    const struct subject subject = {
        .record = record, .ordinal = 1, .workload = &record->workloads[0]};
    struct drawing drawing = {.panel_count = 1};
    struct panel *panel = &drawing.panels[0];
    size_t bytes;
    FILE *files[2] = {open_memstream(script, &bytes),
                      open_memstream(data, &bytes)};
    struct curve *curve;

    panel->shape = SHAPE_CURVES;
    panel->title = "title";
    panel->quantity = QUANTITY_SECONDS;
    panel->curves.style = CURVE_LINES;
    panel->curves.x_axis = AXIS_TAIL;
    curve = curves_add(&panel->curves, "thread", 2);
    assert_non_null(curve);
    curve->firm = firm;
    for (size_t i = 1; i <= count; i++)
        assert_true(
            curve_add(curve, (struct curve_point){(double)i, 0.125 * (double)i,
                                                  NAN, NAN, 0}));
    drawing_write(files[0], files[1], &figure_spectrum, &drawing, &subject,
                  "stem", LAYOUT_WIDE, PLOTS_SVG);
    fclose(files[0]);
    fclose(files[1]);
    drawing_finish(&drawing);
    record_destroy(record);
}

static void fewer_than_ten_tasks_are_drawn(void **state)
{
    char *script, *data;

    (void)state;
    write_curve(record_of("sleep"), 3, 0, &script, &data);
    assert_non_null(strstr(data, "\n1 0.125 1 1\n2 0.25 2 2\n3 0.375 3 3\n"));
    assert_non_null(strstr(script, "with linespoints lw 1.5 dt (2,3)"));
    free(script);
    free(data);
    write_curve(record_of("sleep"), 3, 2, &script, &data);
    assert_non_null(strstr(data, "\n1 0.125 1 1\n2 0.25 2 2\n\n"));
    assert_non_null(strstr(data, "\n2 0.25 2 2\n3 0.375 3 3\n\n"));
    assert_null(strstr(script, "linespoints"));
    free(script);
    free(data);
}

/* The first column of text of the data, which is the workload's. */
static char *caption_of(char *data)
{
    char *begin = strchr(data, '"') + 1;

    *strchr(begin, '"') = '\0';
    return begin;
}

/* The script of a drawing of one panel, which is freed, and its data. */
static char *write_both(struct drawing *drawing, const struct figure *figure,
                        char **data)
{
    struct record *record = record_of("sleep");
    const struct subject subject = {
        .record = record, .ordinal = 1, .workload = &record->workloads[0]};
    char *script;
    size_t bytes;
    FILE *files[2] = {open_memstream(&script, &bytes),
                      open_memstream(data, &bytes)};

    drawing->panel_count = 1;
    drawing_write(files[0], files[1], figure, drawing, &subject, "stem",
                  LAYOUT_WIDE, PLOTS_SVG);
    fclose(files[0]);
    fclose(files[1]);
    drawing_finish(drawing);
    record_destroy(record);
    return script;
}

static char *write_panel(struct drawing *drawing, const struct figure *figure)
{
    char *data, *script = write_both(drawing, figure, &data);

    free(data);
    return script;
}

/* From one worker to the edge of eight it would look like a flat curve. */
static void what_leads_to_a_name_far_away_is_dotted(void **state)
{
    char *script;

    (void)state;
    for (int workers = 1; workers <= 8; workers *= 8) {
        struct drawing drawing = {0};
        struct panel *panel = &drawing.panels[0];

        panel->title = "title";
        panel->quantity = QUANTITY_RATE;
        assert_true(panel_add_point(panel, "thread",
                                    (struct panel_point){1, 100, NAN, NAN}));
        assert_true(panel_add_point(panel, "thread",
                                    (struct panel_point){8, 200, NAN, NAN}));
        assert_true(panel_add_point(
            panel, "gil", (struct panel_point){workers, 90, NAN, NAN}));
        script = write_panel(&drawing, &figure_throughput);
        assert_true((strstr(script, "lw 0.75 dt (1,6)") != NULL) ==
                    (workers == 1));
        assert_non_null(strstr(script, "lw 0.75 dt 1 "));
        free(script);
    }
}

/* At the edge it would look like a point of a count that was not measured. */
static void the_only_line_has_no_marker_beside_its_name(void **state)
{
    char *script;

    (void)state;
    for (int lanes = 1; lanes <= 2; lanes++) {
        struct drawing drawing = {0};
        struct panel *panel = &drawing.panels[0];

        panel->title = "title";
        panel->quantity = QUANTITY_RATE;
        assert_true(panel_add_point(panel, "thread",
                                    (struct panel_point){1, 100, NAN, NAN}));
        if (lanes == 2)
            assert_true(panel_add_point(panel, "gil",
                                        (struct panel_point){1, 90, NAN, NAN}));
        script = write_panel(&drawing, &figure_throughput);
        assert_true((strstr(script, "every ::1 using 1:2 with points") !=
                     NULL) == (lanes == 2));
        free(script);
    }
}

static void a_long_name_has_room_beside_its_line(void **state)
{
    struct drawing drawing = {0};
    double right;

    (void)state;
    drawing.panels[0].title = "title";
    assert_true(panel_add_point(&drawing.panels[0], "cpython3.14t-process",
                                (struct panel_point){1, 100, NAN, NAN}));
    char *script = write_panel(&drawing, &figure_throughput);
    char *edge = strstr(script, "rmargin at screen 0"); /* not the words' */
    assert_int_equal(sscanf(edge, "rmargin at screen %lf", &right), 1);
    free(script);
    assert_true(540 * (1 - right) >= 8 * strlen("Python 3.14t process"));
}

static void large_counts_do_not_touch(void **state)
{
    struct drawing drawing = {0};
    struct panel *panel = &drawing.panels[0];
    char *script;

    (void)state;
    panel->title = "title";
    panel->quantity = QUANTITY_RATE;
    for (double workers = 1e5; workers < 2e7; workers *= 2)
        assert_true(panel_add_point(
            panel, "thread", (struct panel_point){workers, 100, NAN, NAN}));
    script = write_panel(&drawing, &figure_throughput);
    assert_non_null(strstr(script, "\"800000\" 800000, \"3200000\" 3200000, "));
    free(script);
}

/* The script of times against throughputs, one for one worker, ... */
static char *write_times(const double *times_s, size_t count)
{
    struct drawing drawing = {0};
    struct panel *panel = &drawing.panels[0];
    struct curve *curve;

    panel->shape = SHAPE_CURVES;
    panel->title = "title";
    panel->quantity = QUANTITY_SECONDS;
    panel->is_log = true;
    panel->curves.style = CURVE_JOINED;
    panel->curves.x_quantity = QUANTITY_RATE;
    panel->curves.x_title = "tasks per second";
    curve = curves_add(&panel->curves, "thread", 0);
    assert_non_null(curve);
    for (size_t i = 0; i < count; i++)
        assert_true(
            curve_add(curve, (struct curve_point){25000, times_s[i], 20000,
                                                  30000, i + 1}));
    return write_panel(&drawing, &figure_latency_throughput);
}

/* Its number of workers would stand in the panel's title. */
static void the_highest_point_has_room_above(void **state)
{
    const double times_s[] = {1, 0.01};
    char *script = write_times(times_s, 2), *axes;
    double low, high;

    (void)state;
    axes = strstr(script, "set yrange [0.0"); /* not the paper's */
    assert_non_null(axes);
    assert_int_equal(sscanf(axes, "set yrange [%lf:%lf]", &low, &high), 2);
    assert_true(log(1 / low) / log(high / low) < 0.92);
    free(script);
}

/* Its markers stand at the edge of the axes, so points keep away from there. */
static void markers_of_a_legend_do_not_look_like_points(void **state)
{
    (void)state;
    for (int count = 1; count <= 2; count++) {
        struct drawing drawing = {0};
        struct panel *panel = &drawing.panels[0];
        double low, high;

        panel->shape = SHAPE_CURVES;
        panel->title = "title";
        panel->quantity = QUANTITY_PERCENT;
        panel->curves.style = CURVE_STEPS;
        panel->curves.x_quantity = QUANTITY_SECONDS;
        panel->curves.x_title = "time";
        for (int i = 0; i < count; i++) {
            struct curve *curve =
                curves_add(&panel->curves, i == 0 ? "thread" : "gil", 0);
            assert_non_null(curve);
            assert_true(
                curve_add(curve, (struct curve_point){2, 0.5, NAN, NAN, 0}));
            assert_true(
                curve_add(curve, (struct curve_point){3, 1, NAN, NAN, 0}));
        }
        char *script = write_panel(&drawing, &figure_distribution);
        char *axes = strstr(script, "set xrange [1."); /* not the paper's */
        assert_non_null(axes);
        assert_int_equal(sscanf(axes, "set xrange [%lf:%lf]", &low, &high), 2);
        assert_true((3 - low) / (high - low) < 0.92);
        assert_true((strstr(script, "every ::1 using 1:2 with points pt 7 ps "
                                    "0.65") != NULL) == (count == 2));
        free(script);
    }
}

/* Else its ticks would differ in the sixth digit. */
static void a_single_time_has_round_ticks(void **state)
{
    const double time_s = 3.048e-5;
    char *script = write_times(&time_s, 1);

    (void)state;
    assert_non_null(strstr(script, "\"20 µs\""));
    assert_null(strstr(script, "30.48"));
    free(script);
}

/* The script of a lane of two points, the second with that interval. */
static char *write_lane(double low, double high)
{
    struct drawing drawing = {0};
    struct panel *panel = &drawing.panels[0];

    panel->title = "title";
    panel->quantity = QUANTITY_RATE;
    assert_true(panel_add_point(panel, "thread",
                                (struct panel_point){1, 100, 90, 110}));
    assert_true(panel_add_point(panel, "thread",
                                (struct panel_point){2, 200, low, high}));
    return write_panel(&drawing, &figure_throughput);
}

/* An area with corners outside of the axes may be drawn past their end. */
static void a_band_ends_at_the_axes(void **state)
{
    char *whole = write_lane(180, 220), *cut = write_lane(0.1, 1e6);

    (void)state;
    assert_non_null(strstr(whole, "using 1:4:5 with filledcurves"));
    assert_null(strstr(cut, "using 1:4:5 with filledcurves"));
    assert_non_null(strstr(cut, "using 1:($4<0?0:$4):($5>"));
    assert_non_null(strstr(cut, "using 1:3:4:5 with yerrorbars"));
    free(whole);
    free(cut);
}

static void a_caption_ends_before_the_edge(void **state)
{
    struct record *record = record_of("a workload with a name of some length");
    char *script, *data, *caption;

    (void)state;
    set(record, "its first parameter", "is also of some length");
    write_curve(record, 3, 3, &script, &data);
    caption = caption_of(data);
    /* 540 wide, from 16 on; a character of 14 points takes 8.6 at most */
    assert_true(strlen(caption) > 50 && strlen(caption) < 64);
    free(script);
    free(data);
}

/* On a telephone "Model: saturation; dotted: not measured" ended at "do". */
static void what_the_marks_mean_has_the_lines_that_it_needs(void **state)
{
    struct drawing drawing = {
        .note = "Bars and bands: 95 % intervals of the mean, 2 to 10 blocks. "
                "Model: saturation, which does not fit; dotted: not measured; "
                "cross: its peak."};
    char *script, *data;

    (void)state;
    drawing.panels[0].title = "title";
    assert_true(panel_add_point(&drawing.panels[0], "thread",
                                (struct panel_point){1, 100, NAN, NAN}));
    script = write_both(&drawing, &figure_throughput, &data);
    assert_non_null(strstr(script, " size 540,446 ")); /* one line: 430 */
    assert_non_null(strstr(
        data, "\n16 48 \"Bars and bands: 95 % intervals of the mean, 2 to "
              "10 blocks. Model: saturation,\"\n16 32 \"which does not "
              "fit; dotted: not measured; cross: its peak.\"\n16 14 "));
    free(script);
    free(data);
}

static void of_a_command_what_was_asked_for_is_said(void **state)
{
    struct record *record = record_of("cmd:sleep");
    char *script, *data;

    (void)state;
    set(record, "command", "sleep {}");
    set(record, "program", "/usr/bin/sleep");
    set(record, "shell", "0");
    set(record, "timeout_s", "2");
    set(record, "any_exit", "0");
    set(record, "setup", "");
    write_curve(record, 3, 3, &script, &data);
    assert_string_equal(caption_of(data),
                        "cmd:sleep, command=sleep {}, timeout_s=2, 8 tasks");
    free(script);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_than_ten_tasks_are_drawn),
        cmocka_unit_test(what_leads_to_a_name_far_away_is_dotted),
        cmocka_unit_test(the_only_line_has_no_marker_beside_its_name),
        cmocka_unit_test(a_long_name_has_room_beside_its_line),
        cmocka_unit_test(large_counts_do_not_touch),
        cmocka_unit_test(the_highest_point_has_room_above),
        cmocka_unit_test(markers_of_a_legend_do_not_look_like_points),
        cmocka_unit_test(a_single_time_has_round_ticks),
        cmocka_unit_test(a_band_ends_at_the_axes),
        cmocka_unit_test(a_caption_ends_before_the_edge),
        cmocka_unit_test(what_the_marks_mean_has_the_lines_that_it_needs),
        cmocka_unit_test(of_a_command_what_was_asked_for_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
