/* SPDX-License-Identifier: MIT */
/* print_outputs WORKLOAD TASKS SEED [NAME=VALUE...]: every task's output as a
 * line of hexadecimal digits, for those who compare it with a twin's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "prepared.h"

static void print(struct cf_future *future)
{
    const unsigned char *output;
    size_t bytes;

    if (cf_result_view(future, CF_FOREVER, (const void **)&output, &bytes) !=
        CF_OK)
        fail_msg("a task failed");
    for (size_t i = 0; i < bytes; i++)
        printf("%02x", output[i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct cf_executor *executor;
    struct prepared prepared;

    if (argc < 4)
        return 2;
    must_prepare(&prepared, argv[1], (const char *const *)argv + 4,
                 strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    executor = must_create(CF_SERIAL, 1);
    for (size_t i = 0; i < prepared.tasks; i++) {
        const char *items = prepared.work.items;
        struct cf_future *future;

        if (cf_submit(executor, prepared.workload->task,
                      items + i * prepared.work.item_bytes,
                      prepared.work.item_bytes, &future) != CF_OK)
            return 1;
        print(future);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
    dispose(&prepared);
    return 0;
}
