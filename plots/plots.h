/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_PLOTS_H
#define PLOTS_PLOTS_H

/*
 * Figures and a report from a record. Drawing computes no statistics: what it
 * shows stands in the record's summaries and comparisons.
 */
#include <stdbool.h>

#include "details.h"
#include "figure.h"
#include "record.h"

enum plots_format {
    PLOTS_SVG = 1,
    PLOTS_PNG = 2,
    PLOTS_PDF = 4,
    PLOTS_ASCII = 8,        /* to the terminal; no file */
    PLOTS_LIGHT_ONLY = 256, /* no picture for dark paper */
};

/* One line about what failed and why, for the user. */
struct plots_error {
    char text[512];
};

enum plots_outcome {
    PLOTS_DRAWN,
    PLOTS_NO_GNUPLOT, /* scripts and data are written, pictures are not */
    PLOTS_FAILED,
};

/* Stands at the start of every script and page of ours; by it we know what we
 * may replace. */
#define PLOTS_MARK "# cfbench figure"

/* What was drawn, and what no workload of the record had the data for. */
struct plots_drawn {
    size_t count;
    const struct figure *missing[FIGURES_MAX];
    size_t missing_count;
};

/*
 * Draws every figure of every workload into `folder`, which exists, as
 * NAME-ORDINAL-WORKLOAD.svg (and -dark.svg, .png, -dark.png) with the .gp and
 * .dat that it is drawn from; `formats` is of enum plots_format. Files of
 * those names that are not ours are left alone, and it fails, without
 * `force`. `error` tells why where the outcome is not PLOTS_DRAWN.
 */
enum plots_outcome plots_draw(const struct details *details, const char *folder,
                              unsigned formats, bool force,
                              struct plots_drawn *drawn,
                              struct plots_error *error);

/* The commands `cfbench plot` and `cfbench report`; argv[0] is the command's
 * name. They print, and return the exit code. */
int plot_command(int argc, char **argv);
int report_command(int argc, char **argv);

#endif
