/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_PANEL_H
#define PLOTS_PANEL_H

/*
 * A panel: one pair of axes. Most have workers against a quantity, with a lane
 * for each backend; others curves or rows. It holds what a record's summaries
 * and details say, and nothing computed.
 */
#include <stdbool.h>
#include <stddef.h>

#include "curves.h"
#include "details.h"
#include "quantity.h"
#include "record.h"
#include "rows.h"

/* What a figure is about: one workload of one record. */
struct subject {
    const struct record *record;
    const struct details *details; /* of the record */
    const struct record_workload *workload;
    size_t ordinal;                             /* of the workload, from 1 */
    size_t usable_cpus;                         /* 0: unknown */
    double cores;                               /* physical; the same */
    double quota_cpus;                          /* the same */
    const struct record_recommendation *advice; /* about it; NULL: none */
};

struct panel_point {
    double workers;
    double estimate;
    double low, high; /* NAN: no interval */
};

struct panel_lane {
    const char *backend;
    struct panel_point *points; /* by workers, ascending */
    size_t count;
};

/* A ratio's base: what is divided by. */
enum panel_base {
    BASE_NONE,       /* not a ratio */
    BASE_SERIAL,     /* the loop without an executor */
    BASE_ONE_WORKER, /* one worker of the same backend */
};

enum panel_shape {
    SHAPE_LANES, /* `lanes`, over workers */
    SHAPE_CURVES,
    SHAPE_ROWS,
};

struct panel {
    const char *title; /* ours: the quantity and its base */
    enum panel_shape shape;
    enum quantity quantity; /* of the vertical axis; of rows, the other */
    bool is_log;
    struct curves curves;
    struct rows rows;
    struct panel_lane *lanes; /* in the order of the theme */
    size_t lane_count;
    double full;      /* of percents: as high as the axis at least */
    double band_high; /* shaded from 0 to here; 0: nothing is */
    double set[2];    /* workers marked on their axis; 0: none */
    double limit;     /* that was asked for, a level line; 0: none */
    const struct record_model *model; /* drawn instead of joining points */
    struct panel_lane bound; /* what cannot be beaten; count 0: not known */
    const char *bound_name;
    size_t blocks_least, blocks_most; /* behind the points */
    bool has_gains; /* not every ratio is that of a base to itself */
    bool has_intervals;
    bool has_medians; /* some are the median over blocks, with its interval */
};

/* The limit in words: "asked for: 20 ms". */
enum { LIMIT_BYTES = 64 };
void panel_limit_words(char text[LIMIT_BYTES], const struct panel *panel);

/* Takes one lane for each backend with a summary of that metric. False where
 * there is none, or no memory. */
bool panel_take(struct panel *panel, const struct subject *subject,
                const char *metric, enum panel_base base);
/* The same of a ratio; false as well where all that was measured are the bases,
 * each 1 over itself. */
bool panel_take_ratio(struct panel *panel, const struct subject *subject,
                      const char *metric, enum panel_base base);
/* Its parts, for what is not a summary: a point, how many blocks are behind
 * one, and the order of lanes and points. */
bool panel_add_point(struct panel *panel, const char *backend,
                     struct panel_point point);
void panel_count_blocks(struct panel *panel, size_t blocks);
void panel_sort(struct panel *panel);
/* Drops all lanes but one. */
void panel_keep(struct panel *panel, const char *backend);
/* Frees what panel_take() and panel_add_bound() made. */
void panel_finish(struct panel *panel);

/* Does the record have speed-ups of this workload over its serial case? */
bool panel_has_serial_base(const struct subject *subject);

/* Beyond so many workers no curve is worked out. */
enum { BOUND_POINTS_MAX = 4096 };

/* Adds the bound of a speed-up: M equal tasks on N workers gain at most
 * M / ceil(M / N), others min(M, N), and computing no more than the usable CPUs.
 * None where the tasks are not what the workers share. */
void panel_add_bound(struct panel *panel, const struct subject *subject);
/* The same in units of the panel, where that is what one worker does. */
void panel_scale_bound(struct panel *panel, double of_one);
/* Do several workers do more than the bound allows? Then it is none: the one that
 * they are divided by, or it is scaled by, is not known, or a cache came to fit. */
bool panel_passes_bound(const struct panel *panel);
void panel_drop_bound(struct panel *panel);

/* The case that a backend's ratios are divided by; NO_CASE where there is
 * none or `base` is BASE_NONE. */
size_t panel_base_case(const struct record *record, const char *workload,
                       const char *backend, enum panel_base base);

/* A case as it is named beside its curve or row, of the theme's words where it
 * has some: "thread 2", "OpenMP 4", "serial"; 0 workers are not written. */
enum { CASE_CHARS_MAX = 26, CASE_BYTES = 4 * CASE_CHARS_MAX + 24 };
void panel_case_name(char text[CASE_BYTES], const char *backend,
                     size_t workers);

/* Can axes hold it? A forged record may hold any number. */
bool panel_is_drawable(double value);

/* The least and the most workers of any lane but serial's, which has none. */
void panel_worker_range(const struct panel *panel, double *least, double *most);

/* Is it drawn as a level line? (The serial case has no workers.) */
bool panel_lane_is_level(const struct panel_lane *lane);

/* The largest value drawn, ends of intervals included as far as they stay near
 * the estimates; the smallest above 0. */
double panel_top(const struct panel *panel);
/* Do intervals reach beyond the largest, or on a log axis below the smallest, so
 * that they leave the picture? */
bool panel_is_cut(const struct panel *panel);
double panel_bottom(const struct panel *panel);

#endif
