/* SPDX-License-Identifier: MIT */
/*
 * A model is drawn in the colour of its backend. The curve and its band stand
 * in the record; beyond the last measured count it is a guess, so dotted.
 */
#include "model_draw.h"

#include <math.h>
#include <string.h>

#include "theme.h"

const char *model_word(const struct record_model *model)
{
    static const char *const words[][2] = {
        {"usl", "USL"},       {"amdahl", "Amdahl"},
        {"linear", "linear"}, {"saturation", "saturation"},
        {"kink", "kink"},     {"flat", "flat"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], model->model) == 0)
            return words[i][1];
    return "model";
}

static bool is_drawable(const struct record_curve_point *point)
{
    return panel_is_drawable(point->workers) &&
           panel_is_drawable(point->throughput_per_s);
}

static void write_point(FILE *data, const struct record_curve_point *point)
{
    bool known =
        panel_is_drawable(point->ci95[0]) && panel_is_drawable(point->ci95[1]);

    fprintf(data, "%.9g %.9g %.9g %.9g\n", point->workers,
            point->throughput_per_s,
            known ? point->ci95[0] : point->throughput_per_s,
            known ? point->ci95[1] : point->throughput_per_s);
}

/* Writes the points up to the last measured count, or those from it on. */
static size_t write_points(struct sheet *sheet,
                           const struct record_model *model, bool is_guess)
{
    size_t count = 0;

    fputs("# model\n", sheet->data);
    for (size_t i = 0; i < model->curve_count; i++) {
        const struct record_curve_point *point = &model->curve[i];
        bool is_last = i + 1 == model->curve_count ||
                       model->curve[i + 1].workers > model->range[1];
        bool is_beyond = point->workers > model->range[1];
        if (!is_drawable(point) ||
            (is_guess ? !is_beyond && !is_last : is_beyond))
            continue;
        write_point(sheet->data, point);
        count++;
    }
    fputs("\n\n", sheet->data);
    return count;
}

static void write_peak(struct sheet *sheet, const struct record_peak *peak,
                       const struct axis *x)
{
    if (!peak->identified || !(peak->workers >= x->low) ||
        !(peak->workers <= x->high) ||
        !panel_is_drawable(peak->throughput_per_s))
        return;
    double low = fmax(peak->ci95[0], x->low),
           high = fmin(peak->ci95[1], x->high);
    fprintf(sheet->data, "# peak\n%.9g %.9g %.9g %.9g\n\n\n", peak->workers,
            peak->throughput_per_s, isnan(low) ? peak->workers : low,
            isnan(high) ? peak->workers : high);
    fprintf(sheet->script,
            "     data index %d using 1:2:3:4 with xerrorbars lw 2 pt 1 ps 1 "
            "lc rgb ink, \\\n",
            sheet->blocks++);
}

void model_write(struct sheet *sheet, const struct panel *panel,
                 const struct axis *x)
{
    const struct record_model *model = panel->model;

    if (model == NULL)
        return;
    const char *color = theme_lane(panel->lanes[0].backend)->variable;
    for (int is_guess = 0; is_guess <= 1; is_guess++) {
        if (write_points(sheet, model, is_guess) > 1)
            fprintf(sheet->script,
                    "     data index %d using 1:3:4 with filledcurves fs "
                    "transparent solid %s noborder fc rgb %s, \\\n"
                    "     '' index %d using 1:2 with lines lw 2 dt %s lc rgb "
                    "%s, \\\n",
                    sheet->blocks, is_guess ? "0.07" : "0.15", color,
                    sheet->blocks, is_guess ? "(2,4)" : "(8,3)", color);
        sheet->blocks++;
    }
    write_peak(sheet, &model->peak, x);
}
