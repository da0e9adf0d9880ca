/* SPDX-License-Identifier: MIT */
/*
 * Curves on a grid of characters, a letter for each backend, a star where two
 * meet:
 *
 *     20 ms |                  g
 *           |        t    t
 *     10 ms |ttppp*g
 *           +--------------------
 *            50 %     90 %   99 %
 *     t thread 2   g thread + GIL 1
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"
#include "axes.h"
#include "caption.h"
#include "curves_draw.h"
#include "text.h"
#include "theme.h"

enum { COLUMNS = 64, LINES = 14, TICK_COLUMNS = 10 };

struct cell {
    char letter;
    const char *backend;
};

struct grid {
    struct cell cells[LINES][COLUMNS];
};

static char letter_of(const struct curve *curve)
{
    if (curve->mark == MARK_WARMUP)
        return '.';
    if (curve->mark == MARK_EXCLUDED)
        return 'x';
    return theme_lane(curve->backend)->letter;
}

static int index_of(const struct axis *axis, double value, int count)
{
    double place = fmax(0, fmin(1, axis_place(axis, value)));

    return (int)(place * (count - 1) + 0.5);
}

static void put(struct grid *grid, const struct curve *curve, int line,
                int column)
{
    struct cell *cell = &grid->cells[LINES - 1 - line][column];
    char letter = letter_of(curve);

    if (cell->letter != '\0' && cell->letter != letter) {
        *cell = (struct cell){'*', NULL};
        return;
    }
    *cell = (struct cell){letter, curve->backend};
}

/* Fills the columns between two points of a line on its way. */
static void put_line(struct grid *grid, const struct curve *curve,
                     const int from[2], const int to[2])
{
    for (int column = from[0] + 1; column < to[0]; column++)
        put(grid, curve,
            from[1] +
                (to[1] - from[1]) * (column - from[0]) / (to[0] - from[0]),
            column);
}

static void put_curve(struct grid *grid, const struct curves *curves,
                      const struct curve *curve, const struct axis *x,
                      const struct axis *y)
{
    bool joined = curves->style == CURVE_LINES;
    int last[2] = {0, 0};

    for (size_t i = 0; i < curve->count; i++) {
        int spot[2] = {index_of(x, curve->points[i].x, COLUMNS),
                       index_of(y, curve->points[i].y, LINES)};
        if (joined && i > 0)
            put_line(grid, curve, last, spot);
        put(grid, curve, spot[1], spot[0]);
        memcpy(last, spot, sizeof last);
    }
}

static void unescape(char *text)
{
    char *percent = strstr(text, "%%");

    if (percent != NULL)
        percent[1] = '\0';
}

/* The tick that stands at this line, if one does. */
static void put_side(const struct ascii *ascii, const struct panel *panel,
                     const struct axis *y, int line)
{
    char text[32] = "";

    for (size_t i = 0; i < y->tick_count; i++)
        if (index_of(y, y->ticks[i], LINES) == line)
            caption_tick(text, sizeof text, panel->quantity, y->ticks[i]);
    unescape(text);
    /* A micro sign takes two bytes and one column. */
    int wide = TICK_COLUMNS + (strchr(text, '\302') != NULL);
    fprintf(ascii->out, "%*s |", wide, text);
}

static void put_cells(const struct ascii *ascii, const struct cell *cells)
{
    int end = COLUMNS;

    while (end > 0 && cells[end - 1].letter == '\0')
        end--;
    for (int i = 0; i < end; i++) {
        if (cells[i].backend != NULL)
            ascii_color(ascii, cells[i].backend);
        putc(cells[i].letter != '\0' ? cells[i].letter : ' ', ascii->out);
        if (cells[i].backend != NULL)
            ascii_plain(ascii);
    }
    putc('\n', ascii->out);
}

static void put_bottom(const struct ascii *ascii, const struct curves *curves,
                       const struct axis *x)
{
    int at = 0;

    fprintf(ascii->out, "%*s +", TICK_COLUMNS, "");
    ascii_fill(ascii, '-', COLUMNS);
    fprintf(ascii->out, "\n%*s  ", TICK_COLUMNS, "");
    for (size_t i = 0; i < x->tick_count; i++) {
        char text[32];
        curves_tick(text, sizeof text, curves, x->ticks[i]);
        unescape(text);
        int length = (int)strlen(text) - (strchr(text, '\302') != NULL);
        int start = index_of(x, x->ticks[i], COLUMNS) - length / 2;
        start = start < 0 ? 0 : start;
        if ((at > 0 && start <= at) || start + length > COLUMNS)
            continue;
        ascii_fill(ascii, ' ', start - at);
        fputs(text, ascii->out);
        at = start + length;
    }
    fprintf(ascii->out, "\n%*s  %s", TICK_COLUMNS, "", curves->x_title);
}

/* What the letters mean, in lines that fit. */
static void put_legend(const struct ascii *ascii, const struct curves *curves)
{
    int at = ASCII_WIDTH;

    for (size_t i = 0; i < curves->count; i++) {
        char name[CASE_BYTES];
        curves_name(name, &curves->list[i]);
        int length = (int)strlen(name) + 5;
        if (at + length > ASCII_WIDTH) {
            fprintf(ascii->out, "\n%*s", TICK_COLUMNS, "");
            at = TICK_COLUMNS;
        }
        fputs("  ", ascii->out);
        if (curves->list[i].backend != NULL)
            ascii_color(ascii, curves->list[i].backend);
        putc(letter_of(&curves->list[i]), ascii->out);
        ascii_plain(ascii);
        putc(' ', ascii->out);
        text_to_terminal(ascii->out, name, CASE_CHARS_MAX);
        at += length;
    }
    putc('\n', ascii->out);
}

void ascii_curves(const struct ascii *ascii, const struct panel *panel)
{
    const struct curves *curves = &panel->curves;
    struct grid grid = {0};
    struct axis x, y;

    curves_axes(panel, &x, &y);
    for (size_t i = 0; i < curves->count; i++)
        put_curve(&grid, curves, &curves->list[i], &x, &y);
    for (int i = 0; i < LINES; i++) {
        put_side(ascii, panel, &y, LINES - 1 - i);
        put_cells(ascii, grid.cells[i]);
    }
    put_bottom(ascii, curves, &x);
    put_legend(ascii, curves);
}
