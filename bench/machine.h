/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

/* The machine that measures: its processors, memory and clock. */
#include <stdbool.h>
#include <stddef.h>

#include <cf/cpus.h>

struct machine_cpu {
    char model[128];
    size_t sockets;
    size_t cores;
    size_t threads;
    bool is_smt;       /* more threads than cores */
    char governor[32]; /* "" where the system does not say */
    struct cf_cpus usable;
};

struct machine_memory {
    double total_bytes; /* NAN: unknown */
    double available_bytes;
};

struct machine_clock {
    char source[32];
    double resolution_s;
    double read_cost_s; /* of one read, smallest of a few batches */
};

struct machine_cpu machine_cpu(void);
struct machine_memory machine_memory(void);
struct machine_clock machine_clock(void);

#endif
