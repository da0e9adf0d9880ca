/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RUN_FACTS_H
#define BENCH_RUN_FACTS_H

/* What a record says about the program that made it and about its run: its
 * `tool` and `run` parts. False without memory. */
#include <stdbool.h>

#include "facts.h"
#include "options.h"
#include "plan.h"

bool run_facts_tool(struct facts *tool);

/* Who, when, by which command. `argv` starts with "run". */
bool run_facts_begin(const struct options *options, int argc, char **argv,
                     const struct plan *plan, struct facts *run);

/* How samples are taken stays as it was where no flag says another thing; the
 * facts become what holds from here on. */
bool run_facts_resume(struct options *options, struct facts *run);

/* How it ended, or would have, if the process ended now. */
bool run_facts_end(struct facts *run, bool partial, const char *stop_reason,
                   double duration_s);

#endif
