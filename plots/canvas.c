/* SPDX-License-Identifier: MIT */
/*
 * One panel is 540 wide, so that its 15-unit text can still be read where a
 * telephone shows it at 360; more stand side by side, or below each other.
 * Rows take the height they need.
 */
#include "sheet.h"

#include <math.h>
#include <string.h>

#include "caption.h"
#include "rows_draw.h"
#include "theme.h"

enum {
    SINGLE_HEIGHT = 430,
    PAIR_HEIGHT = 440,
    STACKED_AXES = 240,
    STRIP_AXES = 110
};

static double axes_height(const struct panel *panel, double usual)
{
    double rows = rows_place(&panel->rows, panel->rows.count) * ROW_HEIGHT;

    return panel->shape == SHAPE_ROWS ? rows : usual;
}

/* The height of the axes of all panels, which stand side by side. */
static double common_height(const struct drawing *drawing)
{
    size_t count = drawing->panel_count;
    double usual =
        (count == 1 ? SINGLE_HEIGHT : PAIR_HEIGHT) - CANVAS_HEAD - CANVAS_FOOT;
    double most = axes_height(&drawing->panels[0], usual);

    for (size_t i = 1; i < count; i++)
        most = fmax(most, axes_height(&drawing->panels[i], usual));
    return most;
}

/* Of axes that stand below others. */
static double stacked_height(const struct drawing *drawing)
{
    return drawing->is_stacked ? STRIP_AXES : STACKED_AXES;
}

static double width_of(const struct drawing *drawing, bool stacked)
{
    if (stacked)
        return drawing->is_stacked ? 540 : 480;
    switch (drawing->panel_count) {
    case 1:
        return 540;
    case 2:
        return 960;
    case 3:
        return 1200;
    }
    return 1480;
}

size_t canvas_line_chars(double width)
{
    static const double margins = 22, character = 6.2; /* of 12 points */

    return (size_t)((width - margins) / character);
}

/* What is below the axes, where the intervals have as many lines as they need. */
static double foot_of(const struct drawing *drawing, double width)
{
    char text[INTERVALS_BYTES];
    const char *rest = text;
    double foot = CANVAS_FOOT - CANVAS_LINE;

    for (caption_intervals(text, drawing); *rest != '\0'; foot += CANVAS_LINE)
        caption_line(rest, canvas_line_chars(width), &rest);
    return fmax(foot, CANVAS_FOOT);
}

struct canvas canvas_of(const struct drawing *drawing,
                        enum drawing_layout layout)
{
    size_t panels = drawing->panel_count;
    bool stacked =
        (layout == LAYOUT_NARROW || drawing->is_stacked) && panels > 1;
    struct canvas canvas = {.width = width_of(drawing, stacked),
                            .stacked = stacked};

    canvas.foot = foot_of(drawing, canvas.width);
    canvas.height = CANVAS_HEAD + canvas.foot;
    if (!stacked) {
        canvas.height += common_height(drawing);
        return canvas;
    }
    canvas.height += CANVAS_BETWEEN * (double)(panels - 1);
    for (size_t i = 0; i < panels; i++)
        canvas.height +=
            axes_height(&drawing->panels[i], stacked_height(drawing));
    return canvas;
}

static double lane_room(const struct panel *panel)
{
    size_t longest = panel->bound_name != NULL ? strlen(panel->bound_name) : 0;

    for (size_t i = 0; i < panel->lane_count; i++) {
        char name[CASE_BYTES];
        panel_case_name(name, panel->lanes[i].backend, 0);
        size_t length = strlen(name);
        longest = length > longest ? length : longest;
    }
    if (longest > CASE_CHARS_MAX)
        longest = CASE_CHARS_MAX;
    return 26 + CANVAS_CHARACTER * (double)longest;
}

static double curve_room(const struct curves *curves)
{
    size_t longest = 0;

    if (curves->is_unnamed)
        return 26;
    if (curves->equality != NULL)
        longest = strlen(curves->equality);
    for (size_t i = 0; i < curves->count; i++) {
        char name[CASE_BYTES];
        size_t length = strlen("warm-up");
        if (curves->list[i].backend != NULL) {
            panel_case_name(name, curves->list[i].backend,
                            curves->list[i].workers);
            length = strlen(name);
        }
        longest = length > longest ? length : longest;
    }
    if (longest > CASE_CHARS_MAX)
        longest = CASE_CHARS_MAX;
    return 26 + CANVAS_CHARACTER * (double)longest;
}

static double right_room(const struct panel *panel)
{
    switch (panel->shape) {
    case SHAPE_CURVES:
        return curve_room(&panel->curves);
    case SHAPE_ROWS:
        return rows_right_room(&panel->rows);
    case SHAPE_LANES:
        break;
    }
    return lane_room(panel);
}

static double left_room(const struct panel *panel)
{
    return panel->shape == SHAPE_ROWS ? rows_left_room(&panel->rows)
                                      : CANVAS_LEFT;
}

/* Panels on one axis have the same room beside them. */
static void share_room(const struct drawing *drawing, double *left,
                       double *right)
{
    for (size_t i = 0; i < drawing->panel_count && drawing->is_stacked; i++) {
        *left = fmax(*left, left_room(&drawing->panels[i]));
        *right = fmax(*right, right_room(&drawing->panels[i]));
    }
}

/* Where the axes of the i-th of `count` panels stand on the canvas. */
struct box canvas_box(const struct canvas *canvas,
                      const struct drawing *drawing, size_t i)
{
    const struct panel *panel = &drawing->panels[i];
    double right = right_room(panel), left = left_room(panel);
    double wide = canvas->width / (double)drawing->panel_count;
    double top = canvas->height - CANVAS_HEAD;

    share_room(drawing, &left, &right);
    if (canvas->stacked) {
        double usual = stacked_height(drawing);
        for (size_t k = 0; k < i; k++)
            top -= axes_height(&drawing->panels[k], usual) + CANVAS_BETWEEN;
        return (struct box){0, left, canvas->width - right,
                            top - axes_height(panel, usual), top};
    }
    double bottom = canvas->foot;
    if (panel->shape == SHAPE_ROWS) /* rows keep their height */
        bottom = top - axes_height(panel, 0);
    return (struct box){(double)i * wide, (double)i * wide + left,
                        (double)(i + 1) * wide - right, bottom, top};
}
