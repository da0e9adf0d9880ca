/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FAMILY_H
#define RECORD_FAMILY_H

/*
 * Several comparisons in one verdict table: how wide their intervals must be
 * to hold all together. Comparisons of one run hang together (they share
 * blocks, and often a case), which Bonferroni's bound does not use.
 *
 *      paired       a value per comparison and block: log ratio of two cases
 *      two samples  a value per comparison, side and block: a log time
 */
#include <stdbool.h>
#include <stddef.h>

#define BLOCKS_FOR_MAX_T 8

struct family {
    size_t count;      /* comparisons */
    size_t blocks[2];  /* of each side; paired: the second has none  */
    double *values[2]; /* [comparison * blocks + block]; NAN: is not there */
};

/* Room for the values, all of them NAN. False without memory. */
bool family_create(struct family *family, size_t count, size_t blocks,
                   size_t other_blocks);
void family_finish(struct family *family);

/* Drops the blocks that no comparison has a value of. */
void family_compact(struct family *family);

/*
 * What to multiply a standard error with. One comparison: Student's t. Several:
 * the quantile of the largest |t| of them all, by max-T; t after Bonferroni
 * where any of them has fewer blocks than BLOCKS_FOR_MAX_T.
 */
struct family_width {
    size_t count;
    double level;
    double max_t;       /* NAN: not by max-T */
    const char *method; /* "t", "max-t", "bonferroni" */
};

/* False without memory. */
bool family_judge(const struct family *family, double level,
                  struct family_width *width);

/* For a comparison with `df` degrees of freedom. */
double family_quantile(const struct family_width *width, double df);

#endif
