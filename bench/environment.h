/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ENVIRONMENT_H
#define BENCH_ENVIRONMENT_H

/*
 * Where a run was measured: the `env` part of a record, with the checks that
 * say what about this machine makes its numbers doubtful.
 */
#include <stdbool.h>

#include "facts.h"
#include "machine.h"

/* Fills `env` as results/README.md describes it. False without memory. */
bool environment_describe(const struct machine_cpu *cpu, struct facts *env);

#endif
