/* SPDX-License-Identifier: MIT */
#ifndef BENCH_FIT_PRINT_H
#define BENCH_FIT_PRINT_H

/* A fitted model in words, on stdout, within 80 columns. */
#include "record.h"

void fit_print(const struct record_model *model);

#endif
