/* SPDX-License-Identifier: MIT */
/*
 * Direct labels instead of a legend: each line's name stands at the right edge
 * beside its last point, with a thin leader to it where it had to give way to
 * another. Colour is on the marker, so that the text keeps its contrast.
 */
#include "names.h"

#include "text.h"
#include "theme.h"

struct name {
    const char *text;
    const char *variable; /* of its colour */
    int marker;           /* 0: none */
    double x, y;          /* what it names */
};

static size_t collect_names(const struct panel *panel, const struct axis *x,
                            struct name names[LABELS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < panel->lane_count && count < LABELS_MAX - 1; i++) {
        const struct panel_lane *lane = &panel->lanes[i];
        const struct theme_lane *look = theme_lane(lane->backend);
        const struct panel_point *last = &lane->points[lane->count - 1];
        bool level = panel_lane_is_level(lane);

        names[count++] = (struct name){
            .text = look->label != NULL ? look->label : lane->backend,
            .variable = look->variable,
            .marker = level ? 0 : look->marker,
            .x = level ? x->high : axis_lane_place(x, panel, i, last->workers),
            .y = last->estimate};
    }
    if (panel->bound.count > 0) {
        const struct panel_point *last =
            &panel->bound.points[panel->bound.count - 1];
        names[count++] = (struct name){.text = panel->bound_name,
                                       .variable = "quiet",
                                       .x = last->workers,
                                       .y = last->estimate};
    }
    return count;
}

void names_write(struct sheet *sheet, const struct panel *panel,
                 const struct box *box, const struct axis *x,
                 const struct axis *y)
{
    struct name names[LABELS_MAX];
    double places[LABELS_MAX];
    size_t count = collect_names(panel, x, names);

    for (size_t i = 0; i < count; i++)
        places[i] = axis_place(y, names[i].y);
    axis_spread(places, count, 18 / (box->top - box->bottom));
    for (size_t i = 0; i < count; i++) {
        fprintf(sheet->data, "# name\n%.9g %.9g \"\"\n%.9g %.9g ", names[i].x,
                names[i].y, x->high, axis_value(y, places[i]));
        text_to_data(sheet->data, names[i].text, NAME_CHARS_MAX);
        fputs("\n\n\n", sheet->data);
        fprintf(sheet->script,
                "     data index %d using 1:2 with lines lw 0.75 dt 1 "
                "lc rgb %s, \\\n",
                sheet->blocks, names[i].variable);
        if (names[i].marker != 0)
            fprintf(sheet->script,
                    "     '' index %d every ::1 using 1:2 with points pt %d "
                    "ps 0.65 lc rgb %s, \\\n",
                    sheet->blocks, names[i].marker, names[i].variable);
        fprintf(sheet->script,
                "     '' index %d every ::1 using 1:2:3 with labels left "
                "offset 1,0 font \",14\" tc rgb %s%s\n",
                sheet->blocks++, names[i].marker != 0 ? "ink" : "quiet",
                i + 1 < count ? ", \\" : "");
    }
}
