/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SELFTEST_TRIAL_H
#define BENCH_SELFTEST_TRIAL_H

/* One comparison of a selftest: what `cfbench compare --vs` does, from its
 * flags to its document, on a case and itself. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct trial_setup {
    size_t blocks; /* 0: as many as it takes to be precise */
    double delta;
    const char *folder; /* for its document */
};

struct trial {
    bool is_planted; /* the new side has PLANTED_RATIO more to do */
    size_t blocks;   /* as asked for */
    double delta;
    double ratio, low, high;
    char verdict[16];
};

#define PLANTED_RATIO 0.05

/* False: it was interrupted, or one line has been said. */
bool trial_run(const struct trial_setup *setup, bool is_planted, uint64_t seed,
               struct trial *trial);

/* Whether it is beyond zero, as a threshold of 0 would have judged. */
bool trial_is_beyond_zero(const struct trial *trial);

/* As a line of a log, and back. False: it could not be written, or is none. */
bool trial_write(const struct trial *trial, FILE *log);
bool trial_read(const char *line, struct trial *trial);

/* Is it the beginning of such a line, without its end? */
bool trial_is_torn(const char *line);

#endif
