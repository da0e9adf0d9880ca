/* SPDX-License-Identifier: MIT */
/*
 * The family: eight kinds of curves, each with parameters drawn at random, on
 * ranges of 4 to 128 workers, with noise of 0.5 %, 2 % or 5 % a sample. Every
 * other has drift from block to block, every third has twice the noise beyond
 * the CPUs, every fourth has outliers.
 *
 * A busy machine delays samples, never the other way: by 1 % of their time on
 * average, exponentially, times a load that changes from block to block and is
 * like that of the block before; 3 % of samples by 20 % more. And it makes the
 * curve another one, 1 % lower at the most workers. (Parameters are from samples
 * of `synthetic` where other programs ran.)
 */
#include "truth.h"

#include <math.h>
#include <string.h>

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double truth_uniform(struct truth *truth)
{
    return ((double)(next(&truth->state) >> 11) + 0.5) / 9007199254740992.0;
}

double truth_normal(struct truth *truth)
{
    double first = truth_uniform(truth), second = truth_uniform(truth);

    return sqrt(-2 * log(first)) * cos(2 * acos(-1) * second);
}

/* Evenly on logs. */
static double between(struct truth *truth, double low, double high)
{
    return low * exp(log(high / low) * truth_uniform(truth));
}

static void make_usl(struct truth *truth)
{
    double alpha = between(truth, 0.002, 0.3);
    double beta = between(truth, 1e-5, 1e-2);

    for (size_t n = 1; n <= truth->most; n++) {
        double more = (double)n - 1;

        truth->per_s[n] =
            (double)n / (1 + alpha * more + beta * (double)n * more);
    }
}

static void make_amdahl(struct truth *truth)
{
    double serial = between(truth, 0.01, 0.5);

    for (size_t n = 1; n <= truth->most; n++)
        truth->per_s[n] = (double)n / (1 + serial * ((double)n - 1));
}

static void make_cap(struct truth *truth)
{
    double cap = between(truth, 1.5, 1.5 * (double)truth->most);

    for (size_t n = 1; n <= truth->most; n++)
        truth->per_s[n] = fmin((double)n, cap);
}

/* Straight up to the cores, slower to twice as many, then slowly down. */
static void make_kink(struct truth *truth)
{
    double cores = (double)truth->cpus / 2;
    double smt = 0.15 + 0.35 * truth_uniform(truth);
    double loss = 0.02 * truth_uniform(truth);

    for (size_t n = 1; n <= truth->most; n++) {
        double first = fmin((double)n, cores);
        double second = fmin(fmax((double)n - cores, 0), cores);
        double over = fmax((double)n - 2 * cores, 0);

        truth->per_s[n] = (first + smt * second) / (1 + loss * over / cores);
    }
}

static void make_flat(struct truth *truth)
{
    for (size_t n = 1; n <= truth->most; n++)
        truth->per_s[n] = 1;
}

static void make_falling(struct truth *truth)
{
    double loss = between(truth, 0.01, 0.3);

    for (size_t n = 1; n <= truth->most; n++)
        truth->per_s[n] = pow((double)n, -loss);
}

/* A closed network of N customers with one queue and a think time: exact mean
 * value analysis (Reiser & Lavenberg 1980). */
static void make_queue(struct truth *truth)
{
    double service = between(truth, 0.5 / (double)truth->most, 0.5);
    double think = 1 - service;
    double queued = 0;

    for (size_t n = 1; n <= truth->most; n++) {
        double residence = service * (1 + queued);

        truth->per_s[n] = (double)n / (think + residence);
        queued = truth->per_s[n] * residence;
    }
}

/* A curve that rises, with a dip on its way up: it has two tops. */
static void make_dip(struct truth *truth)
{
    const double wide = 0.35;
    double serial = between(truth, 0.01, 0.1);
    double depth = 0.1 + 0.1 * truth_uniform(truth);
    double middle = (double)truth->most * (0.25 + 0.2 * truth_uniform(truth));

    for (size_t n = 1; n <= truth->most; n++) {
        double away = log((double)n / middle) / wide;

        truth->per_s[n] = (double)n / (1 + serial * ((double)n - 1)) *
                          (1 - depth * exp(-away * away));
    }
}

static const struct {
    const char *name;
    void (*make)(struct truth *truth);
} kinds[] = {
    {"usl", make_usl},         {"amdahl", make_amdahl}, {"cap", make_cap},
    {"kink", make_kink},       {"queue", make_queue},   {"flat", make_flat},
    {"falling", make_falling}, {"dip", make_dip},
};

void truth_make(uint64_t seed, size_t i, struct truth *truth)
{
    static const size_t sizes[] = {4, 8, 16, 32, 64, 128};
    static const double noises[] = {0.005, 0.02, 0.05};
    size_t kind_count = sizeof kinds / sizeof *kinds;

    *truth = (struct truth){.state = seed + i * UINT64_C(0x100000001b3)};
    truth->kind = kinds[i % kind_count].name;
    truth->most = sizes[i / kind_count % 6];
    truth->cpus = truth->most / 2;
    truth->noise = noises[i / kind_count / 6 % 3];
    truth->drift = next(&truth->state) % 2 ? 0.02 : 0;
    truth->uneven = next(&truth->state) % 3 == 0 ? 2 : 1;
    truth->tail = next(&truth->state) % 4 == 0 ? 0.02 : 0;
    kinds[i % kind_count].make(truth);
    truth->wait_ratio =
        strcmp(truth->kind, "kink") == 0 ? 0 : between(truth, 0.1, 10);
}

size_t truth_best(const struct truth *truth)
{
    size_t best = 1;

    for (size_t n = 2; n <= truth->most; n++)
        if (truth->per_s[n] > truth->per_s[best])
            best = n;
    return best;
}

size_t truth_knee(const struct truth *truth, double within)
{
    double least = (1 - within) * truth->per_s[truth_best(truth)];
    size_t n = 1;

    while (truth->per_s[n] < least)
        n++;
    return n;
}

double truth_block(struct truth *truth)
{
    if (truth->is_busy)
        truth->load = 0.6 * truth->load + 0.64 * truth_normal(truth);
    return exp(truth->drift * truth_normal(truth));
}

/* The part by which a sample takes longer. */
static double delay(struct truth *truth, size_t workers)
{
    double part = -0.01 * log(truth_uniform(truth)) * exp(truth->load);

    if (truth_uniform(truth) < 0.03)
        part -= 0.2 * log(truth_uniform(truth));
    return (1 + part) *
               (1 + 0.01 * log((double)workers) / log((double)truth->most)) -
           1;
}

double truth_sample(struct truth *truth, size_t workers, double block)
{
    double noise = truth->noise * (workers > truth->cpus ? truth->uneven : 1);
    double sample =
        truth->per_s[workers] * block * exp(noise * truth_normal(truth));

    if (truth_uniform(truth) < truth->tail)
        sample /= 1.3;
    return truth->is_busy ? sample / (1 + delay(truth, workers)) : sample;
}
