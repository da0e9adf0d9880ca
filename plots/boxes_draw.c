/* SPDX-License-Identifier: MIT */
/*
 * Boxes along a row: a task in a worker's time, or a cell of a map. All boxes
 * of one colour are one clause of the plot command, so that ten thousand tasks
 * cost no more words than ten.
 */
#include "boxes_draw.h"

#include <math.h>
#include <string.h>

#include "text.h"
#include "theme.h"

enum { SCALES = THEME_SHARES + THEME_SIDES };

static const double half = 0.40; /* of a row */

const struct theme_scale *boxes_scale(unsigned shade)
{
    unsigned i = shade - SHADE_SCALE;

    return i < THEME_SHARES ? &theme_shares[i]
                            : &theme_sides[(i - THEME_SHARES) % THEME_SIDES];
}

/* Writes the boxes of that shade, of one backend or (NULL) of all, as a block;
 * false, and nothing, where there are none. */
static bool write_block(struct sheet *sheet, const struct rows *rows,
                        const struct axis *y, unsigned shade,
                        const char *variable)
{
    bool has_any = false;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->list[i];
        double place = y->high - rows_place(rows, i);
        if (variable != NULL &&
            strcmp(theme_lane(row->backend)->variable, variable) != 0)
            continue;
        for (size_t k = 0; k < row->box_count; k++) {
            const struct row_box *box = &row->boxes[k];
            if (box->shade != shade)
                continue;
            if (!has_any)
                fputs("# boxes\n", sheet->data);
            has_any = true;
            fprintf(sheet->data, "%.9g %.9g %.9g %.9g %.9g %.9g\n", box->from,
                    place, box->from, box->to, place - half, place + half);
        }
    }
    if (has_any)
        fputs("\n\n", sheet->data);
    return has_any;
}

/* In a backend's colour, pale or not. */
static void write_of_backends(struct sheet *sheet, const struct rows *rows,
                              const struct axis *y)
{
    for (size_t i = 0; theme_lane_at(i) != NULL; i++)
        for (unsigned shade = SHADE_BACKEND; shade <= SHADE_BACKEND_PALE;
             shade++) {
            const char *variable = theme_lane_at(i)->variable;
            if (!write_block(sheet, rows, y, shade, variable))
                continue;
            fprintf(sheet->script,
                    "     data index %d using 1:2:3:4:5:6 with boxxyerror fs "
                    "transparent solid %s noborder fc rgb %s, \\\n",
                    sheet->blocks++, shade == SHADE_BACKEND ? "1.0" : "0.55",
                    variable);
        }
}

static void write_of_scales(struct sheet *sheet, const struct rows *rows,
                            const struct axis *y)
{
    if (write_block(sheet, rows, y, SHADE_LAST, NULL))
        fprintf(sheet->script,
                "     data index %d using 1:2:3:4:5:6 with boxxyerror fs "
                "solid 1.0 noborder fc rgb %s, \\\n",
                sheet->blocks++, theme_parts[1].variable);
    for (unsigned i = 0; i < SCALES; i++)
        if (write_block(sheet, rows, y, SHADE_SCALE + i, NULL))
            fprintf(sheet->script,
                    "     data index %d using 1:2:3:4:5:6 with boxxyerror fs "
                    "solid 1.0 border lc rgb paper lw 1 fc rgb \"%s\", \\\n",
                    sheet->blocks++, boxes_scale(SHADE_SCALE + i)->color);
}

/* The larger part of a box beside a mark across it: a text is not to stand
 * under the mark. */
static struct row_box clear_part(const struct row_box *box, double mark,
                                 bool is_log)
{
    struct row_box part = *box;

    if (!(mark > box->from && mark < box->to))
        return part;
    bool is_left = is_log ? mark * mark > box->from * box->to
                          : 2 * mark > box->from + box->to;
    if (is_left)
        part.to = mark;
    else
        part.from = mark;
    return part;
}

static double middle_of(const struct row_box *box, bool is_log)
{
    return is_log ? sqrt(box->from * box->to) : (box->from + box->to) / 2;
}

struct place {
    double width; /* of the axes on the canvas */
    const struct axis *x, *y;
};

/* As much of its text as a box has room for: all, what stands before the "±",
 * or nothing. Returns its bytes, which are not fewer than its characters. */
static size_t fitting(const struct row_box *box, const struct place *place)
{
    double room = place->width * (axis_place(place->x, box->to) -
                                  axis_place(place->x, box->from));
    size_t all = strlen(box->text), before = strcspn(box->text, "\302");

    if (room >= 7 * (double)all + 4)
        return all;
    return room >= 7 * (double)before + 4 ? before : 0;
}

static void write_texts(struct sheet *sheet, const struct rows *rows,
                        const struct place *place, bool on_dark)
{
    bool has_any = false;

    for (size_t i = 0; i < rows->count; i++)
        for (size_t k = 0; k < rows->list[i].box_count; k++) {
            struct row_box box = clear_part(
                &rows->list[i].boxes[k], rows->list[i].estimate, rows->is_log);
            char text[sizeof box.text];
            size_t bytes = fitting(&box, place);
            if (bytes == 0 || boxes_scale(box.shade)->is_dark != on_dark)
                continue;
            if (!has_any)
                fputs("# texts\n", sheet->data);
            has_any = true;
            fprintf(sheet->data, "%.9g %.9g ", middle_of(&box, rows->is_log),
                    place->y->high - rows_place(rows, i));
            snprintf(text, sizeof text, "%.*s", (int)bytes, box.text);
            text_to_data(sheet->data, text, sizeof text);
            putc('\n', sheet->data);
        }
    if (!has_any)
        return;
    fputs("\n\n", sheet->data);
    fprintf(sheet->script,
            "     data index %d using 1:2:3 with labels center font \",12\" "
            "tc rgb \"%s\", \\\n",
            sheet->blocks++, on_dark ? THEME_ON_DARK : THEME_ON_LIGHT);
}

/* A mark across each row that has one; joined, the next row's begins where it
 * ends. */
static void write_marks(struct sheet *sheet, const struct rows *rows,
                        const struct axis *y)
{
    bool has_any = false;

    for (size_t i = 0; i < rows->count; i++) {
        double place = y->high - rows_place(rows, i);
        if (isnan(rows->list[i].estimate))
            continue;
        if (!has_any)
            fputs("# marks\n", sheet->data);
        has_any = true;
        fprintf(sheet->data, "%.9g %.9g\n%.9g %.9g\n%s", rows->list[i].estimate,
                place + 0.5, rows->list[i].estimate, place - 0.5,
                rows->is_joined ? "" : "\n");
    }
    if (!has_any)
        return;
    fputs(rows->is_joined ? "\n\n" : "\n", sheet->data);
    fprintf(sheet->script,
            "     data index %d using 1:2 with lines lw 6 dt 1 lc rgb paper, "
            "\\\n     '' index %d using 1:2 with lines lw 2.5 dt 1 lc rgb ink, "
            "\\\n",
            sheet->blocks, sheet->blocks);
    sheet->blocks++;
}

void boxes_write(struct sheet *sheet, const struct rows *rows,
                 const struct box *box, const struct axis *x,
                 const struct axis *y)
{
    struct place place = {box->right - box->left, x, y};

    write_of_backends(sheet, rows, y);
    write_of_scales(sheet, rows, y);
    write_texts(sheet, rows, &place, true);
    write_texts(sheet, rows, &place, false);
    write_marks(sheet, rows, y);
}
