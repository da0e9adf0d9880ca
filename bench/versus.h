/* SPDX-License-Identifier: MIT */
#ifndef BENCH_VERSUS_H
#define BENCH_VERSUS_H

/* `compare --vs` and `gate --vs`: old and new side by side in one run. */
#include <stdbool.h>

#include "session.h"

/* Exit codes of a gate beside those of say.h. */
enum { EXIT_SLOWER = 1, EXIT_INCONCLUSIVE = 3 };

/*
 * From the options, which have both sides, to a document with the comparisons
 * (sides.h): chooses the number of tasks where it was left open. False: one
 * line has been said.
 */
bool versus_measure(struct session *session, enum runner_end *end);

int versus_command(int argc, char **argv);

/* The comparisons of such a record as a table, and what to doubt. */
void versus_print(const struct session *session, enum runner_end end);

#endif
