/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRUTH_H
#define TESTS_TRUTH_H

/* Scaling curves that are known, and samples of them with planted noise. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRUTH_MOST = 256 };

struct truth {
    const char *kind; /* "usl", "cap", "kink", ... */
    size_t most;
    size_t cpus;                  /* what nproc would say              */
    double wait_ratio;            /* wait over CPU time, as Goetz asks */
    double per_s[TRUTH_MOST + 1]; /* [1] .. [most]                   */
    double noise;   /* standard deviation of the log of a sample */
    double drift;   /* of a block's common factor                */
    double uneven;  /* noise beyond the CPUs, times               */
    double tail;    /* chance that a sample takes 1.3 times as long */
    bool is_busy;   /* as samples of a machine with other work are    */
    double load;    /* of the block, on logs, where it is             */
    uint64_t state; /* of the random numbers                         */
};

/* The i-th of a family of all kinds, sizes and noises. */
void truth_make(uint64_t seed, size_t i, struct truth *truth);

/* The counts that are right: the smallest within `within` of the best, and the
 * best itself. */
size_t truth_knee(const struct truth *truth, double within);
size_t truth_best(const struct truth *truth);

double truth_uniform(struct truth *truth); /* above 0, below 1 */
double truth_normal(struct truth *truth);

/* A block begins: what drifts, moves. Then samples in it. */
double truth_block(struct truth *truth);
double truth_sample(struct truth *truth, size_t workers, double block);

#endif
