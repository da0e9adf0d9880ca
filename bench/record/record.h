/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

/*
 * A record: cases, samples, summaries, comparisons and the environment of one
 * run, in memory. On disk it is one JSON document or, while the run goes on, a
 * journal of JSON lines (journal.h); results/README.md has the format. Names
 * and units here are those of the file. A number that is unknown is NAN, a
 * text that is unknown NULL. All texts and arrays belong to the record.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "histogram.h"

enum record_status { CASE_MEASURED, CASE_FAILED, CASE_SKIPPED };

struct record_parameter {
    char *name;
    char *value; /* as text; written as a JSON number where it is one */
};

/* Where a workload is one of several that differ in their tasks' length. */
struct record_grain {
    char *of;        /* the workload that they all are; NULL: it is none */
    char *parameter; /* that sets the length */
    double wanted_s; /* a task's length as asked for */
};

struct record_workload {
    char *id;
    char *klass; /* "cpu", "io", "mixed", "memory" */
    char *about;
    size_t tasks;
    struct record_parameter *parameters;
    size_t parameter_count;
    struct record_grain grain;
};

struct record_case {
    char *id;
    char *workload; /* the id of one of `workloads` */
    char *backend;
    size_t workers;
    size_t tasks;
    enum record_status status;
    char *reason;                        /* why failed or skipped, else NULL */
    struct record_parameter *parameters; /* its own, beside the workload's */
    size_t parameter_count;
};

/* A case's index in `cases`; NO_CASE where there is none. */
#define NO_CASE SIZE_MAX

/* The per-task latency of one sample. */
struct record_latency {
    char *kind; /* "service", or "response": from the intended start */
    uint64_t n; /* tasks; 0: not recorded, everything else is void */
    double max_s;
    double p50_s; /* NAN where fewer than 10/(1-p) tasks */
    double p90_s;
    double p99_s;
    double late_max_s; /* response: how late the generator was; else NAN */
    double late_mean_s;
    struct histogram *histogram; /* NULL where none was kept */
};

struct record_sample {
    size_t case_index;
    size_t block;    /* from 0 */
    size_t position; /* place in the block's order, from 0 */
    size_t iteration;
    bool warmup;
    double started_s; /* since the run's start */
    double elapsed_s; /* all workers ready .. last result consumed; NAN where
                         not verified */
    size_t tasks;
    double submit_s;
    double pool_create_s;
    double pool_destroy_s;
    double cpu_user_s;
    double cpu_sys_s;
    double switches_voluntary;
    double switches_involuntary;
    double faults_minor;
    double faults_major;
    double peak_rss_bytes;
    double disk_read_bytes; /* by the sample's processes */
    double disk_written_bytes;
    struct record_latency latency;
    double steal_s; /* environment deltas over the sample */
    double throttled_s;
    double foreign_s;      /* CPU time of others while none was idle */
    double io_stalled_s;   /* all that was not idle waited for a disk */
    double thermal_events; /* times that a CPU slowed down for its heat */
    double frequency_hz;   /* of the CPUs, at its end */
    bool verified;
    char *excluded_by; /* a cause of exclusion.h; NULL: counts */
    char *reason;      /* why elapsed_s is null, else NULL */
};

/* When a task ran, and where; seconds since its batch's start. */
struct record_span {
    size_t worker; /* from 0 */
    double submitted_s;
    double started_s;
    double finished_s;
};

/* The tasks of one batch of a case, one that is typical of it. */
struct record_trace {
    size_t case_index;
    size_t block;
    double elapsed_s;
    size_t tasks;              /* of the batch */
    struct record_span *spans; /* of its first tasks, by their number */
    size_t span_count;
};

struct record_summary {
    size_t case_index;
    char *metric;    /* throughput_per_s, elapsed_s, speedup_ratio, ... */
    double estimate; /* geometric mean over blocks */
    double ci95[2];
    double median;
    double median_ci95[2]; /* NAN below six blocks */
    size_t block_count;
    char *method; /* of ci95: "t-log" (t on logs of block values),
                           "bca-log" (bootstrap over blocks), "pooled" */
    size_t base;  /* of a ratio: the case divided by; else NO_CASE */
    char *reason; /* why something above is NAN, else NULL */
};

struct record_comparison {
    size_t a, b; /* cases; ratio is the metric of a over that of b */
    char *metric;
    double ratio;
    double ci95[2];
    bool paired;
    double delta_ratio;   /* the smallest difference that counts */
    char *verdict;        /* of a against b, in time: "faster", "slower",
                           "equivalent", "inconclusive" */
    double blocks_needed; /* NAN: unknown */
    double p_adjusted;
    double detectable_ratio; /* the slowdown that would be called "slower" in 4
                                of 5 such comparisons; NAN: not worked out */
    char *method; /* of the interval: "t", "max-t", "bonferroni", "wilcoxon";
                     NULL: not known */
    char *reason; /* why something above is NAN, else NULL */
};

#define MODEL_NUMBERS 3

/* A parameter of a model. */
struct record_model_parameter {
    char *name; /* "gamma", "alpha", "beta", "cap_per_s", "smt_ratio" */
    double value;
    double ci95[2];        /* by bootstrap */
    double standard_error; /* delta method; NAN at an end of its range */
    double t_ci95[2]; /* by the standard error; for comparison with others */
};

/* The worker count with the highest throughput, as the model has it. */
struct record_peak {
    double workers;          /* NAN: more is always better, or all are equal */
    double ci95[2];          /* an end may be INFINITY, in the file null */
    double whole_workers;    /* the whole number beside it that is best */
    double throughput_per_s; /* there, or what it approaches */
    double throughput_ci95[2]; /* as above */
    bool identified;           /* by the data, not by the model alone */
    char *reason;              /* why not, else NULL */
};

/* The model's curve, for drawing. Past `range` it is a guess. */
struct record_curve_point {
    double workers;
    double throughput_per_s;
    double ci95[2];
};

/* A model that competed. */
struct record_candidate {
    char *model;
    double aicc; /* NAN: too few values */
    double lack_of_fit_p;
};

/* How throughput follows the worker count. */
struct record_model {
    char *workload; /* or the name of a file of values */
    char *backend;  /* NULL: of no backend of ours */
    char *model;    /* "usl", "amdahl", "linear", "saturation", ... */
    char *formula;
    char *objective; /* "log" or "ols" */
    struct record_model_parameter parameters[MODEL_NUMBERS];
    size_t parameter_count;
    struct record_peak peak;
    bool misfit;           /* the model is not what the values follow */
    char *reason;          /* why it is a misfit, else NULL */
    double range[2];       /* of worker counts measured */
    size_t value_count;    /* rows, or block values */
    size_t count_count;    /* distinct worker counts */
    size_t block_count;    /* 0: values are independent */
    char *method;          /* of the intervals: "bootstrap-blocks", ... */
    double residual_error; /* standard deviation; of logs where log */
    double df;
    double aicc;
    double lack_of_fit_p;
    double runs_z;
    double durbin_watson;
    double
        last_error_ratio; /* of a prediction of the largest count without it */
    struct record_candidate *candidates;
    size_t candidate_count;
    struct record_curve_point *curve;
    size_t curve_count;
    char **warnings;
    size_t warning_count;
};

/* Another way of choosing, and what it would have cost. */
struct record_alternative {
    char *name; /* "nproc" */
    size_t workers;
    double regret_ratio; /* of throughput, to the best; NAN: not measured */
};

struct record_texts {
    char **list;
    size_t count;
};

/* How many workers (advice.h). What is unknown where there is no answer: NAN. */
struct record_recommendation {
    char *workload;
    char *backend; /* NULL: there is no answer, and `reason` says why */
    char *goal;    /* "knee", "throughput", ... */
    double within_ratio;
    double slo_s;                /* goal latency: what is to be kept; else 0 */
    double slo_percentile;       /* of the tasks, as 0.99 */
    double min_efficiency_ratio; /* goal efficiency: the least; else 0 */
    double workers;
    double confidence_set[2]; /* first and last count that may be the truth */
    double good_set[2];       /* that are as good; NAN: not even it is */
    double throughput_per_s;
    double regret_ratio; /* 1 - throughput over that of the best */
    double regret_ci95[2];
    size_t point_count;
    size_t run_count;
    bool shown;     /* beyond the error, not by the estimates alone */
    bool confirmed; /* by fresh samples */
    char *best_backend;
    double best_workers;
    char *cause; /* "cpu_exhausted", "quota", ..., "none" */
    struct record_texts evidence;
    struct record_texts limits;
    struct record_alternative *alternatives;
    size_t alternative_count;
    char *paste; /* what to type elsewhere */
    char *reason;
};

struct record {
    struct facts *tool; /* never NULL in a record read or created */
    struct facts *run;
    struct facts *env;
    struct record_workload *workloads;
    size_t workload_count;
    struct record_case *cases;
    size_t case_count;
    struct record_sample *samples;
    size_t sample_count;
    struct record_trace *traces; /* one for each case at most */
    size_t trace_count;
    struct record_summary *summaries;
    size_t summary_count;
    struct record_comparison *comparisons;
    size_t comparison_count;
    struct record_model *models;
    size_t model_count;
    struct record_recommendation *recommendations;
    size_t recommendation_count;
    bool from_journal; /* read from the journal of a run that did not end */
    double median_hz;  /* of a part (part.h): of its whole; else 0 */
};

/* One line about what failed and why, for the user. */
struct record_error {
    char text[512];
};

struct record *record_create(void); /* empty; NULL without memory */
void record_destroy(struct record *record);

/*
 * Append a zeroed element and lend it (until the next append of its kind);
 * NULL without memory. Numbers that mean "unknown" must be set to NAN by the
 * caller where they are.
 */
struct record_workload *record_add_workload(struct record *record);
struct record_case *record_add_case(struct record *record);
struct record_sample *record_add_sample(struct record *record);

struct record_recommendation *record_add_recommendation(struct record *record);
/* False without memory. */
bool record_add_text(struct record_texts *texts, const char *text);
bool record_add_alternative(struct record_recommendation *to, const char *name,
                            size_t workers, double regret_ratio);

const struct record_workload *record_workload(const struct record *record,
                                              const char *id);
/* The case of that workload, backend and worker count; NO_CASE: none. */
size_t record_find_case(const struct record *record, const char *workload,
                        const char *backend, size_t workers);
/* The loop without an executor that a backend's speed-up is over, in the same
 * language: "cpython-serial" for "cpython-thread", else "serial", which is also
 * that of "cpython-serial" itself. NO_CASE: none. */
size_t record_serial_case(const struct record *record, const char *workload,
                          const char *backend);
/* Is it a loop without an executor, of any language? It has no workers. */
bool record_is_loop(const char *backend);
/* Is it known that the workload's tasks are equally long? Those of users may be
 * anything. */
bool record_has_equal_tasks(const struct record_workload *workload);

/* Do its tasks compute and nothing else, as far as that is known before they
 * run? A Python function of somebody's may as well wait. */
bool record_is_computing(const struct record_workload *workload);
/* Was it measured by another tool, one case after the other? */
bool record_is_foreign(const struct record *record);
/* Are a case's tasks what its workers share? Not what a command with its own
 * workers does, and not where another tool counted. */
bool record_shares_tasks(const struct record *record,
                         const struct record_case *one);
/* The recommendation about a workload that has an answer. NULL: none. */
const struct record_recommendation *
record_find_recommendation(const struct record *record, const char *workload);
/* The summary of a case; `base` NO_CASE unless a ratio. NULL: none. */
const struct record_summary *record_find_summary(const struct record *record,
                                                 size_t case_index,
                                                 const char *metric,
                                                 size_t base);

/*
 * Reads a record from `path`, document or journal, "-" for none of both.
 * Anything else (absent, truncated document, foreign JSON, newer major
 * version) is NULL with one line in `error`. A journal whose last line is cut
 * is read without it.
 */
struct record *record_read(const char *path, struct record_error *error);

/* The same from what was read from `path`: a pipe is read once. `text` has a NUL
 * behind it; its bytes are used up. */
struct record *record_read_text(const char *path, char *text, size_t length,
                                struct record_error *error);

/* Is there a file at `path` that record_read() would take? (Whether a run may
 * replace it.) */
bool record_is_record(const char *path);

/*
 * Writes the document to `path`, replacing what is there by rename, so that a
 * reader, a crash or a full disk find the old file or the new one. False with
 * one line in `error`; then the old file is untouched.
 */
bool record_write(const struct record *record, const char *path,
                  struct record_error *error);

/* Computes `summaries` and `comparisons` from the samples anew: summarize.h
 * says how. False without memory. */
bool record_summarize(struct record *record);

#endif
