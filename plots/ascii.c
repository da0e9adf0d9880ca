/* SPDX-License-Identifier: MIT */
/*
 * Lanes are bars from zero, a row for each point:
 *
 *     sum_squares: How much faster with more workers?
 *     Speed-up over the serial loop
 *       thread    1 ##########                      0.99x [0.98, 1.00]
 *                 2 ####################            1.97x [1.95, 1.98]
 *
 * Curves and rows have files of their own.
 */
#include "ascii.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caption.h"
#include "text.h"
#include "theme.h"

enum { BAR_COLUMNS = 28, LANE_NAME = 14 };

bool ascii_has_color(FILE *out)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(fileno(out)) && (no_color == NULL || no_color[0] == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

void ascii_color(const struct ascii *ascii, const char *backend)
{
    if (ascii->in_color)
        fprintf(ascii->out, "\x1b[%sm", theme_lane(backend)->ansi);
}

void ascii_plain(const struct ascii *ascii)
{
    if (ascii->in_color)
        fputs("\x1b[0m", ascii->out);
}

void ascii_fill(const struct ascii *ascii, char character, int count)
{
    for (int i = 0; i < count; i++)
        putc(character, ascii->out);
}

/* Characters, not bytes; what is wide or has no width counts as one. */
static int length_of(const char *name)
{
    int length = 0;

    for (; *name != '\0'; name++)
        length += ((unsigned char)*name & 0xC0) != 0x80;
    return length;
}

void ascii_name(const struct ascii *ascii, const char *name, int columns)
{
    static const char python[] = "Python ";
    int length = length_of(name);

    /* Of "Python 3.13 thread 4" what comes first would leave no room. */
    if (length >= columns && strncmp(name, python, strlen(python)) == 0) {
        fputs("Py", ascii->out);
        name += strlen(python);
        length -= (int)strlen(python);
        columns -= 2;
    }
    text_to_terminal(ascii->out, name, (size_t)columns - 1);
    ascii_fill(ascii, ' ', columns - (length < columns ? length : columns));
}

static void draw_point(const struct ascii *ascii, const struct panel *panel,
                       const struct panel_lane *lane,
                       const struct panel_point *point, double top)
{
    int length = (int)(point->estimate / top * BAR_COLUMNS + 0.5);
    char value[96];

    fprintf(ascii->out, " %4.0f ", point->workers);
    ascii_color(ascii, lane->backend);
    ascii_fill(ascii, '#', length);
    ascii_plain(ascii);
    ascii_fill(ascii, ' ', BAR_COLUMNS - length);
    quantity_interval_text(value, sizeof value, panel->quantity,
                           point->estimate,
                           (const double[]){point->low, point->high});
    fprintf(ascii->out, " %s\n", value);
}

static void draw_lanes(const struct ascii *ascii, const struct panel *panel)
{
    double top = 0;

    for (size_t i = 0; i < panel->lane_count; i++)
        for (size_t k = 0; k < panel->lanes[i].count; k++)
            if (panel->lanes[i].points[k].estimate > top)
                top = panel->lanes[i].points[k].estimate;
    for (size_t i = 0; i < panel->lane_count && top > 0; i++) {
        const struct panel_lane *lane = &panel->lanes[i];
        char name[CASE_BYTES];
        panel_case_name(name, lane->backend, 0);
        for (size_t k = 0; k < lane->count; k++) {
            fputs("  ", ascii->out);
            ascii_name(ascii, k == 0 ? name : "", LANE_NAME);
            draw_point(ascii, panel, lane, &lane->points[k], top);
        }
    }
}

/* Writes a note in lines that fit, broken at blanks. */
static void put_note(const struct ascii *ascii, const char *note)
{
    while (note[0] != '\0') {
        const char *line = note;
        size_t length = caption_line(line, ASCII_WIDTH, &note);

        fprintf(ascii->out, "%.*s\n", (int)length, line);
    }
}

static void put_title(FILE *out, const struct panel *panel)
{
    char words[LIMIT_BYTES];

    fputs(panel->title, out);
    if (panel->limit > 0) {
        panel_limit_words(words, panel);
        fprintf(out, " (%s)", words);
    }
    putc('\n', out);
}

void ascii_draw(FILE *out, const struct figure *figure,
                const struct drawing *drawing, const struct subject *subject,
                bool in_color)
{
    struct ascii ascii = {out, in_color};

    text_to_terminal(out, subject->workload->id, 30);
    fprintf(out, ": %s\n", figure->question);
    for (size_t i = 0; i < drawing->panel_count; i++) {
        const struct panel *panel = &drawing->panels[i];
        put_title(out, panel);
        switch (panel->shape) {
        case SHAPE_LANES:
            draw_lanes(&ascii, panel);
            break;
        case SHAPE_CURVES:
            ascii_curves(&ascii, panel);
            break;
        case SHAPE_ROWS:
            ascii_rows(&ascii, panel);
            break;
        }
    }
    put_note(&ascii, drawing->note);
    putc('\n', out);
}
