/* SPDX-License-Identifier: MIT */
/*
 * Rows in 80 columns, on one scale:
 *
 *     thread 2          |o
 *     serial            |               |----o---|     1.96x  slower
 *     process 2         |#########==.......
 *                      1x        1.5x          2x
 */
#include <math.h>
#include <string.h>

#include "ascii.h"
#include "axes.h"
#include "caption.h"
#include "rows_draw.h"

enum { COLUMNS_PLAIN = 58, COLUMNS_BESIDE = 34, COLUMNS_MAX = 64 };

static const char part_letters[ROW_PARTS] = {'#', '!', '=', '.'};

static int column_of(const struct axis *x, double value, int columns)
{
    double place = axis_place(x, value);

    return (int)(fmax(0, fmin(1, place)) * (columns - 1) + 0.5);
}

static void put_parts(char *line, const struct row *row, int columns)
{
    double from = 0;

    for (size_t i = 0; i < ROW_PARTS; i++) {
        int start = (int)(from * columns + 0.5);
        from += row->parts[i];
        int end = (int)(from * columns + 0.5);
        for (int k = start; k < end && k < columns; k++)
            line[k] = part_letters[i];
    }
}

static void put_interval(char *line, const struct row *row,
                         const struct axis *x, int columns)
{
    if (!isnan(row->low)) {
        int low = column_of(x, row->low, columns);
        int high = column_of(x, row->high, columns);
        for (int k = low; k <= high; k++)
            line[k] = '-';
        line[low] = '[';
        line[high] = ']';
    }
    line[column_of(x, row->estimate, columns)] = 'o';
}

static void put_row(const struct ascii *ascii, const struct rows *rows,
                    const struct row *row, const struct axis *x, int columns)
{
    char name[CASE_BYTES], words[ROW_WORDS_BYTES], line[COLUMNS_MAX + 1];

    memset(line, ' ', COLUMNS_MAX);
    line[columns] = '\0';
    if (rows->level > 0)
        line[column_of(x, rows->level, columns)] = '|';
    if (rows->style == ROW_PARTED)
        put_parts(line, row, columns);
    for (size_t i = 0; i < row->dot_count; i++) {
        char *spot = &line[column_of(x, row->dots[i], columns)];
        *spot = *spot == 'o' || *spot == '@' ? '@' : 'o';
    }
    if (rows->style == ROW_INTERVAL)
        put_interval(line, row, x, columns);
    panel_case_name(name, row->backend, row->workers);
    rows_words(words, rows, row);
    fputs("  ", ascii->out);
    ascii_name(ascii, name, ASCII_NAME);
    ascii_color(ascii, row->backend);
    fputs(line, ascii->out);
    ascii_plain(ascii);
    fprintf(ascii->out, "%s%s\n", words[0] != '\0' ? " " : "", words);
}

/* The ticks that have room, each centred below its place. */
static void put_ticks(const struct ascii *ascii, const struct rows *rows,
                      const struct axis *x, int columns)
{
    int at = 0;

    ascii_fill(ascii, ' ', 2 + ASCII_NAME);
    for (size_t i = 0; i < x->tick_count; i++) {
        char text[32];
        caption_tick(text, sizeof text, rows->quantity, x->ticks[i]);
        char *percent = strstr(text, "%%");
        if (percent != NULL)
            percent[1] = '\0';
        int length = (int)strlen(text);
        int start = column_of(x, x->ticks[i], columns) - length / 2;
        if ((at > 0 && start <= at) || start < 0 ||
            start + length > ASCII_WIDTH - 2 - ASCII_NAME)
            continue;
        ascii_fill(ascii, ' ', start - at);
        fputs(text, ascii->out);
        at = start + length;
    }
    putc('\n', ascii->out);
}

void ascii_rows(const struct ascii *ascii, const struct panel *panel)
{
    const struct rows *rows = &panel->rows;
    int columns = rows->style == ROW_INTERVAL ? COLUMNS_BESIDE : COLUMNS_PLAIN;
    struct axis x, y;

    rows_axes(rows, &x, &y);
    if (rows->style == ROW_PARTED)
        x.high = 1;
    if (rows->style == ROW_BOXES) {
        if (!ascii_boxes(ascii, rows, &x))
            put_ticks(ascii, rows, &x, columns);
        return;
    }
    for (size_t i = 0; i < rows->count; i++)
        put_row(ascii, rows, &rows->list[i], &x, columns);
    put_ticks(ascii, rows, &x, columns);
    if (rows->style != ROW_PARTED)
        return;
    for (size_t i = 0; i < ROW_PARTS; i++)
        fprintf(ascii->out, "%s%c %s", i == 0 ? "  " : "   ", part_letters[i],
                rows->part_names[i]);
    putc('\n', ascii->out);
}
