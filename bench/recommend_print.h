/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RECOMMEND_PRINT_H
#define BENCH_RECOMMEND_PRINT_H

/* Answers in words, to stdout. */
#include <stdbool.h>

#include "record.h"

/* All recommendations of a record, or their numbers alone, one a line. */
void recommend_print(const struct record *record, bool is_number_alone);

#endif
