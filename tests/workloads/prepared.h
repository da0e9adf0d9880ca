/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PREPARED_H
#define TESTS_PREPARED_H

/* A workload made ready as cfbench does it, for tests. */
#include <cf/cf.h>

#include "workload.h"

struct prepared {
    const struct wl_workload *workload;
    size_t tasks;
    struct wl_value values[8];
    struct wl_work work;
    char why[256];
};

/* `texts` ends with a NULL; may be NULL itself. Returns what the parsing or
 * prepare() answered. */
enum cf_status prepare(struct prepared *prepared, const char *name,
                       const char *const *texts, size_t tasks, uint64_t seed);

/* The same, where it must succeed. */
void must_prepare(struct prepared *prepared, const char *name,
                  const char *const *texts, size_t tasks, uint64_t seed);

/* Runs all its tasks and demands that every output is right. */
void must_run(struct prepared *prepared, struct cf_executor *executor);

/* The executor or the failure of the test. */
struct cf_executor *must_create(const struct cf_backend *backend,
                                size_t workers);

void dispose(struct prepared *prepared);

#endif
