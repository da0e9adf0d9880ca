/* SPDX-License-Identifier: MIT */
/*
 * Each style of curve is one clause or two of the plot command over the
 * curve's block of data. Names stand beside the last points where curves end
 * apart (lines), else one below the other.
 */
#include "curves_draw.h"

#include <math.h>
#include <string.h>

#include "caption.h"
#include "frame.h"
#include "names.h"
#include "text.h"
#include "theme.h"

enum { MARKED_STEPS_MAX = 40 };
static const double log_from = 6; /* the ratio from which an axis is */

/* Does a number of workers stand above the points? */
static bool has_numbers(const struct curves *curves)
{
    return curves->style == CURVE_JOINED && curves->count > 0 &&
           curves->list[0].count > 0 && curves->list[0].points[0].workers > 0;
}

/* So that it is below the panel's title. */
static void leave_room_above(struct axis *y)
{
    static const double room = 0.08; /* of the axis */

    y->high = axis_value(y, 1 + room);
}

/* A marker of the legend, at the edge, is not to look like a point more. */
static void leave_room_for_legend(struct axis *x)
{
    static const double room = 0.06; /* of the axis */

    x->high = axis_value(x, 1 / (1 - room));
}

void curves_axes(const struct panel *panel, struct axis *x, struct axis *y)
{
    const struct curves *curves = &panel->curves;
    struct curve_range range = curves_range(curves);
    double y_low = curves->is_from_zero ? 0 : range.y_low;

    if (curves->x_high > 0)
        range.x_high = curves->x_high;
    if (curves->equality != NULL) {
        y_low = fmin(y_low, range.x_low);
        range.y_high = fmax(range.y_high, range.x_high);
    }

    if (curves->level > 0) {
        y_low = fmin(y_low, curves->level);
        range.y_high = fmax(range.y_high, curves->level);
    }
    if (curves->x_axis == AXIS_TAIL)
        axis_of_tail(x, range.x_high);
    else if (curves->x_axis == AXIS_RUN)
        axis_of_range(x, QUANTITY_SECONDS, 0, range.x_high);
    else if (range.x_low > 0 && range.x_high > log_from * range.x_low)
        axis_of_log_range(x, curves->x_quantity, range.x_low, range.x_high);
    else
        axis_of_range(x, curves->x_quantity, range.x_low, range.x_high);

    if (curves->x_high > 0) { /* as rows fill theirs */
        x->high = curves->x_high * 1.01;
        axis_drop_outside(x);
    }
    if (y_low > 0 && (panel->is_log || range.y_high > log_from * y_low))
        axis_of_log_range(y, panel->quantity, y_low, range.y_high);
    else
        axis_of_range(y, panel->quantity, y_low, range.y_high);
    if (has_numbers(curves))
        leave_room_above(y);
    if (curves->style != CURVE_LINES && !curves->is_unnamed)
        leave_room_for_legend(x);
}

void curves_tick(char *text, size_t text_bytes, const struct curves *curves,
                 double value)
{
    if (curves->x_axis == AXIS_TAIL)
        snprintf(text, text_bytes, "%.6g %%%%", 100 - 100 / value);
    else
        caption_tick(text, text_bytes, curves->x_quantity, value);
}

void curves_name(char text[CASE_BYTES], const struct curve *curve)
{
    if (curve->mark == MARK_WARMUP)
        strcpy(text, "warm-up");
    else if (curve->mark == MARK_EXCLUDED)
        strcpy(text, "excluded");
    else
        panel_case_name(text, curve->backend, curve->workers);
}

static void write_axes(struct sheet *sheet, const struct panel *panel,
                       const struct box *box, struct axis *x,
                       const struct axis *y)
{
    const struct curves *curves = &panel->curves;
    char texts[TICKS_MAX][TICK_BYTES];
    FILE *script = sheet->script;

    for (size_t i = 0; i < x->tick_count; i++)
        curves_tick(texts[i], TICK_BYTES, curves, x->ticks[i]);
    frame_thin(x, texts, box->right - box->left);
    frame_ranges(script, x, y);
    fprintf(script,
            "set border 3 lc rgb rule\n"
            "unset grid; set grid ytics lc rgb grid lw 1 dt 1\n"
            "set xlabel \"%s\" tc rgb quiet font \",13\" offset 0,0.7\n"
            "set xtics nomirror scale 0.5 tc rgb quiet font \",13\" ",
            curves->x_title);
    frame_put_ticks(script, x, texts);
    fputs("set ytics nomirror scale 0 tc rgb quiet font \",13\" ", script);
    frame_ticks(script, y, panel->quantity);
}

static void write_level(struct sheet *sheet, const struct curves *curves,
                        const struct axis *x)
{
    if (!(curves->level > 0))
        return;
    fprintf(sheet->data, "# level\n%.9g %.9g\n%.9g %.9g\n\n\n", x->low,
            curves->level, x->high, curves->level);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 1 dt 1 lc rgb rule, "
            "\\\n",
            sheet->blocks++);
}

/* The line where both axes say the same, as far as both go. */
static void write_equality(struct sheet *sheet, const struct curves *curves,
                           const struct axis *x, const struct axis *y)
{
    double low = fmax(x->low, y->low), high = fmin(x->high, y->high);

    if (curves->equality == NULL || !(high > low))
        return;
    fprintf(sheet->data, "# equality\n%.9g %.9g\n%.9g %.9g\n\n\n", low, low,
            high, high);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 1.5 dt (4,4) lc rgb "
            "quiet, \\\n",
            sheet->blocks++);
}

/* Writes points [from, to) as a block of the data file. */
static void write_points(struct sheet *sheet, const struct curves *curves,
                         const struct curve *curve, size_t from, size_t to,
                         bool from_zero)
{
    fputs("# curve\n", sheet->data);
    if (from_zero && to > from)
        fprintf(sheet->data, "%.9g 0 %.9g %.9g\n", curve->points[from].x,
                curve->points[from].x, curve->points[from].x);
    for (size_t i = from; i < to; i++) {
        const struct curve_point *point = &curve->points[i];
        bool known = isfinite(point->low) && isfinite(point->high);
        double none = curves->is_interval_y ? point->y : point->x;
        fprintf(sheet->data, "%.9g %.9g %.9g %.9g\n", point->x, point->y,
                known ? point->low : none, known ? point->high : none);
    }
    fputs("\n\n", sheet->data);
}

static void write_line(struct sheet *sheet, const struct curves *curves,
                       const struct curve *curve, const struct theme_lane *look)
{
    size_t firm = curve->firm < curve->count ? curve->firm : curve->count;

    if (firm == 0) { /* few values, which are all marked */
        write_points(sheet, curves, curve, 0, curve->count, false);
        fprintf(sheet->script,
                "     data index %d using 1:2 with linespoints lw 1.5 dt (2,3) "
                "pt %d ps 0.55 lc rgb %s, \\\n",
                sheet->blocks++, look->marker, look->variable);
        return;
    }
    write_points(sheet, curves, curve, 0, firm, false);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 2 dt %s lc rgb %s, "
            "\\\n",
            sheet->blocks++, look->dash, look->variable);
    if (firm == curve->count)
        return;
    write_points(sheet, curves, curve, firm - 1, curve->count, false);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 1.5 dt (2,3) lc rgb "
            "%s, \\\n",
            sheet->blocks++, look->variable);
}

static int marker_of(const struct curve *curve, const struct theme_lane *look)
{
    if (curve->mark == MARK_WARMUP)
        return 6;
    return curve->mark == MARK_EXCLUDED ? 2 : look->marker;
}

static const char *variable_of(const struct curve *curve,
                               const struct theme_lane *look)
{
    if (curve->mark == MARK_WARMUP)
        return "ink";
    return curve->mark == MARK_EXCLUDED ? theme_parts[1].variable
                                        : look->variable;
}

static void write_marks(struct sheet *sheet, const struct curves *curves,
                        const struct curve *curve,
                        const struct theme_lane *look)
{
    write_points(sheet, curves, curve, 0, curve->count, false);
    fprintf(sheet->script,
            "     data index %d using 1:2 with points pt %d ps %s lw 1.25 "
            "lc rgb %s, \\\n",
            sheet->blocks++, marker_of(curve, look),
            curve->mark == MARK_BACKEND ? "0.5" : "0.9",
            variable_of(curve, look));
}

static void write_joined(struct sheet *sheet, const struct curves *curves,
                         const struct curve *curve,
                         const struct theme_lane *look)
{
    write_points(sheet, curves, curve, 0, curve->count, false);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 1.5 dt %s lc rgb "
            "%s, \\\n"
            "     '' index %d using 1:2:3:4 with %s lw 1.5 pt %d "
            "ps 0.65 lc rgb %s, \\\n",
            sheet->blocks, look->dash, look->variable, sheet->blocks,
            curves->is_interval_y ? "yerrorbars" : "xerrorbars", look->marker,
            look->variable);
    sheet->blocks++;
}

static void write_curve(struct sheet *sheet, const struct curves *curves,
                        const struct curve *curve)
{
    const struct theme_lane *look =
        theme_lane(curve->backend == NULL ? "" : curve->backend);

    switch (curves->style) {
    case CURVE_LINES:
        write_line(sheet, curves, curve, look);
        break;
    case CURVE_MARKS:
        write_marks(sheet, curves, curve, look);
        break;
    case CURVE_STEPS:
        write_points(sheet, curves, curve, 0, curve->count, true);
        fprintf(sheet->script,
                "     data index %d using 1:2 with steps lw 1.5 dt %s lc rgb "
                "%s, \\\n",
                sheet->blocks, look->dash, look->variable);
        if (curve->count <= MARKED_STEPS_MAX && !curves->is_unnamed)
            fprintf(sheet->script,
                    "     '' index %d every ::1 using 1:2 with points pt %d "
                    "ps 0.55 lc rgb %s, \\\n",
                    sheet->blocks, look->marker, look->variable);
        sheet->blocks++;
        break;
    case CURVE_JOINED:
        write_joined(sheet, curves, curve, look);
        break;
    }
}

struct spot {
    double x, y;
};

/* Is there room for a label on the canvas, beside those that stand there? */
static bool has_room(const struct spot *spots, size_t count, struct spot spot)
{
    for (size_t i = 0; i < count; i++)
        if (fabs(spots[i].x - spot.x) < 22 && fabs(spots[i].y - spot.y) < 15)
            return false;
    return true;
}

/* The workers beside the points; where points meet, one label serves all. */
static void write_workers(struct sheet *sheet, const struct curves *curves,
                          const struct box *box, const struct axis *x,
                          const struct axis *y)
{
    enum { SPOTS_MAX = 64 };
    struct spot spots[SPOTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < curves->count; i++)
        for (size_t k = 0; k < curves->list[i].count; k++) {
            const struct curve_point *point = &curves->list[i].points[k];
            struct spot spot = {
                axis_place(x, point->x) * (box->right - box->left),
                axis_place(y, point->y) * (box->top - box->bottom)};
            if (point->workers == 0 || count == SPOTS_MAX ||
                !has_room(spots, count, spot))
                continue;
            fputs(count == 0 ? "# workers\n" : "", sheet->data);
            spots[count++] = spot;
            fprintf(sheet->data, "%.9g %.9g %zu\n", point->x, point->y,
                    point->workers);
        }
    if (count == 0)
        return;
    fputs("\n\n", sheet->data);
    fprintf(sheet->script,
            "     data index %d using 1:2:3 with labels offset 0,0.9 font "
            "\",12\" tc rgb quiet, \\\n",
            sheet->blocks++);
}

static void write_names(struct sheet *sheet, const struct curves *curves,
                        const struct box *box, const struct axis *x,
                        const struct axis *y)
{
    struct name names[LABELS_MAX];
    size_t count = 0;

    if (curves->is_unnamed) {
        fputs("     1/0 notitle\n", sheet->script); /* ends the command */
        return;
    }
    for (size_t i = 0; i < curves->count && count < LABELS_MAX; i++) {
        const struct curve *curve = &curves->list[i];
        const struct theme_lane *look =
            theme_lane(curve->backend == NULL ? "" : curve->backend);
        const struct curve_point *last = &curve->points[curve->count - 1];
        bool is_alone = curves->count == 1; /* nothing to tell it from */
        names[count] =
            (struct name){.variable = variable_of(curve, look),
                          .marker = is_alone ? 0 : marker_of(curve, look),
                          .x = last->x,
                          .y = last->y};
        curves_name(names[count++].text, curve);
    }
    if (curves->equality != NULL && count < LABELS_MAX) {
        names[count] = (struct name){.variable = "quiet", .is_quiet = true};
        snprintf(names[count].text, sizeof names[count].text, "%s",
                 curves->equality);
        count++;
    }
    if (curves->style == CURVE_LINES)
        names_beside(sheet, names, count, box, x, y);
    else
        names_legend(sheet, names, count, box, x, y);
}

void curves_write(struct sheet *sheet, const struct panel *panel,
                  const struct box *box)
{
    const struct curves *curves = &panel->curves;
    struct axis x, y;

    curves_axes(panel, &x, &y);
    write_axes(sheet, panel, box, &x, &y);
    frame_place(sheet, panel->title, box);
    fputs("plot \\\n", sheet->script);
    write_level(sheet, curves, &x);
    write_equality(sheet, curves, &x, &y);
    for (size_t i = 0; i < curves->count; i++)
        write_curve(sheet, curves, &curves->list[i]);
    if (curves->style == CURVE_JOINED)
        write_workers(sheet, curves, box, &x, &y);
    write_names(sheet, curves, box, &x, &y);
}
