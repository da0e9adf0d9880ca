/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RECOMMEND_COURSE_H
#define BENCH_RECOMMEND_COURSE_H

/* Measures what the advice asks for, until it has an answer. */
#include <stdbool.h>

#include "journal.h"
#include "machine.h"
#include "options.h"
#include "plan.h"
#include "record.h"

struct course {
    const struct options *options;
    const struct machine_cpu *cpu;
    struct plan *plan; /* one case of one worker for each lane */
    struct record *record;
    struct journal *journal; /* NULL: none is kept */
    int64_t start_ns;
    size_t block;      /* the next one                        */
    bool is_budget_up; /* an answer was given with less than asked for */
};

enum course_end {
    COURSE_ANSWERED,    /* or there is none, which the recommendation says */
    COURSE_INTERRUPTED, /* no recommendation was added                     */
    COURSE_TROUBLE,     /* it has been said                                */
};

/* One workload of the plan; adds its recommendation, but for the cause, to the
 * record. */
enum course_end course_take(struct course *course, size_t workload);

#endif
