/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

/*
 * The plan of a run: which cases there are and how often each is measured.
 * Everything that can be refused is refused while it is made, so that a plan
 * which exists can be run.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/cf.h>

#include "lane.h"
#include "open_loop.h"
#include "options.h"
#include "order.h"
#include "pythons.h"
#include "record.h"
#include "workload.h"

/* Of a workload that is one of several with tasks of different lengths. */
struct plan_grain {
    size_t parameter; /* the index of the one that sets it */
    double wanted_s;  /* 0: it is none                     */
};

struct plan_workload {
    const struct wl_workload *workload;
    char *id;         /* in the record; NULL: the workload's name */
    const char *side; /* "old" or "new"; NULL: there are no sides */
    struct plan_grain grain;
    char **texts; /* "name=value": its parameters that are given */
    size_t text_count;
    bool owns_workload;           /* its table is freed with the plan */
    struct wl_value *values;      /* one per parameter of its table */
    const struct lane *lane_only; /* no other backend can run it; NULL: any */
    size_t tasks;
    size_t tasks_least;  /* where they are ours to choose; 0: the standard */
    bool has_free_tasks; /* nobody said how many */
    bool is_prepared;
    struct wl_work work;
};

/* The i-th case of the plan is the i-th case of the record. */
struct plan_case {
    size_t workload; /* index */
    const struct cf_backend *backend;
    const struct lane *lane; /* in place of a backend; NULL: none */
    size_t workers;
    size_t rank_workers; /* of mpi: in each rank; else 0 */
    char rank_name[32];  /* then its name, as "mpi:4"    */
    size_t tasks;        /* its own number of them; 0: the workload's */
    const char *skipped; /* why it is not measured; NULL: it is */
};

struct plan {
    struct plan_workload *workloads;
    size_t workload_count;
    struct plan_case *cases;
    size_t case_count;
    struct pythons *pythons; /* NULL: no lane of theirs is in it */
    size_t blocks;
    bool is_set_up;        /* --setup has been begun */
    bool is_at_most;       /* fewer blocks where these are precise enough */
    bool is_in_rounds;     /* as many tasks to each worker, the rest left out */
    size_t chunk;          /* or CHUNK_AUTO */
    size_t warmup;         /* batches of each sample that do not count */
    struct open_loop loop; /* with a rate: tasks come when they come   */
    uint64_t seed;
    enum order_kind order;
};

/* The machine as far as `-j auto` asks. */
struct plan_machine {
    size_t usable;
    size_t cores;
};

/* From the command line, or from what an interrupted run has recorded. False:
 * one line has been said. Free it in any case. */
bool plan_make(const struct options *options,
               const struct plan_machine *machine, struct plan *plan);
bool plan_resume(const struct record *record, struct plan *plan);
/* Runs --cleanup first. False: that failed, which has been said. */
bool plan_free(struct plan *plan);
void plan_free_workloads(struct plan *plan);

/* Writes one more case down. False without memory. */
bool plan_record_case(const struct plan *plan, size_t index,
                      struct record *record);

/* Writes down in an empty record what is going to be measured. False without
 * memory. */
bool plan_record(const struct plan *plan, struct record *record);

/* Has every workload of ours make its input, then runs --setup; plan_free() will run
 * --cleanup. False: one line has been said. */
bool plan_prepare(struct plan *plan);

/* A workload as records and people know it. */
const char *plan_workload_id(const struct plan_workload *work);

/* The name of what runs the case, as records have it. */
const char *plan_backend_name(const struct plan_case *plan_case);

/* Says how many workers each rank is to have, 0 where it has none. */
void plan_set_rank_workers(struct plan_case *plan_case, size_t rank_workers);

/* How many workers the ranks of this job give its lane; elsewhere SIZE_MAX. */
size_t plan_most_workers(const struct plan_case *plan_case);

/* Do they differ in the worker count at most? */
bool plan_is_like(const struct plan_case *a, const struct plan_case *b);

/* Makes the input of all workloads anew, for so many tasks in each case. False:
 * one line has been said. */
bool plan_set_tasks(struct plan *plan, size_t tasks);

/* How many samples a complete run has. */
size_t plan_sample_count(const struct plan *plan);

/* How many tasks all cases like this one run, whatever their worker count; 0:
 * as many as can be dealt out evenly. */
size_t plan_told_tasks(const struct plan *plan,
                       const struct plan_case *plan_case);

/* How many of its workload's tasks a case runs. */
size_t plan_tasks(const struct plan *plan, const struct plan_case *plan_case);

/* The tasks a worker takes at a time in this case. */
size_t plan_chunk(const struct plan *plan, const struct plan_case *plan_case);

/* For building one, by plan_make() and plan_resume(): a zeroed case, all cases
 * of the workloads, and a workload by its name. NULL without memory, or without
 * such a workload (which has been said). */
struct plan_case *plan_add_case(struct plan *plan);
bool plan_add_cases(struct plan *plan, const struct options *options,
                    const struct plan_machine *machine);
/* All that the options name, with their parameters. False: has been said. */
bool plan_add_workloads(struct plan *plan, const struct options *options);
struct plan_workload *plan_add_workload(struct plan *plan, const char *name,
                                        size_t text_capacity);
/* The same with what its kind takes from the options. False: has been said. */
bool plan_add_named(struct plan *plan, const struct options *options,
                    const char *name);
/* Reads the texts into the values. False: one line has been said. */
bool plan_read_values(struct plan_workload *work);

#endif
