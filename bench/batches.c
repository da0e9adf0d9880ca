/* SPDX-License-Identifier: MIT */
/*
 * The batches of a sample, inside its process: warm-ups, then the one whose
 * times count. Every backend is driven through the same calls. Verifying is not
 * in the time: it costs the same on each backend and would make all of them
 * look alike. Service times are the workers' own stamps.
 */
#include "batches.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

/* A batch's futures and, of an open loop, when each is to start. */
struct sample_futures {
    struct cf_future **list;
    int64_t *starts_ns; /* after the batch's start; NULL: a closed loop */
};

void batches_blame(struct sample_numbers *numbers, const char *what,
                   enum cf_status status)
{
    struct cf_last_error last = cf_last_error();

    sample_blame(numbers, "%s: %s: %s", what, cf_status_name(status),
                 last.text);
}

/* Why the i-th task has no result. */
static void blame_task(struct sample_numbers *numbers, size_t i,
                       struct cf_future *future)
{
    struct cf_error error;

    if (cf_future_error(future, 0, &error) != CF_OK)
        sample_blame(numbers, "task %zu: did not end", i);
    else if (error.status == CF_CRASHED && error.signal != 0)
        sample_blame(numbers, "task %zu: its worker died: %s", i,
                     strsignal(error.signal));
    else
        sample_blame(numbers, "task %zu: %s: %s", i,
                     cf_status_name(error.status), error.message);
}

/* The same where tasks come at their own times. */
static bool run_open(struct cf_executor *executor,
                     const struct sample_setup *setup,
                     struct sample_numbers *numbers, struct sample_batch *batch,
                     struct sample_futures *futures)
{
    struct open_loop_run run = {.executor = executor,
                                .function = setup->workload->task,
                                .items = setup->work->items,
                                .item_bytes = setup->work->item_bytes,
                                .tasks = setup->tasks,
                                .starts_ns = futures->starts_ns,
                                .futures = futures->list};
    enum cf_status status = open_loop_drive(&run);

    child_end_copy(); /* where the tasks have run inside */
    batch->started_ns = run.started_ns;
    batch->elapsed_ns = clock_now_ns() - run.started_ns;
    batch->submit_ns = run.submit_ns;
    numbers->late_max_ns = run.late_max_ns;
    numbers->late_sum_ns = run.late_sum_ns;
    if (status == CF_OK)
        return true;
    batches_blame(numbers, "submitting the tasks", status);
    return false;
}

/* The timed part. Keeps the futures: what is in them is looked at later. */
static bool run_batch(struct cf_executor *executor,
                      const struct sample_setup *setup,
                      struct sample_numbers *numbers,
                      struct sample_batch *batch,
                      struct sample_futures *futures)
{
    const struct cf_map_options options = {.chunk = setup->chunk};
    struct cf_iterator *iterator = NULL;
    struct cf_future *future;
    size_t consumed = 0;
    enum cf_status status;

    batch->started_ns = clock_now_ns();
    status = cf_map(executor, setup->workload->task, setup->work->items,
                    setup->work->item_bytes, setup->tasks, &options, &iterator);
    child_end_copy(); /* where the tasks have run inside */
    if (status != CF_OK) {
        batches_blame(numbers, "submitting the tasks", status);
        return false;
    }
    batch->submit_ns = clock_now_ns() - batch->started_ns;
    while (consumed < setup->tasks &&
           (status = cf_next(iterator, &future)) == CF_OK)
        futures->list[consumed++] = cf_future_retain(future);
    batch->elapsed_ns = clock_now_ns() - batch->started_ns;
    cf_iterator_release(iterator);
    if (consumed == setup->tasks)
        return true;
    batches_blame(numbers, "waiting for the results", status);
    return false;
}

static bool is_right(const struct sample_setup *setup,
                     struct sample_numbers *numbers, size_t i,
                     struct cf_future *future)
{
    const void *result;
    size_t result_bytes;

    if (cf_result_view(future, 0, &result, &result_bytes) != CF_OK) {
        blame_task(numbers, i, future);
        return false;
    }
    bool is_fine =
        setup->workload->verify(setup->work, i, result, result_bytes);
    child_end_copy();
    if (is_fine)
        return true;
    sample_blame(numbers, "task %zu: wrong result", i);
    return false;
}

/* From `start_ns`, the intended start; 0: from the worker's own stamp. */
static void keep_times(struct sample_numbers *numbers,
                       const struct cf_future *future, int64_t start_ns)
{
    struct cf_future_info info = cf_future_info(future);
    int64_t latency_ns =
        info.finished_ns - (start_ns != 0 ? start_ns : info.started_ns);

    histogram_add(numbers->service, latency_ns);
    if (latency_ns > numbers->service_max_ns)
        numbers->service_max_ns = latency_ns;
    if (info.pid != getpid())
        numbers->is_foreign = true;
    if (numbers->is_told)
        numbers->told_cpu_s += clock_seconds(info.cpu_ns);
}

/* Futures come in the order of their tasks. */
static void keep_span(const struct sample_setup *setup,
                      struct sample_numbers *numbers,
                      const struct cf_future *future)
{
    struct cf_future_info info = cf_future_info(future);

    if (numbers->spans == NULL || numbers->span_count == setup->spans)
        return;
    numbers->spans[numbers->span_count++] =
        (struct sample_span){.worker = info.worker,
                             .submitted_ns = info.submitted_ns,
                             .started_ns = info.started_ns,
                             .finished_ns = info.finished_ns};
}

static void tell(const struct sample_setup *setup, size_t i,
                 struct cf_future *future)
{
    struct cf_future_info info = cf_future_info(future);
    const struct sample_task task = {.i = i,
                                     .started_ns = info.started_ns,
                                     .finished_ns = info.finished_ns,
                                     .future = future};

    setup->observe(setup->observer, setup, &task);
}

/* Runs a batch and looks at every result. False: no use in going on. */
static bool take_batch(struct cf_executor *executor,
                       const struct sample_setup *setup,
                       struct sample_numbers *numbers, size_t number,
                       struct sample_futures *futures)
{
    struct sample_batch *batch = &numbers->batches[number];
    bool is_open = futures->starts_ns != NULL;
    bool is_right_so_far;

    is_right_so_far = is_open
                          ? run_open(executor, setup, numbers, batch, futures)
                          : run_batch(executor, setup, numbers, batch, futures);
    if (number == setup->warmup) {
        sample_usage(&numbers->after);
        numbers->has_after = true;
    }
    for (size_t i = 0; i < setup->tasks && futures->list[i] != NULL; i++) {
        struct cf_future *future = futures->list[i];

        if (is_right_so_far)
            is_right_so_far = is_right(setup, numbers, i, future);
        if (number == setup->warmup) {
            keep_times(numbers, future,
                       is_open ? batch->started_ns + futures->starts_ns[i] : 0);
            keep_span(setup, numbers, future);
        }
        if (setup->observe != NULL)
            tell(setup, i, future);
        cf_future_release(future);
        futures->list[i] = NULL;
    }
    batch->is_verified = is_right_so_far;
    numbers->batch_count = number + 1;
    return is_right_so_far;
}

static bool make_futures(const struct sample_setup *setup,
                         struct sample_futures *futures)
{
    bool is_open = setup->loop.rate_per_s > 0;

    futures->list = calloc(setup->tasks, sizeof(struct cf_future *));
    futures->starts_ns = is_open ? calloc(setup->tasks, sizeof(int64_t)) : NULL;
    if (futures->list != NULL && (!is_open || futures->starts_ns != NULL)) {
        if (is_open)
            open_loop_schedule(&setup->loop, setup->seed, setup->tasks,
                               futures->starts_ns);
        return true;
    }
    free(futures->list);
    free(futures->starts_ns);
    return false;
}

void batches_take(struct cf_executor *executor,
                  const struct sample_setup *setup,
                  struct sample_numbers *numbers)
{
    struct sample_futures futures;

    if (!make_futures(setup, &futures)) {
        sample_blame(numbers, "no memory for %zu futures", setup->tasks);
        return;
    }
    for (size_t i = 0; i <= setup->warmup; i++) {
        if (i == setup->warmup)
            sample_usage(&numbers->before);
        if (!take_batch(executor, setup, numbers, i, &futures))
            break;
    }
    free(futures.list);
    free(futures.starts_ns);
}
