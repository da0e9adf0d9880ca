/* SPDX-License-Identifier: MIT */
#ifndef SHARED_H
#define SHARED_H

/* What the tests of the executor share. */
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

/* A gate keeps tasks until it is opened: a pipe, so that it works across
 * processes and nobody polls. Made before the executor. */
struct gate {
    int out[2]; /* tasks say that they have come       */
    int in[2];  /* a byte for each task that may go on */
};
void gate_make(struct gate *gate);
void gate_await(struct gate *gate, int tasks); /* until so many stand there */
void gate_open(struct gate *gate, int tasks);
void gate_close(struct gate *gate);

/* A byte into and out of a descriptor of the host's, from any of its workers,
 * in a rank of the same machine too: the host's pid then is in the file that
 * CF_TEST_HOST names. False: it could not be. */
bool tell(int fd, char byte);
bool hear(int fd, char *byte);

/* What a task does there: arrives, waits. False: the gate is broken. */
bool gate_pass(const struct gate *gate);

cf_function square;       /* int -> int */
cf_function wait_at_gate; /* struct gate -> nothing */

struct cf_future *submit(struct cf_executor *executor, cf_function *function,
                         const void *arg, size_t arg_bytes);
struct cf_future *submit_int(struct cf_executor *executor,
                             cf_function *function, int number);
struct cf_future *submit_call(struct cf_executor *executor,
                              cf_function *function, const void *arg,
                              size_t arg_bytes, struct cf_call call);

/* A task that shares `count` buffers. */
struct cf_future *submit_with(struct cf_executor *executor,
                              cf_function *function, const void *arg,
                              size_t arg_bytes,
                              struct cf_buffer *const *buffers, size_t count);
struct cf_buffer *buffer_of(size_t bytes);

#endif
