/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FINDINGS_PYTHON_H
#define RECORD_FINDINGS_PYTHON_H

/*
 * What somebody who writes Python wants to know of a record with CPython's
 * lanes, in sentences with intervals. Nothing is said of what was not measured.
 */
#include "findings.h"

/*
 * For each workload and interpreter: what its threads and processes bring over
 * its own serial loop and get done, and which of them to use with how many
 * workers; what the interpreter costs (its serial loop beside C's); what a GIL
 * costs the same C code. Of `payload`: what the way through a worker process
 * costs, pickled by CPython and copied by us. Last, from which length of a task
 * on processes pay. False without memory.
 */
bool findings_python(const struct record *record, struct findings *findings);

/* What a task costs that only carries bytes to a worker process and back. */
struct python_boundary {
    double in_bytes;
    double out_bytes;
    size_t workers;
    double python_s; /* of the pool's time, per task */
    double c_s;
    double ratio; /* of the two, paired by blocks, with its interval */
    double ci95[2];
};

/* Of the workload, where it is a `payload` on both; false where it is not. */
bool findings_python_boundary(const struct record *record, size_t workload,
                              struct python_boundary *boundary);

/* Is there anything to say? */
bool findings_python_any(const struct record *record);

#endif
