/* SPDX-License-Identifier: MIT */
#ifndef PROCESS_H
#define PROCESS_H

/* What the tests of the process backend share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cf/cf.h>

#define assert_status(call, expected)                                          \
    assert_string_equal(cf_status_name(call), cf_status_name(expected))

/* With all workers ready, and with workers as work needs them. */
struct cf_executor *full_executor(size_t workers);
struct cf_executor *lazy_executor(size_t workers);

/* Memory that host and workers share, zeroed. Made before the executor. */
void *shared_memory(size_t bytes);

/* A gate as in the conformance tests: tasks arrive, wait, are let through. */
struct gate {
    int out[2];
    int in[2];
};
void gate_make(struct gate *gate);
void gate_await(struct gate *gate, int tasks);
void gate_open(struct gate *gate, int tasks);
void gate_close(struct gate *gate);
cf_function stand_at_gate; /* struct gate -> the worker's pid */

cf_function square;    /* int -> int                                   */
cf_function tell_pid;  /* -> the worker's pid                          */
cf_function tell_host; /* -> the pid of the worker's parent: the zygote */
cf_function loop;      /* computes until it is asked to stop           */

struct cf_future *submit(struct cf_executor *executor, cf_function *function,
                         const void *arg, size_t arg_bytes);
struct cf_future *submit_int(struct cf_executor *executor,
                             cf_function *function, int number);

/* Waits for a result that must come; releases the future. */
int int_result(struct cf_future *future);

/* Waits for the end; the error's texts last as long as the future. */
struct cf_error error_of(struct cf_future *future);

/* Ten squares must come out right. */
void assert_serves(struct cf_executor *executor);

int64_t now_ns(void);

/* A descriptor of the process; and whether it ends within `timeout_ms`. */
int watch_process(int pid);
bool ends_within(int pidfd, int timeout_ms);

/* Is the program instrumented? Then some numbers mean nothing. */
bool is_sanitized(void);

#endif
