/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FINDINGS_PYTHON_IMPL_H
#define RECORD_FINDINGS_PYTHON_IMPL_H

/* What the files of this noun share. */
#include <stdbool.h>
#include <stddef.h>

#include "blocks.h"
#include "findings_python.h"
#include "statistics.h"

#define PYTHON_PREFIX "cpython"

enum {
    PYTHON_NAME_CHARS = 40,
    PYTHON_NAME_BYTES = 4 * PYTHON_NAME_CHARS + 4,
    PYTHON_LABEL_BYTES = 48,
    PYTHON_TEXT_BYTES = 96,
};

struct python_findings {
    const struct record *record;
    struct all_blocks blocks;
    struct findings *findings;
    bool has_memory;
};

/* The knee of the interpreter's lane ("cpython3.14t", "thread"); NO_CASE. */
size_t python_knee(const struct record *record, const char *workload,
                   const char *label, const char *executor);

/* Tasks per second of a case; NAN. */
double python_rate(const struct record *record, size_t case_index);

/* The time of a task in `a` over that in `b`, paired by blocks; NAN where
 * either is NO_CASE. */
struct estimate python_ratio(const struct python_findings *work, size_t a,
                             size_t b);
const char *python_ratio_text(const struct estimate *ratio, char text[96]);

/* The workload's name, fit for a sentence. */
void python_name(const struct python_findings *work, size_t workload,
                 char name[PYTHON_NAME_BYTES]);

/* "CPython 3.14.0 (GIL off)", as the record's environment has it. */
const char *python_interpreter(const struct python_findings *work,
                               const char *label, char text[PYTHON_TEXT_BYTES]);

/* Adds a sentence, or remembers that there was no memory for it. */
void python_say(struct python_findings *work, size_t workload,
                const char *headline, const char *text);

bool python_is_payload(const struct record_workload *workload);
void python_say_boundary(struct python_findings *work, size_t workload);
void python_say_crossover(struct python_findings *work, size_t workload,
                          const char *label);

#endif
