/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

/* Runs a plan: block after block, sample after sample, into a record and its
 * journal. */
#include <stdbool.h>
#include <stdint.h>

#include "joblog.h"
#include "journal.h"
#include "plan.h"
#include "progress.h"
#include "record.h"

struct runner_setup {
    const struct plan *plan; /* prepared */
    struct record *record;   /* has the plan's cases, in its order, and the
                                samples of the run that is resumed, if any */
    struct journal *journal; /* NULL: none is kept */
    struct joblog *joblog;   /* NULL: none */
    bool is_quiet;           /* no progress is shown */
    bool is_traced;          /* traces are kept */
    bool is_pilot;           /* what is measured now is a warm-up */
    double precision;        /* to stop at; 0: not before the last block */
    double budget_s;         /* INFINITY: none                        */
    double limit_s;          /* of one sample                         */
    double gap_s;            /* of rest between samples               */
    double elapsed_s;        /* of the run before this part of it     */
};

enum runner_end {
    RUNNER_COMPLETE,    /* all blocks                                  */
    RUNNER_PRECISION,   /* its intervals are narrow enough             */
    RUNNER_BUDGET,      /* another block would not have fitted         */
    RUNNER_INTERRUPTED, /* what was finished is in the record          */
    RUNNER_TROUBLE,     /* the journal cannot be written: has been said */
};

/* Measures what the record lacks. A case that fails is marked so, with its
 * reason, and not tried again; the others go on. */
enum runner_end runner_run(const struct runner_setup *setup);

/*
 * The same sample by sample, for a run whose cases are decided on the way: they
 * may be added to plan, record and journal at any time. NULL without memory.
 */
struct runner *runner_open(const struct runner_setup *setup);
void runner_close(struct runner *runner);

/* Measures a case once, after a rest. False: the journal cannot be written,
 * which has been said. After an interrupt nothing may have been added. */
bool runner_take(struct runner *runner, size_t block, size_t position,
                 size_t index);

/*
 * Runs as many batches of a case as the plan's warm-up and one more in one
 * process, and keeps them in the record as warm-ups. Fills the time of each and
 * how many there were before something ended it. False: no memory (said).
 */
bool runner_pilot(struct runner *runner, size_t index, double *times_s,
                  size_t *count);

/* Measures a case once, after a rest, and keeps nothing: the time of its batch
 * in seconds; NAN where it failed, or after an interrupt. */
double runner_try(struct runner *runner, size_t index);

#endif
