/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SAMPLE_RECORD_H
#define BENCH_SAMPLE_RECORD_H

/* What a sample has come to, put into the units and names of the record. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pressure.h"
#include "record.h"
#include "sample.h"

struct sample_taken {
    const struct sample_setup *setup;
    const struct sample_numbers *numbers;
    struct child_report report;
    struct pressure pressure; /* while it was taken */
    size_t case_index;
    size_t block;
    size_t position;
    int64_t epoch_ns; /* the run's start */
};

/* Appends the sample, and its warm-up batches before it. False without
 * memory. */
bool sample_record(const struct sample_taken *taken, struct record *record);

/* Adds every batch that was verified, as a warm-up. */
bool sample_record_warmups(const struct sample_taken *taken,
                           struct record *record);

#endif
