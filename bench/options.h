/* SPDX-License-Identifier: MIT */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

/*
 * What `cfbench run` was asked for. Texts point into argv. Numbers and lists
 * are checked here, names of workloads, backends and parameters where they are
 * looked up (plan.h).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "advice_flags.h"
#include "command_flags.h"
#include "open_loop.h"
#include "order.h"
#include "versus_flags.h"
#include "workers.h"

/* The chunk that means: some chunks per worker. */
#define CHUNK_AUTO SIZE_MAX

/* The warm-up that means: as many batches as it takes. */
#define WARMUP_AUTO SIZE_MAX

/* Where neither a flag nor the record that is resumed says it. */
#define LIMIT_STANDARD_S 300.0
#define GAP_STANDARD_S   0.05

struct options {
    const char **workloads; /* as typed, in order */
    size_t workload_count;
    const char **parameters; /* each "[WORKLOAD.]NAME=VALUE" */
    size_t parameter_count;
    const char **pythons; /* interpreters */
    size_t python_count;
    const char **arguments; /* each a list as JSON */
    size_t argument_count;
    const char *argument_file;    /* such lists, one a line; NULL: none */
    const char *grain;            /* lengths of a task; NULL: as they are  */
    const char *backends;         /* a comma list; NULL: the default         */
    const char *backends_default; /* NULL: that of backends.h */
    struct workers workers;       /* empty: auto                           */
    struct workers rank_workers;  /* in each rank of mpi; empty: one       */
    size_t tasks;                 /* 0: chosen for the worker counts       */
    size_t tasks_least;           /* of those; 0: the standard             */
    size_t lane_tasks_least;      /* of an interpreter's lanes, if there are
                                     as many; 0: one for each worker        */
    size_t blocks;                /* at most so many where `precision` is set */
    double precision;             /* 0: not asked for; 0.01 is 1 %            */
    size_t chunk;                 /* 1 .., or CHUNK_AUTO */
    size_t warmup;                /* batches, or WARMUP_AUTO           */
    struct open_loop loop;        /* rate 0: a closed loop             */
    double budget_s;              /* INFINITY: none */
    double limit_s; /* of one sample; NAN: as the resumed run has it */
    double gap_s;   /* of rest between two samples; NAN: the same    */
    uint64_t seed;
    enum order_kind order;
    struct advice_options advice;   /* of `cfbench recommend` */
    struct versus_options versus;   /* of `compare` and `gate` */
    struct command_options command; /* what stands after `--` */
    const char *name;               /* NULL: made from the workloads */
    const char *output;             /* NULL: made from the name      */
    const char *resume;             /* NULL: a new run               */
    const char *plan_flag; /* the last flag given that shapes the plan */
    bool force;
    bool ignore_failure;
    bool trace;
    bool dry_run;
};

enum options_end { OPTIONS_READ, OPTIONS_HELPED, OPTIONS_WRONG };

/*
 * Reads the words after "cfbench"; argv[0] is "run" or another
 * that measures. OPTIONS_HELPED: --help
 * has been answered. OPTIONS_WRONG: one line has been said. In each case
 * options_free() frees what it holds.
 */
enum options_end options_read(int argc, char **argv, struct options *options);
void options_free(struct options *options);

#endif
