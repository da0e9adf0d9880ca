/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

/*
 * One sample: a fresh child process makes an executor, runs a workload's tasks
 * through one cf_map(), verifies every result, and reports what it took.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cf/cf.h>

#include "child.h"
#include "histogram.h"
#include "workload.h"

/* What is to be run. */
struct sample_setup {
    const struct wl_workload *workload;
    const struct wl_work *work;
    size_t tasks;
    uint64_t seed; /* this sample's own */
    const struct cf_backend *backend;
    size_t workers;
    size_t chunk;
    size_t warmup; /* batches before the one that counts */
    int64_t limit_ns;
};

/* One batch of tasks: first the warm-ups, the last one is what counts. */
struct sample_batch {
    int64_t started_ns; /* when all workers stood ready            */
    int64_t elapsed_ns; /* until the last result was consumed      */
    int64_t submit_ns;  /* the part of it inside cf_map()          */
    bool is_verified;   /* every result was there, and right       */
};

/* What came out; it lies in memory shared with the child. */
struct sample_numbers {
    int64_t create_ns;      /* making the executor, workers ready */
    int64_t destroy_ns;     /* ending it                          */
    int64_t service_max_ns; /* the longest task                */
    struct rusage before; /* the child's own use before the batch that counts */
    bool is_foreign;      /* tasks ran in other processes        */
    bool is_complete;     /* it got to its end                   */
    size_t batch_count;
    struct sample_batch *batches; /* `warmup` + 1 of them       */
    struct histogram *service;    /* times of the batch that counts */
    char why[256];                /* what went wrong first; "" nothing */
};

/* Room for the numbers of one sample, used again for the next. */
struct sample_room;

/* For samples with up to `warmup` warm-up batches. NULL without memory. */
struct sample_room *sample_room_create(size_t warmup);
void sample_room_destroy(struct sample_room *room);

/*
 * Measures. Returns how the child ended; `*numbers` is lent until the next
 * call and is good as far as it goes. Where anything is wrong, `why` says it.
 */
struct child_report sample_measure(struct sample_room *room,
                                   const struct sample_setup *setup,
                                   const struct sample_numbers **numbers);

#endif
