/* SPDX-License-Identifier: MIT */
/*
 * Bars from zero, a row for each point:
 *
 *     sum_squares: Speed-up over the serial loop
 *       thread    1 ##########                      0.99x [0.98, 1.00]
 *                 2 ####################            1.97x [1.95, 1.98]
 */
#include "ascii.h"

#include <string.h>

#include "text.h"

enum { BAR_COLUMNS = 30, NAME_COLUMNS = 12 };

static void draw_bar(FILE *out, double fraction)
{
    int length = (int)(fraction * BAR_COLUMNS + 0.5);

    for (int i = 0; i < BAR_COLUMNS; i++)
        putc(i < length ? '#' : ' ', out);
}

static void draw_lane(FILE *out, const struct panel *panel,
                      const struct panel_lane *lane, double top)
{
    for (size_t i = 0; i < lane->count; i++) {
        const struct panel_point *point = &lane->points[i];
        char value[96];
        fputs("  ", out);
        text_to_terminal(out, i == 0 ? lane->backend : "", NAME_COLUMNS);
        size_t length = i == 0 ? strlen(lane->backend) : 0;
        for (; length < NAME_COLUMNS; length++)
            putc(' ', out);
        fprintf(out, " %4.0f ", point->workers);
        draw_bar(out, point->estimate / top);
        quantity_interval_text(value, sizeof value, panel->quantity,
                               point->estimate,
                               (const double[]){point->low, point->high});
        fprintf(out, " %s\n", value);
    }
}

void ascii_draw(FILE *out, const struct panel *panel,
                const struct subject *subject)
{
    double top = panel_top(panel);

    text_to_terminal(out, subject->workload->id, 40);
    fprintf(out, ": %s\n", panel->title);
    for (size_t i = 0; i < panel->lane_count && top > 0; i++)
        draw_lane(out, panel, &panel->lanes[i], top);
    putc('\n', out);
}
