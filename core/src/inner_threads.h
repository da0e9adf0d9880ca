/* SPDX-License-Identifier: MIT */
#ifndef CFI_INNER_THREADS_H
#define CFI_INNER_THREADS_H

#include <stddef.h>

struct cf_executor;

typedef void cfi_inner_setter(int threads);
#define CFI_INNER_SETTERS 4

/* Finds whom to tell how many threads a task's own OpenMP or BLAS may use:
 * `wanted` as in the options, 0 for an equal share of the usable CPUs. */
void cfi_inner_threads_find(struct cf_executor *executor, size_t wanted);

/* Tells them, for the worker that calls. Takes no lock. */
void cfi_inner_threads_limit(const struct cf_executor *executor);

#endif
