/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_NAMES_H
#define PLOTS_NAMES_H

#include "axes.h"
#include "sheet.h"

/* What stands at the right edge, beside what it names. */
struct name {
    char text[CASE_BYTES];
    const char *variable; /* of its colour */
    int marker;           /* 0: none */
    bool is_quiet;
    double x, y; /* what it names */
};

/* Writes the last clauses of a plot command: the lanes' names. */
void names_write(struct sheet *sheet, const struct panel *panel,
                 const struct box *box, const struct axis *x,
                 const struct axis *y);

/* The same for names of the caller's, LABELS_MAX at most: each as near to what
 * it names as can be, with a leader; or one below the other from the top. */
void names_beside(struct sheet *sheet, struct name *names, size_t count,
                  const struct box *box, const struct axis *x,
                  const struct axis *y);
void names_legend(struct sheet *sheet, struct name *names, size_t count,
                  const struct box *box, const struct axis *x,
                  const struct axis *y);

#endif
