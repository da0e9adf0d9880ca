/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PRESSURE_H
#define BENCH_PRESSURE_H

#include "neighbours.h"

/*
 * What the machine has taken away from us since it started: counters, to be
 * read before and after a sample. NAN: this system does not count it.
 */
struct pressure {
    double steal_s;        /* all CPUs: another guest had them             */
    double throttled_s;    /* a cgroup above us was held back by its quota */
    double io_stalled_s;   /* all that was not idle waited for a disk      */
    double thermal_events; /* a CPU slowed down for its heat               */
    double frequency_hz;   /* no counter: the CPUs' mean now               */
    double foreign_s;      /* of pressure_since() alone: neighbours.h      */
    struct neighbours neighbours;
};

struct pressure pressure_read(void);

/* What came in between. */
struct pressure pressure_since(const struct pressure *before);

#endif
