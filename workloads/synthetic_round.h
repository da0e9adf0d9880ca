/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_SYNTHETIC_ROUND_H
#define CFBENCH_SYNTHETIC_ROUND_H

/*
 * N tasks of a round are to end together. Handing them out takes a while, and
 * waking up from one and coming to the next: who comes late counts from when it
 * should have begun, as long as that is a small part of its wait. Later than
 * that it was not one of N that run at once, and waits as long as any other.
 */
#include <stdatomic.h>
#include <stdint.h>

struct wl_rounds {
    _Atomic int64_t begun_ns; /* the first task of the first round; 0: none */
};

/*
 * When a task counts as begun that comes at `now_ns`, waits `wait_ms`, and
 * whose round begins `after_ms` after the first. The first round begins with
 * the first task of it that comes.
 */
int64_t wl_rounds_join(struct wl_rounds *rounds, int64_t now_ns,
                       double after_ms, double wait_ms);

#endif
