/* SPDX-License-Identifier: MIT */
/*
 * From panels to a gnuplot script and its data file, in one walk: whatever is
 * drawn is written to the data as a block of its own, and the script names it
 * by the block's number. The script draws once for each picture (light and
 * dark, SVG and PNG) by reading itself again.
 *
 *     question                                   the canvas has one unit
 *     workload and parameters                    for each point of SVG
 *     title of the panel      2 usable CPUs
 *       |                 .  o thread            lane: band, line, bars, marks;
 *       |     o--o--o---o----x process           its name stands beside its
 *       |_____________________                   last point
 *        1    2  3  4   8
 *     what the bars are; machine
 */
#include "drawing.h"

#include <math.h>
#include <string.h>

#include "axes.h"
#include "caption.h"
#include "curves_draw.h"
#include "frame.h"
#include "letters.h"
#include "marks.h"
#include "model_draw.h"
#include "names.h"
#include "plots.h"
#include "rows_draw.h"
#include "sheet.h"
#include "text.h"
#include "theme.h"

/* --- pictures --- */

static void write_terminal(FILE *script, const struct canvas *canvas,
                           const char *stem, unsigned format, int theme)
{
    const char *paper = themes[theme].paper;
    const char *suffix = themes[theme].suffix;

    if (format == PLOTS_SVG)
        fprintf(script,
                "set terminal svg noenhanced rounded size %.0f,%.0f "
                "font \"sans-serif,15\" background \"%s\"\n"
                "set output \"%s%s.svg\"\n",
                canvas->width, canvas->height, paper, stem, suffix);
    else if (format == PLOTS_PDF)
        fprintf(script,
                "set terminal pdfcairo noenhanced rounded size "
                "%.4fin,%.4fin font \"sans-serif,15\" fontscale 0.75 "
                "linewidth 1.6 pointscale 1.5 background rgb \"%s\"\n"
                "set output \"%s%s.pdf\"\n",
                canvas->width / 72, canvas->height / 72, paper, stem, suffix);
    else
        fprintf(script,
                "set terminal pngcairo noenhanced size %.0f,%.0f "
                "font \"sans-serif,15\" fontscale 1.5 linewidth 2 "
                "pointscale 2.6 background rgb \"%s\"\n"
                "set output \"%s%s.png\"\n",
                2 * canvas->width, 2 * canvas->height, paper, stem, suffix);
    theme_write(script, theme);
}

/* Chooses the picture of this pass; the last line of the script starts the
 * next one. Returns how many there are. */
static int write_pictures(FILE *script, const struct canvas *canvas,
                          const char *stem, unsigned formats)
{
    static const unsigned known[] = {PLOTS_SVG, PLOTS_PNG, PLOTS_PDF};
    int papers = (formats & PLOTS_LIGHT_ONLY) ? 1 : THEME_COUNT;
    int pictures = 0;

    fputs("if (!exists(\"picture\")) picture = 1\n", script);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        for (int theme = 0; theme < papers && (formats & known[i]); theme++) {
            fprintf(script, "if (picture == %d) {\n", ++pictures);
            write_terminal(script, canvas, stem, known[i], theme);
            fputs("}\n", script);
        }
    return pictures;
}

/* --- words --- */

/* Of a character, at 14 and 12 points. */
#define CAPTION_WIDTH 8.6
#define MACHINE_WIDTH 7.4

/* In lines, the last of which stands above the machine. */
static void write_intervals(struct sheet *sheet, const struct drawing *drawing)
{
    double place = 32 + sheet->canvas.foot - CANVAS_FOOT;
    size_t chars = canvas_line_chars(sheet->canvas.width);
    char text[INTERVALS_BYTES];
    const char *rest = text;

    for (caption_intervals(text, drawing); *rest != '\0';
         place -= CANVAS_LINE) {
        const char *line = rest;
        size_t length = caption_line(line, chars, &rest);

        fprintf(sheet->data, "16 %.0f \"%.*s\"\n", place, (int)length, line);
    }
}

static void write_words(struct sheet *sheet, const struct figure *figure,
                        const struct drawing *drawing,
                        const struct subject *subject)
{
    const struct canvas *canvas = &sheet->canvas;
    double room = canvas->width - 32; /* as much is left free at either end */

    fprintf(sheet->script,
            "# words\n"
            "set lmargin at screen 0; set rmargin at screen 1\n"
            "set bmargin at screen 0; set tmargin at screen 1\n"
            "unset border; unset tics; unset key\n"
            "set xrange [0:%.0f]; set yrange [0:%.0f]\n"
            "set label 1 \"%s\" at 16,%.0f font \",20\" tc rgb ink\n"
            "plot data index %d every ::0::0 using 1:2:3 with labels left "
            "font \",14\" tc rgb quiet, \\\n"
            "     '' index %d every ::1 using 1:2:3 with labels left "
            "font \",12\" tc rgb quiet\n"
            "unset label 1\n",
            canvas->width, canvas->height, figure->question,
            canvas->height - 28, sheet->blocks, sheet->blocks);
    fprintf(sheet->data, "# words\n16 %.0f ", canvas->height - 54);
    caption_workload(sheet->data, subject, (size_t)(room / CAPTION_WIDTH));
    putc('\n', sheet->data);
    write_intervals(sheet, drawing);
    fputs("16 14 ", sheet->data);
    caption_machine(sheet->data, subject, (size_t)(room / MACHINE_WIDTH));
    fputs("\n\n\n", sheet->data);
    sheet->blocks++;
}

/* --- axes --- */

/* Leaves out counts that would touch the one before. */
static void thin_counts(struct axis *x, double width)
{
    static const double digit = 8, between = 3; /* on the canvas */
    double free_from = -INFINITY;
    size_t kept = 0;

    for (size_t i = 0; i < x->tick_count; i++) {
        double half = digit * floor(log10(x->ticks[i]) + 1) / 2;
        double middle = axis_place(x, x->ticks[i]) * width;

        if (middle - half < free_from)
            continue;
        free_from = middle + half + between;
        x->ticks[kept++] = x->ticks[i];
    }
    x->tick_count = kept;
}

static void write_axes(struct sheet *sheet, const struct panel *panel,
                       const struct box *box, struct axis *x,
                       const struct axis *y)
{
    FILE *script = sheet->script;

    thin_counts(x, box->right - box->left);

    frame_ranges(script, x, y);
    fputs("set border 3 lc rgb rule\n"
          "set grid ytics lc rgb grid lw 1 dt 1\n"
          "set errorbars 0.6\n"
          "set xlabel \"workers\" tc rgb quiet font \",13\" offset 0,0.7\n"
          "set xtics nomirror scale 0.5 tc rgb quiet font \",13\" (",
          script);
    for (size_t i = 0; i < x->tick_count; i++)
        fprintf(script, "%s\"%.0f\" %.0f", i > 0 ? ", " : "", x->ticks[i],
                x->ticks[i]);
    fputs(")\nset ytics nomirror scale 0 tc rgb quiet font \",13\" ", script);
    frame_ticks(script, y, panel->quantity);
}

/* --- lanes --- */

static void write_row(FILE *data, double place, const struct panel_point *point)
{
    bool known = isfinite(point->low) && isfinite(point->high);

    fprintf(data, "%.9g %.0f %.9g %.9g %.9g\n", place, point->workers,
            point->estimate, known ? point->low : point->estimate,
            known ? point->high : point->estimate);
}

/* A band between the intervals' ends. gnuplot has no good way with an area whose
 * corners lie outside of the axes: it may reach past their other end. */
static void write_band(struct sheet *sheet, const struct panel *panel,
                       const char *color, const struct axis *y)
{
    fprintf(sheet->script, "     data index %d using 1:", sheet->blocks);
    if (panel_is_cut(panel))
        fprintf(sheet->script, "($4<%.9g?%.9g:$4):($5>%.9g?%.9g:$5)", y->low,
                y->low, y->high, y->high);
    else
        fputs("4:5", sheet->script);
    fprintf(sheet->script,
            " with filledcurves fs transparent solid 0.12 noborder fc rgb %s, "
            "\\\n",
            color);
}

/* Writes a lane's block and what draws it; without the plot command's head. */
static void write_lane(struct sheet *sheet, const struct panel *panel,
                       size_t index, const struct axis *x, const struct axis *y)
{
    const struct panel_lane *lane = &panel->lanes[index];
    const struct theme_lane *look = theme_lane(lane->backend);
    bool level = panel_lane_is_level(lane);

    fputs("# ", sheet->data);
    text_to_data(sheet->data, lane->backend, NAME_CHARS_MAX);
    fputs(": place workers estimate low high\n", sheet->data);
    if (level) {
        write_row(sheet->data, x->low, &lane->points[0]);
        write_row(sheet->data, x->high, &lane->points[0]);
    } else {
        for (size_t i = 0; i < lane->count; i++)
            write_row(sheet->data,
                      axis_lane_place(x, panel, index, lane->points[i].workers),
                      &lane->points[i]);
    }
    fputs("\n\n", sheet->data);
    if (panel->model == NULL) {
        write_band(sheet, panel, look->variable, y);
        fprintf(sheet->script,
                "     '' index %d using 1:3 with lines lw %s dt %s lc rgb %s, "
                "\\\n",
                sheet->blocks, level ? "1.5" : "2", look->dash, look->variable);
    }
    if (!level)
        fprintf(sheet->script,
                "     %s index %d using 1:3:4:5 with yerrorbars lw 1.5 pt %d "
                "ps 0.65 lc rgb %s, \\\n",
                panel->model == NULL ? "''" : "data", sheet->blocks,
                look->marker, look->variable);
    sheet->blocks++;
}

static void write_bound(struct sheet *sheet, const struct panel *panel)
{
    if (panel->bound.count == 0)
        return;
    fprintf(sheet->data, "# %s\n", panel->bound_name);
    for (size_t i = 0; i < panel->bound.count; i++)
        fprintf(sheet->data, "%.9g %.9g\n", panel->bound.points[i].workers,
                panel->bound.points[i].estimate);
    fputs("\n\n", sheet->data);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 1.5 dt (1,4) "
            "lc rgb quiet, \\\n",
            sheet->blocks++);
}

/* What is allowed, shaded from zero; and, on the axis, a set of counts. */
static void write_allowed(struct sheet *sheet, const struct panel *panel,
                          const struct axis *x, const struct axis *y)
{
    if (panel->band_high > 0) {
        fprintf(sheet->data, "# band\n%.9g 0 %.9g\n%.9g 0 %.9g\n\n\n", x->low,
                panel->band_high, x->high, panel->band_high);
        fprintf(sheet->script,
                "     data index %d using 1:2:3 with filledcurves fs solid 1.0 "
                "noborder fc rgb grid, \\\n",
                sheet->blocks++);
    }
    if (panel->set[0] > 0) {
        /* A single count has a width, too. */
        double low = axis_place(x, panel->set[0]) - 0.012;
        double high = axis_place(x, panel->set[1]) + 0.012;
        fprintf(sheet->data, "# set\n%.9g %.9g\n%.9g %.9g\n\n\n",
                axis_value(x, fmax(low, 0)), axis_value(y, 0.014),
                axis_value(x, fmin(high, 1)), axis_value(y, 0.014));
        fprintf(sheet->script,
                "     data index %d using 1:2 with lines lw 7 dt 1 lc rgb "
                "ink, \\\n",
                sheet->blocks++);
    }
}

/* A level line across the axes, its name on it. The number is ours to spell. */
static void write_limit(struct sheet *sheet, const struct panel *panel)
{
    char words[LIMIT_BYTES];

    if (!(panel->limit > 0))
        return;
    panel_limit_words(words, panel);
    fprintf(sheet->script,
            "set arrow 90 from graph 0,first %.9g to graph 1,first %.9g "
            "nohead front lw 1.5 dt (8,4) lc rgb ink\n"
            "set label 90 \"%s\" at graph 0.02,first %.9g left offset 0,0.6 "
            "front font \",12\" tc rgb ink\n",
            panel->limit, panel->limit, words, panel->limit);
}

static void write_lanes(struct sheet *sheet, const struct panel *panel,
                        const struct box *box, const struct subject *subject)
{
    struct axis x, y;

    axis_of_workers(&x, panel);
    axis_of_quantity(&y, panel);
    write_axes(sheet, panel, box, &x, &y);
    frame_place(sheet, panel->title, box);
    marks_write(sheet, subject, box, &x);
    write_limit(sheet, panel);
    fputs("plot \\\n", sheet->script);
    write_allowed(sheet, panel, &x, &y);
    write_bound(sheet, panel);
    model_write(sheet, panel, &x);
    for (size_t i = 0; i < panel->lane_count; i++)
        write_lane(sheet, panel, i, &x, &y);
    names_write(sheet, panel, box, &x, &y);
}

static void write_panel(struct sheet *sheet, const struct drawing *drawing,
                        size_t index, const struct subject *subject)
{
    const struct panel *panel = &drawing->panels[index];
    struct box box = canvas_box(&sheet->canvas, drawing, index);

    fprintf(sheet->script, "# panel %zu\n", index + 1);
    switch (panel->shape) {
    case SHAPE_LANES:
        write_lanes(sheet, panel, &box, subject);
        break;
    case SHAPE_CURVES:
        curves_write(sheet, panel, &box);
        break;
    case SHAPE_ROWS:
        rows_write(sheet, panel, &box);
        break;
    }
    fputs("unset label; unset arrow\n", sheet->script);
}

void drawing_write(FILE *script, FILE *data, const struct figure *figure,
                   const struct drawing *drawing, const struct subject *subject,
                   const char *stem, enum drawing_layout layout,
                   unsigned formats)
{
    struct sheet sheet = {
        .script = script,
        .data = data,
        .canvas = canvas_of(drawing, layout),
    };

    fprintf(script, "%s; draw it again with: gnuplot %s.gp\n", PLOTS_MARK,
            stem);
    fputs("set encoding utf8\n", script);
    int pictures = write_pictures(script, &sheet.canvas, stem, formats);
    fprintf(script, "data = \"%s.dat\"\n", stem);
    letters_write(script, drawing, subject, stem);
    fputs("set multiplot\n", script);
    write_words(&sheet, figure, drawing, subject);
    for (size_t i = 0; i < drawing->panel_count; i++)
        write_panel(&sheet, drawing, i, subject);
    fprintf(script,
            "unset multiplot\nset output\n"
            "if (picture < %d) picture = picture + 1; reset; reread\n",
            pictures);
}
