/* SPDX-License-Identifier: MIT */
/*
 * Filling an array where the workers have memory of their own: each chunk is a
 * task. The items travel as its argument and the results come back as its result.
 *
 *      | head | items | path of the object that the function lies in |
 *
 * The task's own function is the library's, which every worker has. That of the
 * items may lie in an object that a worker lacks, and is loaded there by its path,
 * as a task's is (code_object.c).
 */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "code_address.h"
#include "code_object.h"
#include "executor_impl.h"
#include "last_error.h"
#include "map_into.h"
#include "submit.h"

/* As cf_submit(), but counted in as a map's tasks are: it is refused for want of
 * room never, nor waits for any, which would outlast the caller's time. */
static enum cf_status submit_part(struct cf_executor *executor,
                                  cf_function *function, const void *arg,
                                  size_t arg_bytes, struct cf_future **future)
{
    size_t submitted;

    return cfi_submit_array(executor, function, arg, arg_bytes, 1, 1, NULL,
                            future, &submitted);
}

static size_t chunk_count(const struct cfi_range *range, size_t i)
{
    size_t rest = range->count - i * range->chunk;
    return rest < range->chunk ? rest : range->chunk;
}

/* The items' function, for who has it elsewhere or not yet. */
struct origin {
    struct cfi_code_address function;
    size_t path_bytes; /* its end included; 0: nobody is to load it */
    char path[CFI_PATH_BYTES];
};

struct travelling_chunk {
    /* so that the items behind it are aligned for any type */
    alignas(max_align_t) struct cfi_code_address function;
    size_t item_bytes;
    size_t result_bytes;
    size_t count;
    size_t path_bytes;
};

/* False: this process cannot have it, `why` tells. */
static bool load_object(const struct travelling_chunk *chunk, char *why,
                        size_t why_bytes)
{
    const char *path =
        (const char *)(chunk + 1) + chunk->count * chunk->item_bytes;

    if (chunk->path_bytes > 0 && path[0] != '\0')
        return cfi_code_load(path, why, why_bytes);
    snprintf(why, why_bytes, "%s",
             chunk->path_bytes == 0 ? "has not been loaded here"
                                    : "is another version of the program");
    return false;
}

/* NULL: this process cannot have it, and the task has failed. */
static cf_item_function *find_function(struct cf_task *task,
                                       const struct travelling_chunk *chunk)
{
    void *function = cfi_code_address_resolve(chunk->function);
    char why[160] = "is not what its host has loaded";

    if (function == NULL && load_object(chunk, why, sizeof why))
        function = cfi_code_address_resolve(chunk->function);
    if (function == NULL)
        cf_raise(task, CF_UNSUPPORTED,
                 "worker process %d lacks the object that the items' function "
                 "lies in: it %s",
                 (int)getpid(), why);
    /* an object pointer and a function pointer are the same on POSIX */
    return (cf_item_function *)(uintptr_t)function;
}

static enum cf_status run_travelling_chunk(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    const struct travelling_chunk *chunk = arg;
    (void)arg_bytes;

    cf_item_function *function = find_function(task, chunk);
    if (function == NULL)
        return CF_EXCEPTION;
    unsigned char *results =
        cf_return_space(task, chunk->count * chunk->result_bytes);
    if (results == NULL)
        return cf_raise(task, CF_NOMEM,
                        "no memory in a worker for the results of %zu items",
                        chunk->count);
    struct cfi_range range = {
        .function = function,
        .items = (const unsigned char *)(chunk + 1),
        .item_bytes = chunk->item_bytes,
        .results = results,
        .result_bytes = chunk->result_bytes,
    };
    cfi_range_compute(&range, 0, chunk->count);
    return CF_OK;
}

static enum cf_status find_origin(const struct cf_executor *executor,
                                  const struct cfi_range *range,
                                  struct origin *origin)
{
    const void *function = (const void *)(uintptr_t)range->function;
    enum cf_status status = cfi_executor_check_ours(executor);

    if (status != CF_OK)
        return status;
    if (!cfi_code_address_of(function, &origin->function))
        return cfi_fail(CF_UNSUPPORTED, "the function lies in no loaded "
                                        "object: a worker cannot have it");
    origin->path_bytes = 0;
    if ((executor->backend->abilities & CFI_CAN_LOAD) != 0 &&
        cfi_code_path(function, origin->path))
        origin->path_bytes = strlen(origin->path) + 1;
    return CF_OK;
}

static enum cf_status submit_travelling(struct cf_executor *executor,
                                        const struct cfi_range *range,
                                        const struct origin *origin,
                                        size_t first, size_t count,
                                        struct cf_future **future)
{
    size_t bytes = count * range->item_bytes, all;
    struct travelling_chunk *chunk = NULL;
    if (!__builtin_add_overflow(sizeof *chunk + origin->path_bytes, bytes,
                                &all))
        chunk = malloc(all);
    if (chunk == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a chunk of %zu bytes", bytes);
    *chunk = (struct travelling_chunk){
        .function = origin->function,
        .item_bytes = range->item_bytes,
        .result_bytes = range->result_bytes,
        .count = count,
        .path_bytes = origin->path_bytes,
    };
    unsigned char *behind = (unsigned char *)(chunk + 1);
    if (bytes > 0) /* else there may be no items */
        memcpy(behind, range->items + first * range->item_bytes, bytes);
    memcpy(behind + bytes, origin->path, origin->path_bytes);
    enum cf_status status =
        submit_part(executor, run_travelling_chunk, chunk, all, future);
    free(chunk);
    return status;
}

/* Copies what the i-th chunk computed elsewhere to its place here. */
static enum cf_status bring_home(const struct cfi_range *range, size_t i,
                                 const struct cfi_outcome *outcome)
{
    size_t bytes = chunk_count(range, i) * range->result_bytes;

    if (outcome->result_bytes != bytes)
        return cfi_fail(CF_CRASHED, "a worker sent %zu bytes instead of %zu",
                        (size_t)outcome->result_bytes, bytes);
    if (bytes > 0)
        memcpy(range->results + i * range->chunk * range->result_bytes,
               outcome->result, bytes);
    return CF_OK;
}

enum cf_status cfi_map_travelling(struct cf_executor *executor,
                                  const struct cfi_range *range, size_t chunks)
{
    struct origin origin;
    size_t submitted = 0;

    enum cf_status status = find_origin(executor, range, &origin);
    if (status != CF_OK)
        return status;
    struct cf_future **futures = calloc(chunks, sizeof futures[0]);
    if (futures == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu chunks", chunks);
    while (submitted < chunks && status == CF_OK) {
        status = submit_travelling(
            executor, range, &origin, submitted * range->chunk,
            chunk_count(range, submitted), &futures[submitted]);
        submitted += status == CF_OK;
    }
    for (size_t i = 0; i < chunks && status == CF_OK; i++) {
        status = cfi_map_await_part(futures[i], range->deadline_ns);
        if (status == CF_OK)
            status = bring_home(range, i, &futures[i]->outcome);
    }
    cfi_map_put_away(futures, submitted);
    return status;
}
