/* SPDX-License-Identifier: MIT */
/*
 * Direct labels instead of a legend: each line's name stands at the right edge
 * beside its last point, with a thin leader to it where it had to give way to
 * another. Colour is on the marker, so that the text keeps its contrast. The only
 * line has no marker there: at the edge it would look like a point more.
 */
#include "names.h"

#include <math.h>

#include "text.h"
#include "theme.h"

static size_t collect_names(const struct panel *panel, const struct axis *x,
                            struct name names[LABELS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < panel->lane_count && count < LABELS_MAX - 1; i++) {
        const struct panel_lane *lane = &panel->lanes[i];
        const struct theme_lane *look = theme_lane(lane->backend);
        const struct panel_point *last = &lane->points[lane->count - 1];
        bool level = panel_lane_is_level(lane);
        bool is_alone = panel->lane_count == 1; /* nothing to tell it from */

        names[count] = (struct name){
            .variable = look->variable,
            .marker = level || is_alone ? 0 : look->marker,
            .x = level ? x->high : axis_lane_place(x, panel, i, last->workers),
            .y = last->estimate};
        panel_case_name(names[count].text, lane->backend, 0);
        names[count].is_quiet = level;
        count++;
    }
    if (panel->bound.count > 0) {
        const struct panel_point *last =
            &panel->bound.points[panel->bound.count - 1];
        names[count] = (struct name){.variable = "quiet",
                                     .is_quiet = true,
                                     .x = last->workers,
                                     .y = last->estimate};
        snprintf(names[count].text, sizeof names[count].text, "%s",
                 panel->bound_name);
        count++;
    }
    return count;
}

/* A leader from far away is dotted: a line to the edge would look measured. */
static const char *leader_dash(const struct name *name, const struct axis *x)
{
    static const double far = 0.8;

    return axis_place(x, name->x) < far ? "(1,6)" : "1";
}

/* Writes one name at `place` of the vertical axis. */
static void put_name(struct sheet *sheet, const struct name *name, double place,
                     bool leads, const struct axis *x, const struct axis *y)
{
    fprintf(sheet->data, "# name\n%.9g %.9g \"\"\n%.9g %.9g ", name->x,
            fmin(name->y, y->high), x->high, axis_value(y, place));
    text_to_data(sheet->data, name->text, CASE_CHARS_MAX);
    fputs("\n\n\n", sheet->data);
    if (leads)
        fprintf(sheet->script,
                "     data index %d using 1:2 with lines lw 0.75 dt %s "
                "lc rgb %s, \\\n",
                sheet->blocks, leader_dash(name, x), name->variable);
    const char *source = leads ? "''" : "data";
    if (name->marker != 0)
        fprintf(sheet->script,
                "     %s index %d every ::1 using 1:2 with points pt %d "
                "ps 0.65 lc rgb %s, \\\n",
                source, sheet->blocks, name->marker, name->variable);
    fprintf(sheet->script,
            "     %s index %d every ::1 using 1:2:3 with labels left "
            "offset 1,0 font \",14\" tc rgb %s",
            source, sheet->blocks++, name->is_quiet ? "quiet" : "ink");
}

static const double line_height = 18;

void names_beside(struct sheet *sheet, struct name *names, size_t count,
                  const struct box *box, const struct axis *x,
                  const struct axis *y)
{
    double places[LABELS_MAX];

    for (size_t i = 0; i < count; i++)
        places[i] = fmin(axis_place(y, names[i].y), 1);
    axis_spread(places, count, line_height / (box->top - box->bottom));
    for (size_t i = 0; i < count; i++) {
        put_name(sheet, &names[i], places[i], true, x, y);
        fputs(i + 1 < count ? ", \\\n" : "\n", sheet->script);
    }
}

void names_legend(struct sheet *sheet, struct name *names, size_t count,
                  const struct box *box, const struct axis *x,
                  const struct axis *y)
{
    double gap = line_height / (box->top - box->bottom);

    for (size_t i = 0; i < count; i++) {
        names[i].x = x->high;
        names[i].y = y->high;
        put_name(sheet, &names[i], 1 - ((double)i + 0.5) * gap, false, x, y);
        fputs(i + 1 < count ? ", \\\n" : "\n", sheet->script);
    }
}

void names_write(struct sheet *sheet, const struct panel *panel,
                 const struct box *box, const struct axis *x,
                 const struct axis *y)
{
    struct name names[LABELS_MAX];
    size_t count = collect_names(panel, x, names);

    names_beside(sheet, names, count, box, x, y);
}
