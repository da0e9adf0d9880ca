/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <math.h>
#include <string.h>

#include "caption.h"

void frame_place(struct sheet *sheet, const char *title, const struct box *box)
{
    const struct canvas *canvas = &sheet->canvas;

    fprintf(sheet->script,
            "set lmargin at screen %.5f; set rmargin at screen %.5f\n"
            "set bmargin at screen %.5f; set tmargin at screen %.5f\n",
            box->left / canvas->width, box->right / canvas->width,
            box->bottom / canvas->height, box->top / canvas->height);
    fprintf(sheet->script,
            "set label 1 \"%s\" at screen %.5f,%.5f font \",14\" tc rgb ink\n",
            title, (box->start + 16) / canvas->width,
            (box->top + 27) / canvas->height);
}

/* Do the texts of every `stride`-th tick stand apart? */
static bool stand_apart(const struct axis *axis, char texts[][TICK_BYTES],
                        double width, size_t stride)
{
    static const double character = 8, between = 10;
    double free_from = -INFINITY; /* on the canvas */

    for (size_t i = 0; i < axis->tick_count; i += stride) {
        double half = character * (double)strlen(texts[i]) / 2;
        double middle = axis_place(axis, axis->ticks[i]) * width;
        if (middle - half < free_from)
            return false;
        free_from = middle + half + between;
    }
    return true;
}

void frame_thin(struct axis *axis, char texts[][TICK_BYTES], double width)
{
    size_t stride = 1, kept = 0;

    while (!stand_apart(axis, texts, width, stride))
        stride++;
    for (size_t i = 0; i < axis->tick_count; i += stride) {
        axis->ticks[kept] = axis->ticks[i];
        memmove(texts[kept++], texts[i], TICK_BYTES);
    }
    axis->tick_count = kept;
}

void frame_put_ticks(FILE *script, const struct axis *axis,
                     char texts[][TICK_BYTES])
{
    putc('(', script);
    for (size_t i = 0; i < axis->tick_count; i++)
        fprintf(script, "%s\"%s\" %.9g", i > 0 ? ", " : "", texts[i],
                axis->ticks[i]);
    fputs(")\n", script);
}

void frame_ticks(FILE *script, const struct axis *axis, enum quantity quantity)
{
    char texts[TICKS_MAX][TICK_BYTES];

    for (size_t i = 0; i < axis->tick_count; i++)
        caption_tick(texts[i], TICK_BYTES, quantity, axis->ticks[i]);
    frame_put_ticks(script, axis, texts);
}

void frame_ranges(FILE *script, const struct axis *x, const struct axis *y)
{
    fprintf(script, "set xrange [%.9g:%.9g]; set yrange [%.9g:%.9g]\n", x->low,
            x->high, y->low, y->high);
    fputs(x->is_log ? "set logscale x\n" : "unset logscale x\n", script);
    fputs(y->is_log ? "set logscale y\n" : "unset logscale y\n", script);
}
