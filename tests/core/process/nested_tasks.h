/* SPDX-License-Identifier: MIT */
#ifndef NESTED_TASKS_H
#define NESTED_TASKS_H

/* What tests of tasks that submit tasks share. */
#include <stdatomic.h>

#include "process.h"

#define MS 1000000LL

/* Where host and workers see what a task has come to. */
struct seen {
    _Atomic int pids[2];
    _Atomic int started;
    int codes[2];
    char texts[2][160];
};

/* Everything a task here needs to know: the host's memory is not shared. */
struct plan {
    struct gate gate;
    struct gate own_gate; /* where it needs a second one */
    struct seen *seen;
    int64_t timeout_ns;
    int number;
};

struct plan plan_of(int number);

/* struct plan -> its number: stands at the gate, having noted where it runs. */
cf_function stand;

#endif
