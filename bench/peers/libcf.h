/* SPDX-License-Identifier: MIT */
#ifndef LIBCF_H
#define LIBCF_H

/* The driver of libcf: libcf.c has the threads' cases and what is shared,
 * libcf_queued.c those of held workers, libcf_process.c those of processes. */
#include <cf/cf.h>

#include "peer.h"

cf_function libcf_empty;

/* Ends the driver where libcf reports a failure. */
void libcf_must(enum cf_status status);

struct cf_executor *libcf_start(const struct peer_run *run, bool processes);

struct cf_future *libcf_submit(struct cf_executor *executor,
                               cf_function *function, const void *arg,
                               size_t bytes);

/* Of empty tasks, so many, as the variant has it. */
void libcf_submit_empty(const struct peer_run *run,
                        struct cf_executor *executor,
                        struct cf_future **futures, size_t count);

/* Waits for each and releases it. */
void libcf_collect(struct cf_future **futures, size_t count);

/* One empty task there and back; `context` is the executor. */
void libcf_trip(void *context);

/* "t1" and "p1", "t5" and "p1m". */
void libcf_run_empty(const struct peer_run *run, bool processes);
void libcf_map_squares(const struct peer_run *run, bool processes);

void libcf_memory(const struct peer_run *run);
void libcf_stages(const struct peer_run *run);

void libcf_p1(const struct peer_run *run);
void libcf_p1m(const struct peer_run *run);
void libcf_p2(const struct peer_run *run);
void libcf_p3(const struct peer_run *run);
void libcf_p4(const struct peer_run *run);
void libcf_p5(const struct peer_run *run);
void libcf_p6(const struct peer_run *run);

#endif
