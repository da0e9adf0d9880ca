/* SPDX-License-Identifier: MIT */
/*
 * One panel is 540 wide, so that its 15-unit text can still be read where a
 * telephone shows it at 360; more stand side by side, or below each other.
 */
#include "sheet.h"

#include <string.h>

#include "theme.h"

struct canvas canvas_of(size_t panels, enum drawing_layout layout)
{
    bool stacked = layout == LAYOUT_NARROW && panels > 1;

    if (stacked)
        return (struct canvas){480,
                               CANVAS_HEAD + CANVAS_FOOT - CANVAS_BETWEEN +
                                   340.0 * (double)panels,
                               true};
    if (panels == 1)
        return (struct canvas){540, 430, false};
    return (struct canvas){panels == 2 ? 960 : 1200, 440, false};
}

static double label_room(const struct panel *panel)
{
    size_t longest = panel->bound_name != NULL ? strlen(panel->bound_name) : 0;

    for (size_t i = 0; i < panel->lane_count; i++) {
        const struct panel_lane *lane = &panel->lanes[i];
        const char *label = theme_lane(lane->backend)->label;
        size_t length = strlen(label != NULL ? label : lane->backend);
        longest = length > longest ? length : longest;
    }
    if (longest > NAME_CHARS_MAX)
        longest = NAME_CHARS_MAX;
    return 26 + CANVAS_CHARACTER * (double)longest;
}

/* Where the axes of the i-th of `count` panels stand on the canvas. */
struct box canvas_box(const struct canvas *canvas,
                      const struct drawing *drawing, size_t i)
{
    double count = (double)drawing->panel_count;
    double right = label_room(&drawing->panels[i]);

    if (canvas->stacked) {
        double high =
            (canvas->height - CANVAS_HEAD - CANVAS_FOOT + CANVAS_BETWEEN) /
            count;
        double top = canvas->height - CANVAS_HEAD - (double)i * high;
        return (struct box){CANVAS_LEFT, canvas->width - right,
                            top - high + CANVAS_BETWEEN, top};
    }
    double wide = canvas->width / count;
    return (struct box){(double)i * wide + CANVAS_LEFT,
                        (double)(i + 1) * wide - right, CANVAS_FOOT,
                        canvas->height - CANVAS_HEAD};
}
