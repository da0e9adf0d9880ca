/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_SQUARES_H
#define CFBENCH_SQUARES_H

/*
 * Sums of squares modulo 2^64: a computation of any length, one cycle a step,
 * whose right answer is known without the loop.
 */
#include <stdbool.h>
#include <stdint.h>

#include <cf/task.h>

/* The sum of i * i for from <= i < to, by a loop. */
uint64_t wl_squares_loop(uint64_t from, uint64_t to);

/* The sum of i * i for i < n, by the closed form; 2n below 2^64. */
uint64_t wl_squares_known(uint64_t n);

/* A whole task: by the loop with the stops that a task owes its executor. A
 * task that is asked to end early has failed. */
CF_MUST_CHECK
enum cf_status wl_squares_task(struct cf_task *task, uint64_t n, uint64_t *sum);

/* Is `output` the sum of i * i for i < n? */
bool wl_squares_verify(uint64_t n, const void *output, size_t output_bytes);

#endif
