/* SPDX-License-Identifier: MIT */
/*
 * Rows of boxes in 80 columns. Boxes with a text are a table; others a line of
 * characters, with two of them in turn and a third for the last task:
 *
 *     thread 2          ####====####====#
 *                       ====####====####!
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"
#include "axes.h"
#include "rows_draw.h"

enum { COLUMNS = 58, CELL_COLUMNS = 9, CELLS_EACH_MAX = 5 };

static bool is_table(const struct rows *rows)
{
    return rows->count > 0 && rows->list[0].box_count > 0 &&
           rows->list[0].boxes[0].text[0] != '\0';
}

static void put_name(const struct ascii *ascii, const struct row *row)
{
    char name[CASE_BYTES];

    rows_name(name, row);
    fputs("  ", ascii->out);
    ascii_name(ascii, name, ASCII_NAME);
}

/* A micro sign and a "±" take two bytes and one column. */
static void put_cell(const struct ascii *ascii, const char *text)
{
    fprintf(ascii->out, "%*s", CELL_COLUMNS + (strchr(text, '\302') != NULL),
            text);
}

static void put_time(const struct ascii *ascii, double from, double to)
{
    char text[32];

    quantity_text(text, sizeof text, QUANTITY_SECONDS, sqrt(from * to));
    put_cell(ascii, text);
}

/* The lengths of the columns, where a row differs from the one above. */
static void put_head(const struct ascii *ascii, const struct rows *rows,
                     size_t i, size_t first, size_t end)
{
    const struct row *row = &rows->list[i];
    const struct row *above = i > 0 ? &rows->list[i - 1] : NULL;

    if (above != NULL && above->box_count == row->box_count &&
        memcmp(&above->boxes[0].from, &row->boxes[0].from, sizeof(double)) == 0)
        return;
    ascii_fill(ascii, ' ', 2 + ASCII_NAME);
    for (size_t k = first; k < end && k < row->box_count; k++)
        put_time(ascii, row->boxes[k].from, row->boxes[k].to);
    putc('\n', ascii->out);
}

/* The table's columns from `first` to before `end`. */
static void put_part(const struct ascii *ascii, const struct rows *rows,
                     size_t first, size_t end, bool is_last)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->list[i];
        if (first >= row->box_count)
            continue;
        put_head(ascii, rows, i, first, end);
        put_name(ascii, row);
        ascii_color(ascii, row->backend);
        for (size_t k = first; k < end && k < row->box_count; k++)
            put_cell(ascii, row->boxes[k].text);
        ascii_plain(ascii);
        if (is_last && row->words[0] != '\0')
            fprintf(ascii->out, "  %s", row->words);
        putc('\n', ascii->out);
    }
}

static void put_table(const struct ascii *ascii, const struct rows *rows)
{
    size_t most = 0;

    for (size_t i = 0; i < rows->count; i++)
        most = rows->list[i].box_count > most ? rows->list[i].box_count : most;
    for (size_t first = 0; first < most; first += CELLS_EACH_MAX)
        put_part(ascii, rows, first, first + CELLS_EACH_MAX,
                 first + CELLS_EACH_MAX >= most);
    if (rows->mark_name != NULL)
        fprintf(ascii->out, "  last column: %s that length\n", rows->mark_name);
}

static void put_line(const struct ascii *ascii, const struct row *row,
                     const struct axis *x)
{
    static const char letters[] = {'#', '=', '!'};
    char line[COLUMNS + 1];

    memset(line, ' ', COLUMNS);
    line[COLUMNS] = '\0';
    for (size_t k = 0; k < row->box_count; k++) {
        const struct row_box *box = &row->boxes[k];
        int from = (int)(fmax(0, axis_place(x, box->from)) * COLUMNS);
        int to = (int)(fmin(1, axis_place(x, box->to)) * COLUMNS + 0.999);
        for (int i = from; i < to && i < COLUMNS; i++)
            line[i] = letters[box->shade < 3 ? box->shade : 0];
    }
    put_name(ascii, row);
    ascii_color(ascii, row->backend);
    fputs(line, ascii->out);
    ascii_plain(ascii);
    putc('\n', ascii->out);
}

bool ascii_boxes(const struct ascii *ascii, const struct rows *rows,
                 const struct axis *x)
{
    if (is_table(rows)) {
        put_table(ascii, rows);
        return true;
    }
    for (size_t i = 0; i < rows->count; i++)
        put_line(ascii, &rows->list[i], x);
    return false;
}
