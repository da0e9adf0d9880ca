/* SPDX-License-Identifier: MIT */
#include "shared.h"

#include <unistd.h>

void gate_make(struct gate *gate)
{
    assert_int_equal(pipe(gate->out), 0);
    assert_int_equal(pipe(gate->in), 0);
}

void gate_await(struct gate *gate, int tasks)
{
    char byte;
    while (tasks-- > 0)
        assert_int_equal(read(gate->out[0], &byte, 1), 1);
}

void gate_open(struct gate *gate, int tasks)
{
    while (tasks-- > 0)
        assert_int_equal(write(gate->in[1], "", 1), 1);
}

void gate_close(struct gate *gate)
{
    for (int i = 0; i < 2; i++) {
        close(gate->out[i]);
        close(gate->in[i]);
    }
}

bool gate_pass(const struct gate *gate)
{
    char byte;
    return write(gate->out[1], "", 1) == 1 && read(gate->in[0], &byte, 1) == 1;
}

enum cf_status square(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    int n = *(const int *)arg;
    (void)arg_bytes;
    n *= n;
    return cf_return(task, &n, sizeof n);
}

struct cf_future *submit(struct cf_executor *executor, cf_function *function,
                         const void *arg, size_t arg_bytes)
{
    struct cf_future *future;
    assert_status(cf_submit(executor, function, arg, arg_bytes, &future),
                  CF_OK);
    return future;
}

struct cf_future *submit_int(struct cf_executor *executor,
                             cf_function *function, int number)
{
    return submit(executor, function, &number, sizeof number);
}
