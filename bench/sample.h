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
#include "lane.h"
#include "open_loop.h"
#include "workload.h"

struct sample_setup;

/* A task of a batch that has ended. */
struct sample_task {
    size_t i;
    int64_t started_ns;
    int64_t finished_ns;
    struct cf_future *future; /* NULL in a lane, which gives `status` */
    int status;               /* as waitpid() says it                 */
};

/* Told of it in the sample's process, outside the time. */
typedef void sample_observer(void *observer, const struct sample_setup *setup,
                             const struct sample_task *task);

/* What is to be run. */
struct sample_setup {
    const struct wl_workload *workload;
    const struct wl_work *work;
    size_t tasks;
    uint64_t seed;                 /* this sample's own */
    const struct wl_value *values; /* of the workload's parameters */
    uint64_t input_seed;           /* the run's                    */
    const struct cf_backend *backend;
    const struct lane *lane; /* in place of a backend; NULL: none */
    size_t rank_workers;     /* of mpi: in each rank; else 0       */
    size_t workers;
    size_t chunk;
    size_t warmup;         /* batches before the one that counts */
    size_t spans;          /* tasks whose spans are kept; the room's, or 0 */
    struct open_loop loop; /* with a rate: tasks come when they come */
    int64_t limit_ns;
    sample_observer *observe; /* told of each task of each batch; NULL: no */
    void *observer;           /* handed to it                             */
};

/* When a task of the batch that counts ran, and where. */
struct sample_span {
    size_t worker;
    int64_t submitted_ns;
    int64_t started_ns;
    int64_t finished_ns;
};

/* One batch of tasks: first the warm-ups, the last one is what counts. */
struct sample_batch {
    int64_t started_ns; /* when all workers stood ready            */
    int64_t elapsed_ns; /* until the last result was consumed      */
    int64_t submit_ns;  /* the part of it inside cf_map()          */
    double work;        /* a lane's whole count in place of tasks; 0: tasks */
    bool is_verified;   /* every result was there, and right       */
};

/* What came out; it lies in memory shared with the child. */
struct sample_numbers {
    int64_t create_ns;      /* making the executor, workers ready */
    int64_t destroy_ns;     /* ending it                          */
    int64_t service_max_ns; /* the longest task                */
    int64_t late_max_ns;    /* open loop: the generator, behind its times */
    int64_t late_sum_ns;
    struct rusage before; /* the child's use before the batch that counts */
    struct rusage after;  /* and when that had its results; if it `has_after` */
    bool has_after;
    bool is_foreign;  /* tasks ran in other processes        */
    bool is_complete; /* it got to its end                   */
    size_t batch_count;
    struct sample_batch *batches; /* `warmup` + 1 of them       */
    struct histogram *service;    /* times of the batch that counts; of an open
                                     loop from the intended start       */
    struct sample_span *spans;    /* of its first tasks; NULL: not wanted */
    size_t span_count;
    bool is_told;          /* a lane has counted for itself:   */
    double told_cpu_s;     /* user and system; NAN: unknown    */
    double told_rss_bytes; /* of its largest process           */
    char why[256];         /* what went wrong first; "" nothing */
};

/* Room for the numbers of one sample, used again for the next. */
struct sample_room;

/* For samples with up to `warmup` warm-up batches, and the spans of up to
 * `spans` tasks. NULL without memory. */
struct sample_room *sample_room_create(size_t warmup, size_t spans);
void sample_room_destroy(struct sample_room *room);

/* What this process and all that it has reaped have used so far. */
void sample_usage(struct rusage *usage);

/* Up to where what was used is the batch's: to the results, where its workers
 * are the child's own threads; of others it is known when they have ended, so to
 * the child's end, `all`. */
const struct rusage *sample_usage_end(const struct sample_numbers *numbers,
                                      const struct rusage *all);

/* Says what went wrong, unless something has before. For a lane. */
void sample_blame(struct sample_numbers *numbers, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The numbers of a sample that cannot be taken. */
const struct sample_numbers *sample_refuse(struct sample_room *room,
                                           const char *why);

/* The numbers that lie there, where another process has measured: as far as
 * they go, whatever foreign code has written over them. */
const struct sample_numbers *sample_numbers(struct sample_room *room);

/*
 * Measures. Returns how the child ended; `*numbers` is lent until the next
 * call and is good as far as it goes. Where anything is wrong, `why` says it.
 */
struct child_report sample_measure(struct sample_room *room,
                                   const struct sample_setup *setup,
                                   const struct sample_numbers **numbers);

#endif
