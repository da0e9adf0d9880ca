/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_H
#define FUZZ_H

/*
 * A target takes bytes that nobody vouches for and does with them what cfbench
 * does. It must come back: no crash, no sanitizer's complaint, no abort().
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The name by which libFuzzer finds it; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* A path under which the bytes can be read, until the next call. */
const char *file_of(const uint8_t *data, size_t bytes);

/* Where output goes that nobody looks at. */
FILE *nowhere(void);

/* A path in a folder of its own that goes with the process. */
const char *output_path(void);

/* What must hold whatever the bytes are. */
#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: " #condition "\n", __FILE__, __LINE__);    \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
