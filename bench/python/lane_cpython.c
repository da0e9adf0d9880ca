/* SPDX-License-Identifier: MIT */
/*
 * From a sample to two requests, and from their answers to its numbers. All
 * times are the lane's own: what it took to start an interpreter, to talk and
 * to make the arguments is in none of them.
 */
#include "lane_cpython.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "lane_talk.h"
#include "parameters.h"
#include "python_work.h"
#include "sample.h"

static void add_parameters(const struct python_work *work, cJSON *request)
{
    cJSON *parameters = cJSON_AddObjectToObject(request, "parameters");

    for (size_t i = 0; i < wl_parameter_count(work->workload); i++) {
        const struct wl_parameter *parameter = &work->workload->parameters[i];

        if (parameter->kind == WL_TEXT)
            cJSON_AddStringToObject(parameters, parameter->name,
                                    work->values[i].text);
        else
            cJSON_AddNumberToObject(parameters, parameter->name,
                                    work->values[i].number);
    }
}

cJSON *lane_cpython_prepare(const struct python_lane *lane,
                            const struct python_work *work, size_t tasks)
{
    cJSON *request = cJSON_CreateObject();
    char seed[24];

    snprintf(seed, sizeof seed, "%" PRIu64, work->seed);
    cJSON_AddStringToObject(request, "do", "prepare");
    cJSON_AddNumberToObject(request, "tasks", (double)tasks);
    cJSON_AddRawToObject(request, "seed", seed); /* beyond a double's 2^53 */
    if (isfinite(lane->steps_per_ms))
        cJSON_AddNumberToObject(request, "steps_per_ms", lane->steps_per_ms);
    if (python_work_is(work->workload->name)) {
        python_work_describe(work->workload, work->values, request);
        return request;
    }
    cJSON_AddStringToObject(request, "workload", work->workload->name);
    add_parameters(work, request);
    return request;
}

cJSON *lane_cpython_run(const char *executor, size_t workers, size_t warmup)
{
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "do", "run");
    cJSON_AddStringToObject(request, "executor", executor);
    cJSON_AddNumberToObject(request, "workers", (double)workers);
    cJSON_AddNumberToObject(request, "warmup", (double)warmup);
    return request;
}

/* Nanoseconds from a number of seconds that came through a pipe. */
static int64_t ns_of(const cJSON *answer, const char *name)
{
    double seconds = lane_talk_number(answer, name);

    return seconds > 0 && seconds < 1e8 ? (int64_t)(seconds * 1e9) : 0;
}

static void take_batch(const cJSON *answer, int64_t started_ns,
                       struct sample_numbers *numbers)
{
    struct sample_batch *batch = &numbers->batches[numbers->batch_count++];

    batch->started_ns = started_ns;
    batch->elapsed_ns = ns_of(answer, "elapsed_s");
    batch->submit_ns = ns_of(answer, "submit_s");
    batch->is_verified =
        batch->elapsed_ns > 0 &&
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "verified"));
}

static void take_service_times(const cJSON *answer,
                               struct sample_numbers *numbers)
{
    const cJSON *item;

    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(answer, "service_s"))
    {
        int64_t ns = cJSON_IsNumber(item) && item->valuedouble >= 0 &&
                             item->valuedouble < 1e8
                         ? (int64_t)(item->valuedouble * 1e9)
                         : -1;

        if (ns < 0)
            continue; /* a task that failed */
        histogram_add(numbers->service, ns);
        if (ns > numbers->service_max_ns)
            numbers->service_max_ns = ns;
    }
}

static void take_answer(const struct sample_setup *setup, const cJSON *answer,
                        int64_t started_ns, struct sample_numbers *numbers)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");
    const cJSON *batch;

    numbers->create_ns = ns_of(answer, "pool_create_s");
    numbers->destroy_ns = ns_of(answer, "pool_destroy_s");
    cJSON_ArrayForEach(batch,
                       cJSON_GetObjectItemCaseSensitive(
                           answer, "batches")) if (numbers->batch_count <=
                                                   setup->warmup)
        take_batch(batch, started_ns, numbers);
    take_service_times(answer, numbers);
    numbers->is_told = true;
    numbers->told_cpu_s = lane_talk_number(answer, "cpu_s");
    numbers->told_rss_bytes = lane_talk_number(answer, "max_rss_bytes");
    for (size_t i = 0; i < numbers->batch_count; i++)
        if (!numbers->batches[i].is_verified)
            sample_blame(numbers, "%.200s",
                         cJSON_IsString(error) ? error->valuestring
                                               : "wrong result");
    if (numbers->batch_count == setup->warmup + 1)
        numbers->is_complete = true;
}

void lane_cpython_measure(const struct sample_setup *setup,
                          struct sample_numbers *numbers)
{
    const struct python_lane *lane = setup->lane->context;
    const struct python_work work = {.workload = setup->workload,
                                     .values = setup->values,
                                     .seed = setup->input_seed};
    cJSON *requests[] = {
        lane_cpython_prepare(lane, &work, setup->tasks),
        lane_cpython_run(lane->executor, setup->workers, setup->warmup)};
    int64_t started_ns = clock_now_ns();
    struct lane_talk talk;

    lane_talk(&talk, lane->interpreter, requests, 2, 0);
    if (talk.why[0] != '\0')
        sample_blame(numbers, "%s", talk.why);
    else
        take_answer(setup, talk.answers[1], started_ns, numbers);
    lane_talk_end(&talk);
}
