/* SPDX-License-Identifier: MIT */
#include "prepared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parameters.h"
#include "workloads.h"

enum cf_status prepare(struct prepared *prepared, const char *name,
                       const char *const *texts, size_t tasks, uint64_t seed)
{
    struct wl_setup setup = {
        .tasks = tasks,
        .seed = seed,
        .values = prepared->values,
        .why = prepared->why,
        .why_bytes = sizeof prepared->why,
    };
    enum cf_status status;
    size_t count = 0;

    *prepared = (struct prepared){.workload = wl_find(name), .tasks = tasks};
    assert_non_null(prepared->workload);
    while (texts != NULL && texts[count] != NULL)
        count++;
    status =
        wl_parameters_parse(prepared->workload, texts, count, prepared->values,
                            prepared->why, sizeof prepared->why);
    if (status == CF_OK)
        status = prepared->workload->prepare(&setup, &prepared->work);
    return status;
}

void must_prepare(struct prepared *prepared, const char *name,
                  const char *const *texts, size_t tasks, uint64_t seed)
{
    if (prepare(prepared, name, texts, tasks, seed) != CF_OK)
        fail_msg("%s: %s", name, prepared->why);
}

struct cf_executor *must_create(const struct cf_backend *backend,
                                size_t workers)
{
    struct cf_options options = {.max_workers = workers, .start_all = true};
    struct cf_executor *executor;

    if (backend == CF_PROCESS) /* as cfbench: tasks read what prepare() made */
        options.start_method = CF_START_FORK;
    if (cf_executor_create(backend, &options, &executor) != CF_OK)
        fail_msg("%s", cf_last_error().text);
    return executor;
}

static void must_be_right(struct prepared *prepared, size_t i,
                          struct cf_future *future)
{
    const char *name = prepared->workload->name;
    const void *output;
    size_t output_bytes;
    struct cf_error error;

    if (cf_result_view(future, 0, &output, &output_bytes) != CF_OK) {
        assert_int_equal(cf_future_error(future, 0, &error), CF_OK);
        fail_msg("%s: task %zu: %s: %s", name, i, cf_status_name(error.status),
                 error.message);
    }
    if (!prepared->workload->verify(&prepared->work, i, output, output_bytes))
        fail_msg("%s: task %zu: wrong output", name, i);
}

void must_run(struct prepared *prepared, struct cf_executor *executor)
{
    struct cf_iterator *results;
    struct cf_future *future;
    enum cf_status status;
    size_t i;

    if (cf_map(executor, prepared->workload->task, prepared->work.items,
               prepared->work.item_bytes, prepared->tasks, NULL,
               &results) != CF_OK)
        fail_msg("%s: cf_map: %s", prepared->workload->name,
                 cf_last_error().text);
    for (i = 0; (status = cf_next(results, &future)) == CF_OK; i++)
        must_be_right(prepared, i, future);
    assert_int_equal(status, CF_END);
    assert_int_equal(i, prepared->tasks);
    cf_iterator_release(results);
}

void dispose(struct prepared *prepared)
{
    if (prepared->workload->dispose != NULL)
        prepared->workload->dispose(&prepared->work);
}
