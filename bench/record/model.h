/* SPDX-License-Identifier: MIT */
#ifndef RECORD_MODEL_H
#define RECORD_MODEL_H

/*
 * A scaling model: throughput as a function of the worker count and of up to
 * three parameters. One const table in one file each; models.c lists them.
 * Nothing but their own file knows how one is computed.
 */
#include <stdbool.h>
#include <stddef.h>

#include "points.h"

#define MODEL_PARAMETERS 3

/* What models know of the machine; 0 where it is unknown. */
struct model_host {
    double cores;   /* physical */
    double threads; /* that may be used */
};

struct model_parameter {
    const char *name; /* as in the record: "gamma" */
    const char *about;
    double low; /* the box that it lies in */
    double high;
    bool is_rate; /* grows with the unit of throughput */
};

struct model {
    const char *name; /* "usl" */
    const char *formula;
    size_t parameter_count;
    struct model_parameter parameters[MODEL_PARAMETERS];

    /* The throughput, and its derivatives by the parameters. Not positive, or
     * NAN, where the parameters make no sense. */
    double (*rate)(const struct model_host *host, const double *parameters,
                   double workers, double *gradient);

    /* Parameters to start the search from; about right is enough. */
    void (*start)(const struct points *points, const struct model_host *host,
                  double *parameters);

    /* Where not NULL, finds the best parameters without a search. */
    bool (*solve)(const struct points *points, double *parameters);

    /* May it be tried here? NULL: always. */
    bool (*is_offered)(const struct model_host *host,
                       const struct points *points);

    /* The fewest workers with the highest throughput, INFINITY where more is
     * always better; NULL: all are the same. */
    double (*peak)(const struct model_host *host, const double *parameters);

    /* The throughput that no count exceeds; INFINITY: there is none. */
    double (*limit)(const struct model_host *host, const double *parameters);
};

extern const struct model model_flat, model_linear, model_amdahl,
    model_saturation, model_kink, model_usl;

/* All of them, the simplest first; NULL ends the list. */
extern const struct model *const models[];

/* By name; NULL: there is none. */
const struct model *model_find(const char *name);

/* The throughput alone. */
double model_rate(const struct model *model, const struct model_host *host,
                  const double *parameters, double workers);

#endif
