/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_DRAW_H
#define PLOTS_DRAW_H

/*
 * A drawer puts figures into a folder: scripts, data and, where gnuplot is to
 * be had, pictures.
 */
#include <limits.h>
#include <stdbool.h>

#include "drawing.h"
#include "gnuplot.h"
#include "plots.h"
#include "staging.h"

enum { STEM_BYTES = 96, DRAWER_JOBS_MAX = 8 };

struct drawer {
    const char *folder;     /* where the figures are made              */
    const char *target;     /* where they are to be; NULL: where they are */
    struct staging staging; /* the first within the second             */
    unsigned formats;
    bool force;
    bool has_gnuplot;
    char gnuplot[PATH_MAX];
    char missing[256]; /* why there is no gnuplot */

    /* Figures for one gnuplot: those that are collected for the next, and those
     * that are being drawn, the oldest first. */
    struct drawer_job {
        struct gnuplot_job job;
        char stems[GNUPLOT_SCRIPTS_MAX][STEM_BYTES];
        size_t count;
        size_t data_bytes;
    } next, jobs[DRAWER_JOBS_MAX];
    size_t job_count;
    size_t jobs_at_once;
};

void drawer_init(struct drawer *drawer, const char *folder, unsigned formats,
                 bool force);

/* The same, but each figure comes into `folder` once it is whole. False: one
 * line is in `error`. To be ended whether it could begin or not. */
bool drawer_begin(struct drawer *drawer, const char *folder, unsigned formats,
                  bool force, struct plots_error *error);
void drawer_end(struct drawer *drawer);

/*
 * Begins to draw one figure about one workload and writes the stem of its
 * files' names into `stem`. The stem is empty where the record has nothing to
 * draw it from. False on trouble with this figure or an earlier one, with one
 * line in `error`; a missing gnuplot is none.
 */
bool drawer_draw(struct drawer *drawer, const struct figure *figure,
                 const struct subject *subject, enum drawing_layout layout,
                 char stem[STEM_BYTES], struct plots_error *error);

/* The stem alone. */
void drawer_stem(const struct figure *figure, const struct subject *subject,
                 enum drawing_layout layout, char stem[STEM_BYTES]);

/* Waits until all is drawn; call it last, and before a picture is read. False
 * on trouble with any, with one line in `error`. */
bool drawer_settle(struct drawer *drawer, struct plots_error *error);

/* What figures are about: the i-th workload of the record behind `details`. */
struct subject subject_of(const struct details *details, size_t index);

#endif
