/* SPDX-License-Identifier: MIT */
#ifndef BENCH_WORKER_LIMITS_H
#define BENCH_WORKER_LIMITS_H

/* How many workers it makes sense to look at, and what says so. */
#include <stdbool.h>
#include <stddef.h>

#include "machine.h"
#include "record.h"

/* What one worker was seen to take, a task. */
struct limits_pilot {
    double cpu_s;
    double wait_s;
    double rss_bytes;  /* of the processes together; NAN: unknown */
    bool is_computing; /* by what it is: if it waits, then for others */
};

struct limits {
    size_t most;
    size_t goetz; /* usable CPUs x (1 + wait / CPU), no more than 65536 */
    bool is_waiting;
    struct record_texts texts; /* what bounds `most`, the tightest first */
};

/* `cap` is the user's own limit, 0: none; `tasks` those of a sample. False
 * without memory. The texts are the caller's to free. */
bool limits_find(const struct machine_cpu *cpu,
                 const struct limits_pilot *pilot, size_t tasks, size_t cap,
                 struct limits *limits);
void limits_finish(struct limits *limits);

#endif
