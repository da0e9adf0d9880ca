/* SPDX-License-Identifier: MIT */
/*
 * The timeline of a batch: a line for each worker with its tasks, for the case
 * that each backend's answer names, all on one axis; below it how many tasks
 * wait for a worker. The batch is one near its case's median (trace.h).
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "theme.h"
#include "trace.h"

enum { LINES_MAX = 24, LINES_EACH_MAX = 8, CASES_MAX = 8, PIXELS = 2000 };

static int by_start(const void *left, const void *right)
{
    const struct record_span *a = left, *b = right;

    if (a->worker != b->worker)
        return a->worker < b->worker ? -1 : 1;
    return (a->started_s > b->started_s) - (a->started_s < b->started_s);
}

static double last_end(const struct record_trace *trace)
{
    double end = 0;

    for (size_t i = 0; i < trace->span_count; i++)
        end = fmax(end, trace->spans[i].finished_s);
    return end;
}

/* Adds a worker's task; what no eye can part from the one before joins it. */
static bool add_task(struct row *row, const struct record_span *span,
                     bool is_last, double pixel_s, size_t *number)
{
    struct row_box *before =
        row->box_count > 0 ? &row->boxes[row->box_count - 1] : NULL;

    if (before != NULL && !is_last && before->shade != SHADE_LAST &&
        span->started_s - before->to < pixel_s &&
        (span->finished_s - span->started_s < 2 * pixel_s ||
         before->to - before->from < 2 * pixel_s)) {
        before->to = fmax(before->to, span->finished_s);
        return true;
    }
    unsigned shade = (*number)++ % 2 == 0 ? SHADE_BACKEND : SHADE_BACKEND_PALE;
    return row_add_box(row,
                       (struct row_box){.from = span->started_s,
                                        .to = span->finished_s,
                                        .shade = is_last ? SHADE_LAST : shade});
}

/* The worker of the last task to end. */
static size_t last_worker(const struct record_trace *trace)
{
    double end = last_end(trace);

    for (size_t i = 0; i < trace->span_count; i++)
        if (trace->spans[i].finished_s >= end)
            return trace->spans[i].worker;
    return SIZE_MAX;
}

/* Adds the lines of a case's first workers, and that of the last task to end. */
static bool add_lines(struct rows *rows, const struct record_case *one,
                      const struct record_trace *trace, size_t lines,
                      double pixel_s)
{
    double end = last_end(trace);
    struct record_span *spans = malloc((trace->span_count + 1) * sizeof *spans);
    struct row *row = NULL;
    size_t worker = SIZE_MAX, last = last_worker(trace), number = 0, added = 0;
    bool good = spans != NULL;

    if (good) {
        memcpy(spans, trace->spans, trace->span_count * sizeof *spans);
        qsort(spans, trace->span_count, sizeof *spans, by_start);
    }
    for (size_t i = 0; i < trace->span_count && good; i++) {
        if (spans[i].worker != worker) {
            if (added == lines)
                break;
            if (added + 1 == lines && spans[i].worker < last)
                continue;
            row = rows_add(rows, one->backend, one->workers);
            if (row == NULL)
                break;
            row->is_unnamed = added++ > 0;
            worker = spans[i].worker;
            number = 0;
        }
        good = add_task(row, &spans[i], spans[i].finished_s >= end, pixel_s,
                        &number);
    }
    free(spans);
    return good;
}

/* --- what waits --- */

struct change {
    double at_s;
    int by;
};

static int by_time(const void *left, const void *right)
{
    const struct change *a = left, *b = right;

    if (a->at_s != b->at_s)
        return a->at_s < b->at_s ? -1 : 1;
    return b->by - a->by;
}

/* Adds the number of tasks that wait, at most one step for each pixel. */
static bool add_queue(struct curves *curves, const struct record_case *one,
                      const struct record_trace *trace, double pixel_s)
{
    struct change *changes = calloc(2 * trace->span_count + 1, sizeof *changes);
    struct curve *curve = curves_add(curves, one->backend, one->workers);
    size_t count = 0;
    double depth = 0, drawn_s = -INFINITY;
    bool good = changes != NULL && curve != NULL;

    for (size_t i = 0; i < trace->span_count && good; i++) {
        changes[count++] = (struct change){trace->spans[i].submitted_s, 1};
        changes[count++] = (struct change){trace->spans[i].started_s, -1};
    }
    if (count > 0)
        qsort(changes, count, sizeof *changes, by_time);
    for (size_t i = 0; i < count && good; i++) {
        depth += changes[i].by;
        if (i + 1 < count && changes[i + 1].at_s - drawn_s < pixel_s)
            continue;
        drawn_s = changes[i].at_s;
        good = curve_add(
            curve, (struct curve_point){
                       .x = drawn_s, .y = depth, .low = NAN, .high = NAN});
    }
    free(changes);
    return good;
}

/* --- the figure --- */

/* Traces of the cases that the answers name. */
static size_t choose(const struct subject *subject,
                     const struct record_trace *chosen[], size_t most)
{
    const struct record *record = subject->record;
    const char *id = subject->workload->id;
    size_t count = 0;

    for (size_t i = 0; i < record->trace_count && count < most; i++) {
        const struct record_trace *trace = &record->traces[i];
        const struct record_case *one = &record->cases[trace->case_index];
        if (strcmp(one->workload, id) == 0 && !record_is_loop(one->backend) &&
            findings_knee(record, id, one->backend) == trace->case_index &&
            panel_is_drawable(last_end(trace)))
            chosen[count++] = trace;
    }
    return count;
}

static void begin(struct drawing *drawing)
{
    struct panel *lines = &drawing->panels[0], *queue = &drawing->panels[1];

    drawing->is_stacked = true;
    drawing->panel_count = 2;
    lines->shape = SHAPE_ROWS;
    lines->title = "A line for each worker; tasks alternate in shade";
    lines->rows.style = ROW_BOXES;
    lines->rows.quantity = QUANTITY_SECONDS;
    queue->shape = SHAPE_CURVES;
    queue->title = "Tasks that wait for a worker";
    queue->quantity = QUANTITY_COUNT;
    queue->curves.style = CURVE_STEPS;
    queue->curves.x_axis = AXIS_RUN;
    queue->curves.x_quantity = QUANTITY_SECONDS;
    queue->curves.x_title = "since the first task was handed over";
    queue->curves.is_from_zero = true;
    queue->curves.is_unnamed = true; /* the lines above it are named */
}

static void finish_note(struct drawing *drawing,
                        const struct record_trace *const chosen[], size_t count,
                        bool is_cut)
{
    bool is_part = false;

    for (size_t i = 0; i < count; i++)
        is_part |= chosen[i]->span_count < chosen[i]->tasks;
    snprintf(drawing->note, sizeof drawing->note,
             "One batch each, near its case's median. Pink: the last task to "
             "end.%s%s",
             is_cut ? " Not all workers." : "",
             is_part ? " Not all tasks." : "");
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record_trace *chosen[CASES_MAX];
    size_t count = choose(subject, chosen, CASES_MAX);
    struct panel *lines = &drawing->panels[0];
    double end = 0;
    bool is_cut = false;

    if (count == 0)
        return false;
    begin(drawing);
    for (size_t i = 0; i < count; i++)
        end = fmax(end, last_end(chosen[i]));
    size_t each = LINES_MAX / count;
    each = each > LINES_EACH_MAX && count > 1 ? LINES_EACH_MAX : each;
    for (size_t i = 0; i < count; i++) {
        const struct record_case *one =
            &subject->record->cases[chosen[i]->case_index];
        is_cut |= one->workers > each;
        if (!add_lines(&lines->rows, one, chosen[i], each, end / PIXELS) ||
            !add_queue(&drawing->panels[1].curves, one, chosen[i],
                       end / PIXELS))
            return false;
    }
    rows_sort(&lines->rows);
    curves_sort(&drawing->panels[1].curves);
    drawing->panels[1].curves.x_high = end;
    finish_note(drawing, chosen, count, is_cut);
    return true;
}

const struct figure figure_timeline = {
    .name = "timeline",
    .question = "What did each worker do, and when?",
    .about = "A line for each worker with its tasks as boxes, for the best "
             "case of each backend; below, how many tasks wait.",
    .compose = compose,
    .needs = "cfbench run --trace",
};
