/* SPDX-License-Identifier: MIT */
#ifndef BUFFER_TASKS_H
#define BUFFER_TASKS_H

/* What the tests of buffers between processes let their tasks do. */
#include "process.h"

cf_function count_up;   /* adds one to the first int of each of its buffers */
cf_function make_one;   /* returns a buffer of 100 bytes, each of them 5    */
cf_function count_open; /* -> the descriptors that its process has open     */

/* The task counts up, and the host sees it. */
void assert_counts_up(struct cf_executor *executor, struct cf_buffer *buffer);

/* A task whose result is of no interest, but that it is CF_OK. */
void run_int(struct cf_executor *executor, cf_function *function, int number);

int count_descriptors(void); /* that this process has open */

#endif
