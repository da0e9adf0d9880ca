/* SPDX-License-Identifier: MIT */
#ifndef PROCESS_H
#define PROCESS_H

/* What the tests of the process backend share. */
#include "../shared.h"

/* With all workers ready, and with workers as work needs them. */
struct cf_executor *full_executor(size_t workers);
struct cf_executor *lazy_executor(size_t workers);

/* Memory that host and workers share, zeroed. Made before the executor. */
void *shared_memory(size_t bytes);

cf_function stand_at_gate; /* struct gate -> the worker's pid */

/* Keeps a worker busy until the gate is opened: it stands there. */
struct cf_future *occupy(struct cf_executor *executor, struct gate *gate);

cf_function tell_pid;  /* -> the worker's pid                          */
cf_function tell_host; /* -> the pid of the worker's parent: the zygote */
cf_function loop;      /* computes until it is asked to stop           */
cf_function nap;       /* int -> nothing: sleeps so many microseconds  */

/* Dies as its argument says: a signal's number, or 1000 + an exit code given
 * to exit(), or 2000 + one given to _exit(). */
cf_function die;

/* Waits for a result that must come; releases the future. */
int int_result(struct cf_future *future);

/* Waits for the end; the error's texts last as long as the future. */
struct cf_error error_of(struct cf_future *future);

/* Each call that asks how the task ended says that. */
void assert_told(struct cf_future *future, enum cf_status status);

/* Ten squares must come out right. */
void assert_serves(struct cf_executor *executor);

/* So many must, each submitted when the one before it has come back. */
void make_trips(struct cf_executor *executor, int count);

int64_t now_ns(void);

/* A descriptor of the process; and whether it ends within `timeout_ms`. */
int watch_process(int pid);
bool ends_within(int pidfd, int timeout_ms);

/* How often the thread of that name has gone to sleep; -1: there is none. */
long sleeps_of(const char *name);

/* Is the program instrumented? Then some numbers mean nothing. */
bool is_sanitized(void);

#endif
