/* SPDX-License-Identifier: MIT */
/*
 * A row for each case, its name at the left:
 *
 *     thread 1      o oo  o o              dots
 *     thread 2         |--o--|   1.97x     estimate, interval, verdict
 *     process 2     [######==----....]     a bar in parts
 *
 * Rows are counted from the top; the vertical axis runs the other way.
 */
#include "rows_draw.h"

#include <math.h>
#include <string.h>

#include "axes.h"
#include "boxes_draw.h"
#include "caption.h"
#include "findings.h"
#include "frame.h"
#include "names.h"
#include "text.h"
#include "theme.h"

enum { WORD_CHARS_MAX = 24 };

void rows_name(char text[CASE_BYTES], const struct row *row)
{
    text[0] = '\0';
    if (!row->is_unnamed)
        panel_case_name(text, row->backend, row->workers);
}

double rows_left_room(const struct rows *rows)
{
    size_t longest = 0;

    for (size_t i = 0; i < rows->count; i++) {
        char name[CASE_BYTES];
        rows_name(name, &rows->list[i]);
        size_t length = strlen(name);
        longest = length > longest ? length : longest;
    }
    if (longest > CASE_CHARS_MAX)
        longest = CASE_CHARS_MAX;
    return 30 + CANVAS_CHARACTER * (double)longest;
}

void rows_words(char text[ROW_WORDS_BYTES], const struct rows *rows,
                const struct row *row)
{
    char value[32], verdict[ROW_WORDS_BYTES - 40];

    snprintf(text, ROW_WORDS_BYTES, "%s", row->words);
    if (row->verdict == NULL)
        return;
    quantity_text(value, sizeof value, rows->quantity, row->estimate);
    findings_plain(verdict, sizeof verdict, row->verdict, 12);
    if (isnan(row->low)) /* nothing to compare: the base itself */
        snprintf(text, ROW_WORDS_BYTES, "%s", verdict);
    else
        snprintf(text, ROW_WORDS_BYTES, "%s  %s", value, verdict);
}

double rows_right_room(const struct rows *rows)
{
    size_t longest = 0;

    if (rows->style == ROW_DOTS)
        return 26;
    for (size_t i = 0; i < rows->count && rows->style != ROW_PARTED; i++) {
        char words[ROW_WORDS_BYTES];
        rows_words(words, rows, &rows->list[i]);
        longest = strlen(words) > longest ? strlen(words) : longest;
    }
    for (size_t i = 0; i < ROW_PARTS && rows->style == ROW_PARTED; i++) {
        size_t length = strlen(rows->part_names[i]);
        longest = length > longest ? length : longest;
    }
    if (longest > WORD_CHARS_MAX)
        longest = WORD_CHARS_MAX;
    return 30 + CANVAS_CHARACTER * (double)longest;
}

/* Boxes fill their axis. */
static void boxes_axis(const struct rows *rows, const struct row_range *range,
                       struct axis *x)
{
    if (rows->is_log) {
        axis_of_log_range(x, rows->quantity, range->low, range->high);
        x->low = range->low;
        x->high = range->high;
    } else {
        axis_of_range(x, rows->quantity, 0, range->high);
        x->high = range->high * 1.01;
    }
    axis_drop_outside(x);
}

void rows_axes(const struct rows *rows, struct axis *x, struct axis *y)
{
    struct row_range range = rows_range(rows);

    *y = (struct axis){.low = 0, .high = rows_place(rows, rows->count)};
    if (rows->style == ROW_PARTED) {
        axis_of_range(x, QUANTITY_PERCENT, 0, 1);
        x->high = 1.05; /* the legend keeps off the bars */
        return;
    }
    if (rows->style == ROW_BOXES) {
        boxes_axis(rows, &range, x);
        return;
    }
    if (rows->level > 0) {
        range.low = fmin(range.low, rows->level * 0.98);
        range.high = fmax(range.high, rows->level * 1.02);
    }
    if (rows->band_high > 0) {
        range.low = fmin(range.low, rows->band_low);
        range.high = fmax(range.high, rows->band_high);
    }
    if (range.high > 3 * range.low)
        axis_of_log_range(x, rows->quantity, range.low, range.high);
    else
        axis_of_range(x, rows->quantity, range.low, range.high);
}

static void write_axes(struct sheet *sheet, const struct rows *rows,
                       const struct box *box, struct axis *x,
                       const struct axis *y)
{
    char texts[TICKS_MAX][TICK_BYTES];
    FILE *script = sheet->script;

    for (size_t i = 0; i < x->tick_count; i++)
        caption_tick(texts[i], TICK_BYTES, rows->quantity, x->ticks[i]);
    frame_thin(x, texts, box->right - box->left);
    frame_ranges(script, x, y);
    fputs("set border 1 lc rgb rule\n"
          "unset grid; set grid xtics lc rgb grid lw 1 dt 1\n"
          "set errorbars 0.6\nunset xlabel; unset ytics\n",
          script);
    if (rows->x_title != NULL)
        fprintf(script,
                "set xlabel \"%s\" tc rgb quiet font \",13\" offset 0,0.7\n",
                rows->x_title);
    fputs("set xtics nomirror scale 0.5 tc rgb quiet font \",13\" ", script);
    frame_put_ticks(script, x, texts);
}

/* The rows' names, and the verdicts beside them. */
static void write_names(struct sheet *sheet, const struct rows *rows,
                        const struct axis *x, const struct axis *y)
{
    fputs("# names\n", sheet->data);
    for (size_t i = 0; i < rows->count; i++) {
        char name[CASE_BYTES], words[ROW_WORDS_BYTES];
        rows_name(name, &rows->list[i]);
        rows_words(words, rows, &rows->list[i]);
        fprintf(sheet->data, "%.9g %.9g ", x->low,
                y->high - rows_place(rows, i));
        text_to_data(sheet->data, name, CASE_CHARS_MAX);
        fprintf(sheet->data, " %.9g ", x->high);
        text_to_data(sheet->data, words, WORD_CHARS_MAX);
        putc('\n', sheet->data);
    }
    fputs("\n\n", sheet->data);
    fprintf(sheet->script,
            "     data index %d using 1:2:3 with labels right offset -0.8,0 "
            "font \",13\" tc rgb ink, \\\n"
            "     '' index %d using 4:2:5 with labels left offset 1,0 "
            "font \",13\" tc rgb ink",
            sheet->blocks, sheet->blocks);
    sheet->blocks++;
}

/* The shaded band and the level line. */
static void write_back(struct sheet *sheet, const struct rows *rows,
                       const struct axis *y)
{
    if (rows->band_high > 0) {
        fprintf(sheet->data, "# band\n1 1 %.9g %.9g 0 %.9g\n\n\n",
                rows->band_low, rows->band_high, y->high);
        fprintf(sheet->script,
                "     data index %d using 1:2:3:4:5:6 with boxxyerror fs solid "
                "1.0 noborder fc rgb grid, \\\n",
                sheet->blocks++);
    }
    if (rows->level > 0) {
        fprintf(sheet->data, "# level\n%.9g 0\n%.9g %.9g\n\n\n", rows->level,
                rows->level, y->high);
        fprintf(sheet->script,
                "     data index %d using 1:2 with lines lw 1 dt 1 lc rgb "
                "rule, \\\n",
                sheet->blocks++);
    }
}

static void write_marks(struct sheet *sheet, const struct rows *rows, size_t i,
                        const struct axis *y)
{
    const struct row *row = &rows->list[i];
    const struct theme_lane *look = theme_lane(row->backend);
    double place = y->high - rows_place(rows, i);

    fputs("# row\n", sheet->data);
    for (size_t k = 0; k < row->dot_count; k++)
        fprintf(sheet->data, "%.9g %.9g\n", row->dots[k], place);
    if (rows->style == ROW_INTERVAL)
        fprintf(sheet->data, "%.9g %.9g %.9g %.9g\n", row->estimate, place,
                isnan(row->low) ? row->estimate : row->low,
                isnan(row->low) ? row->estimate : row->high);
    fputs("\n\n", sheet->data);
    if (rows->style == ROW_DOTS)
        fprintf(sheet->script,
                "     data index %d using 1:2 with points pt 6 ps 0.55 lw 1.25 "
                "lc rgb %s, \\\n",
                sheet->blocks++, look->variable);
    else
        fprintf(sheet->script,
                "     data index %d using 1:2:3:4 with xerrorbars lw 2 pt %d "
                "ps 0.75 lc rgb %s, \\\n",
                sheet->blocks++, look->marker, look->variable);
}

static void write_part(struct sheet *sheet, const struct rows *rows,
                       size_t part, const struct axis *y)
{
    static const double half = 0.36; /* of a row */

    fprintf(sheet->data, "# %s\n", rows->part_names[part]);
    for (size_t i = 0; i < rows->count; i++) {
        double place = y->high - rows_place(rows, i), from = 0;
        for (size_t k = 0; k < part; k++)
            from += rows->list[i].parts[k];
        double to = from + rows->list[i].parts[part];
        fprintf(sheet->data, "%.9g %.9g %.9g %.9g %.9g %.9g\n", (from + to) / 2,
                place, from, to, place - half, place + half);
    }
    fputs("\n\n", sheet->data);
    fprintf(sheet->script,
            "     data index %d using 1:2:3:4:5:6 with boxxyerror fs solid 1.0 "
            "border lc rgb paper lw 1 fc rgb %s, \\\n",
            sheet->blocks++, theme_parts[part].variable);
}

/* The parts' names, as a legend at the right. */
static void write_part_names(struct sheet *sheet, const struct rows *rows,
                             const struct box *box, const struct axis *x,
                             const struct axis *y)
{
    struct name names[ROW_PARTS];

    for (size_t i = 0; i < ROW_PARTS; i++) {
        names[i] =
            (struct name){.variable = theme_parts[i].variable, .marker = 5};
        snprintf(names[i].text, sizeof names[i].text, "%s",
                 rows->part_names[i]);
    }
    fputs(", \\\n", sheet->script);
    names_legend(sheet, names, ROW_PARTS, box, x, y);
}

void rows_write(struct sheet *sheet, const struct panel *panel,
                const struct box *box)
{
    const struct rows *rows = &panel->rows;
    struct axis x, y;

    rows_axes(rows, &x, &y);
    write_axes(sheet, rows, box, &x, &y);
    frame_place(sheet, panel->title, box);
    fputs("plot \\\n", sheet->script);
    write_back(sheet, rows, &y);
    if (rows->style == ROW_BOXES)
        boxes_write(sheet, rows, box, &x, &y);
    for (size_t i = 0; i < rows->count && rows->style <= ROW_INTERVAL; i++)
        write_marks(sheet, rows, i, &y);
    for (size_t i = 0; i < ROW_PARTS && rows->style == ROW_PARTED; i++)
        write_part(sheet, rows, i, &y);
    write_names(sheet, rows, &x, &y);
    if (rows->style == ROW_PARTED)
        write_part_names(sheet, rows, box, &x, &y);
    else
        putc('\n', sheet->script);
}
