/* SPDX-License-Identifier: MIT */
#ifndef BENCH_BATCHES_H
#define BENCH_BATCHES_H

/* What a sample's process does with its executor. */
#include "sample.h"

/* Runs the warm-up batches and the one that counts, and puts what they took
 * into `numbers`; or what went wrong, and then none after it. */
void batches_take(struct cf_executor *executor,
                  const struct sample_setup *setup,
                  struct sample_numbers *numbers);

/* "what: STATUS: the library's words", unless something went wrong before. */
void batches_blame(struct sample_numbers *numbers, const char *what,
                   enum cf_status status);

#endif
