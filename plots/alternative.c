/* SPDX-License-Identifier: MIT */
/*
 * A sentence for each lane, curve or row, up to a number that somebody may
 * still want to listen to; the table of numbers has the rest.
 */
#include "alternative.h"

#include <math.h>
#include <string.h>

#include "curves_draw.h"
#include "model_draw.h"
#include "rows_draw.h"
#include "text.h"

enum { SENTENCES_MAX = 12, NAME_CHARS = 60 };

/* "thread: 1 worker 0.99x, 2 workers 1.97x. " */
static void put_lane(FILE *out, const struct panel *panel,
                     const struct panel_lane *lane)
{
    text_to_html(out, lane->backend, NAME_CHARS);
    for (size_t i = 0; i < lane->count; i++) {
        char value[64];
        quantity_text(value, sizeof value, panel->quantity,
                      lane->points[i].estimate);
        fprintf(out, "%s %.0f worker%s %s", i == 0 ? ":" : ",",
                lane->points[i].workers,
                lane->points[i].workers == 1 ? "" : "s", value);
    }
    fputs(". ", out);
}

/* "thread 2: 10 points, from 12 ms to 24 ms. " */
static void put_curve(FILE *out, const struct panel *panel,
                      const struct curve *curve)
{
    double low = INFINITY, high = -INFINITY;
    char name[CASE_BYTES], from[32], to[32];

    for (size_t i = 0; i < curve->count; i++) {
        low = fmin(low, curve->points[i].y);
        high = fmax(high, curve->points[i].y);
    }
    curves_name(name, curve);
    quantity_text(from, sizeof from, panel->quantity, low);
    quantity_text(to, sizeof to, panel->quantity, high);
    text_to_html(out, name, NAME_CHARS);
    fprintf(out, ": %zu point%s, %s to %s. ", curve->count,
            curve->count == 1 ? "" : "s", from, to);
}

/* How many tasks wait, on the axis of the time. */
static void put_queue(FILE *out, const struct curves *curves,
                      const struct curve *curve)
{
    const struct curve_point *last = &curve->points[curve->count - 1];
    char name[CASE_BYTES], at[32];
    double most = 0;

    for (size_t i = 0; i < curve->count; i++)
        most = fmax(most, curve->points[i].y);
    curves_name(name, curve);
    quantity_text(at, sizeof at, curves->x_quantity, last->x);
    text_to_html(out, name, NAME_CHARS);
    fprintf(out, ": at most %.0f, %.0f at %s. ", most, last->y, at);
}

/* The time of a batch is what a distribution has on its other axis. */
static void put_steps(FILE *out, const struct curves *curves,
                      const struct curve *curve)
{
    char name[CASE_BYTES], from[32], to[32];

    curves_name(name, curve);
    quantity_text(from, sizeof from, curves->x_quantity, curve->points[0].x);
    quantity_text(to, sizeof to, curves->x_quantity,
                  curve->points[curve->count - 1].x);
    text_to_html(out, name, NAME_CHARS);
    fprintf(out, ": %zu block%s, %s to %s. ", curve->count,
            curve->count == 1 ? "" : "s", from, to);
}

/* Tasks of a worker, of which short ones may have joined. */
static void put_times(FILE *out, const struct rows *rows, const struct row *row)
{
    char from[32], to[32];
    bool has_last = false;

    quantity_text(from, sizeof from, rows->quantity, row->boxes[0].from);
    quantity_text(to, sizeof to, rows->quantity,
                  row->boxes[row->box_count - 1].to);
    for (size_t i = 0; i < row->box_count; i++)
        has_last |= row->boxes[i].shade == SHADE_LAST;
    fprintf(out, " %zu box%s, %s to %s%s", row->box_count,
            row->box_count == 1 ? "" : "es", from, to,
            has_last ? ", with the last task to end" : "");
}

/* What stands in the boxes of a map, or when they are. */
static void put_boxes(FILE *out, const struct rows *rows, const struct row *row)
{
    for (size_t i = 0; i < row->box_count && row->boxes[i].text[0] != '\0';
         i++) {
        char at[32];
        quantity_text(at, sizeof at, rows->quantity,
                      sqrt(row->boxes[i].from * row->boxes[i].to));
        fprintf(out, "%s %s at %s", i == 0 ? "" : ",", row->boxes[i].text, at);
    }
    if (row->words[0] != '\0' && rows->mark_name != NULL)
        fprintf(out, "; %s %s", rows->mark_name, row->words);
    if (row->box_count > 0 && row->boxes[0].text[0] == '\0')
        put_times(out, rows, row);
}

static void put_row(FILE *out, const struct rows *rows, const struct row *row)
{
    char name[CASE_BYTES], words[ROW_WORDS_BYTES];

    panel_case_name(name, row->backend, row->workers);
    text_to_html(out, name, NAME_CHARS);
    putc(':', out);
    if (rows->style == ROW_INTERVAL) {
        rows_words(words, rows, row);
        putc(' ', out);
        text_to_html(out, words, NAME_CHARS);
    } else if (rows->style == ROW_BOXES) {
        put_boxes(out, rows, row);
    } else if (rows->style == ROW_DOTS) {
        fprintf(out, " %.0f to %.0f %%", 100 * row->dots[0],
                100 * row->dots[row->dot_count - 1]);
    } else {
        for (size_t i = 0; i < ROW_PARTS; i++)
            fprintf(out, "%s %.0f %% %s", i == 0 ? "" : ",",
                    100 * row->parts[i], rows->part_names[i]);
    }
    fputs(". ", out);
}

/* What stands there beside what was measured. */
static void put_marks(FILE *out, const struct panel *panel)
{
    char words[LIMIT_BYTES];

    if (panel->limit > 0) {
        panel_limit_words(words, panel);
        fprintf(out, "A line: %s. ", words);
    }
    if (panel->band_high > 0) {
        quantity_text(words, sizeof words, panel->quantity, panel->band_high);
        fprintf(out, "Allowed: up to %s. ", words);
    }
    if (panel->set[0] > 0)
        fprintf(out, "May be right: %.0f to %.0f workers. ", panel->set[0],
                panel->set[1]);
    if (panel->bound.count > 0) {
        const struct panel_point *last =
            &panel->bound.points[panel->bound.count - 1];
        quantity_text(words, sizeof words, panel->quantity, last->estimate);
        fprintf(out, "A line: %s, %s at %.0f workers. ", panel->bound_name,
                words, last->workers);
    }
    if (panel->model != NULL)
        fprintf(out, "A curve: the model, %s%s. ", model_word(panel->model),
                panel->model->misfit ? ", which does not fit" : "");
}

void alternative_write(FILE *out, const struct panel *panel)
{
    fprintf(out, "%s. ", panel->title);
    put_marks(out, panel);
    for (size_t i = 0; i < panel->lane_count && i < SENTENCES_MAX; i++)
        put_lane(out, panel, &panel->lanes[i]);
    for (size_t i = 0; i < panel->curves.count && i < SENTENCES_MAX; i++)
        if (panel->quantity == QUANTITY_COUNT)
            put_queue(out, &panel->curves, &panel->curves.list[i]);
        else if (panel->curves.style == CURVE_STEPS)
            put_steps(out, &panel->curves, &panel->curves.list[i]);
        else
            put_curve(out, panel, &panel->curves.list[i]);
    for (size_t i = 0; i < panel->rows.count && i < SENTENCES_MAX; i++)
        put_row(out, &panel->rows, &panel->rows.list[i]);
}
