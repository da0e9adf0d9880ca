/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RANKS_H
#define BENCH_RANKS_H

#include <stdbool.h>

#include "facts.h"

/* Started by an MPI launcher: how many ranks serve, and on which machines, into
 * `env`. Elsewhere it adds nothing. False without memory. */
bool ranks_describe(struct facts *env);

#endif
