/* SPDX-License-Identifier: MIT */
/*
 * What a task may do while it runs. A task's result goes straight to where it
 * stays: into room that the runner offers (the tail of the future's block, a
 * slot of a ring), or onto the heap when it is larger.
 */
#include <cf/task.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "branches.h"
#include "buffer_impl.h"
#include "copy.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "gil.h"
#include "heap.h"
#include "last_error.h"
#include "task_impl.h"

/* A branch may have no task, which is NULL then. */
static bool is_no_branch(const struct cf_task *task)
{
    return task != NULL && task->branch_depth == 0;
}

/* A task's result is not for its branches to give. */
static enum cf_status check_giver(const struct cf_task *task)
{
    return is_no_branch(task)
               ? CF_OK
               : cfi_fail(CF_INVALID, "a branch gives no result of its task");
}

/* What it has given or raised before is void. */
static inline void begin_anew(struct cf_task *task)
{
    task->has_raised = false;
    cfi_outcome_empty(task->outcome);
}

/* On the heap; the outcome is empty. */
__attribute__((noinline)) static void *take_heap(struct cf_task *task,
                                                 size_t result_bytes)
{
    void *result = cfi_heap_take(result_bytes);

    if (result == NULL)
        cfi_fail(CF_NOMEM, "no memory for a result of %zu bytes", result_bytes);
    else
        cfi_outcome_set(task->outcome, result, result_bytes, true);
    return result;
}

/* Its future has no room for it in its block; those to come shall. */
static inline void note_room(const struct cf_task *task, size_t result_bytes)
{
    if (task->future == NULL || task->future->has_room ||
        result_bytes > CFI_ROOM || result_bytes == 0)
        return;
    struct cf_executor *executor = task->future->executor;
    if (!cfi_gives_results(executor)) /* relaxed: as there */
        atomic_store_explicit(&executor->gives_results, true,
                              memory_order_relaxed);
}

/* Where its result is to lie; the outcome is empty. NULL without memory. */
static inline void *take_space(struct cf_task *task, size_t result_bytes)
{
    note_room(task, result_bytes);
    if (result_bytes > task->space_bytes)
        return take_heap(task, result_bytes);
    cfi_outcome_set(task->outcome, task->space, result_bytes, false);
    return task->space;
}

void *cf_return_space(struct cf_task *task, size_t result_bytes)
{
    if (check_giver(task) != CF_OK)
        return NULL;
    begin_anew(task);
    return take_space(task, result_bytes);
}

/* Is that a part of the result that the task has given before? */
static inline bool is_part(const struct cfi_outcome *outcome,
                           const void *result, size_t result_bytes)
{
    if (outcome->result == NULL || outcome->status != CF_OK ||
        outcome->is_object)
        return false;
    uintptr_t at = (uintptr_t)result - (uintptr_t)outcome->result;
    return at < outcome->result_bytes &&
           result_bytes <= outcome->result_bytes - at;
}

/* Keeps that part alone: where it is, or, of much more, in a place of its own. */
static void cut_out(struct cf_task *task, const void *part, size_t part_bytes)
{
    struct cfi_outcome *outcome = task->outcome;
    void *space = NULL;

    if (outcome->is_heap && part_bytes <= task->space_bytes)
        space = task->space;
    else if (outcome->is_heap && part_bytes < outcome->result_bytes / 2)
        space = cfi_heap_take(part_bytes);
    if (space == NULL) { /* or there is no memory for one */
        memmove(outcome->result, part, part_bytes);
        cfi_outcome_set(outcome, outcome->result, part_bytes, outcome->is_heap);
        return;
    }
    memcpy(space, part, part_bytes);
    cfi_outcome_clear(outcome);
    cfi_outcome_set(outcome, space, part_bytes, space != task->space);
}

enum cf_status cf_return(struct cf_task *task, const void *result,
                         size_t result_bytes)
{
    if (check_giver(task) != CF_OK)
        return CF_INVALID;
    if (result == NULL && result_bytes > 0)
        return cfi_fail(CF_INVALID, "a result of %zu bytes, and none of them",
                        result_bytes);
    if (is_part(task->outcome, result, result_bytes)) {
        cut_out(task, result, result_bytes);
        return CF_OK;
    }
    begin_anew(task);
    if (result_bytes == 0)
        return CF_OK;
    void *space = take_space(task, result_bytes);
    if (space == NULL)
        return CF_NOMEM;
    cfi_copy(space, result, result_bytes);
    return CF_OK;
}

enum cf_status cf_return_object(struct cf_task *task, void *object,
                                cf_destructor *destroy)
{
    if (check_giver(task) != CF_OK)
        return CF_INVALID;
    if (task->worker->is_remote)
        return cfi_fail(CF_UNSUPPORTED, "an object cannot travel");
    struct cfi_error *holder = cfi_error_create(NULL, NULL);
    if (holder == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an object's holder");
    task->has_raised = false;
    cfi_outcome_clear(task->outcome);
    holder->object = object;
    holder->destroy = destroy;
    cfi_outcome_set_object(task->outcome, holder);
    return CF_OK;
}

struct cf_buffer *cf_task_buffer(const struct cf_task *task, size_t i)
{
    if (task == NULL)
        return NULL;
    const struct cfi_worker *worker = task->worker;
    if (task->future == NULL) /* its futures are in another process */
        return i < worker->buffer_count ? worker->buffers[i] : NULL;
    const struct cfi_extra *extra = cfi_future_extra(task->future);
    return extra != NULL && i < extra->buffer_count ? extra->buffers[i] : NULL;
}

enum cf_status cf_return_buffer(struct cf_task *task, struct cf_buffer *buffer)
{
    if (check_giver(task) != CF_OK)
        return CF_INVALID;
    if (cf_buffer_data(buffer) == NULL)
        return cfi_fail(CF_INVALID, "no buffer, or another process's");
    task->has_raised = false;
    /* a task may return again what it has returned */
    enum cf_status status =
        cfi_outcome_set_buffer(task->outcome, cf_buffer_retain(buffer));
    if (status != CF_OK)
        cf_buffer_release(buffer);
    return status;
}

enum cf_status cf_raise_object(struct cf_task *task, int code, void *object,
                               cf_destructor *destroy, const char *message)
{
    if (check_giver(task) != CF_OK)
        return CF_INVALID;
    if (task->worker->is_remote)
        return cfi_fail(CF_UNSUPPORTED, "an object cannot travel");
    struct cfi_error *error = cfi_error_create(message, NULL);
    if (error == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an error");
    cfi_outcome_clear(task->outcome);
    error->code = code;
    error->object = object;
    error->destroy = destroy;
    task->outcome->status = CF_EXCEPTION;
    task->outcome->error = error;
    task->has_raised = true;
    return CF_EXCEPTION;
}

enum cf_status cf_raise_at(struct cf_task *task, const char *file, int line,
                           int code, const char *format, ...)
{
    char message[1024];
    va_list list;

    if (!is_no_branch(task))
        return CF_EXCEPTION;
    struct cfi_outcome *outcome = task->outcome;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    cfi_outcome_clear(outcome);
    outcome->status = CF_EXCEPTION;
    outcome->error = cfi_error_create(message, file);
    if (outcome->error != NULL) {
        outcome->error->code = code;
        outcome->error->line = line;
    }
    task->has_raised = true;
    return CF_EXCEPTION;
}

bool cf_stopping(struct cf_task *task)
{
    if (task == NULL)
        return false;
    struct cfi_worker *worker = task->worker;
    if (worker->gil != NULL && worker->away == 0)
        cfi_gil_checkpoint(worker->gil);
    /* relaxed, both: hints that publish nothing */
    if (atomic_load_explicit(worker->stopping, memory_order_relaxed) != 0)
        return true;
    if (task->future != NULL)
        return cfi_future_is_asked(task->future);
    return worker->asked != NULL &&
           atomic_load_explicit(worker->asked, memory_order_relaxed) ==
               worker->position;
}

void cf_blocking_begin(struct cf_task *task)
{
    if (task != NULL)
        cfi_blocking_begin(task->worker);
}

void cf_blocking_end(struct cf_task *task)
{
    if (task != NULL && task->worker->away > 0) /* else none is open */
        cfi_blocking_end(task->worker);
}

unsigned cf_task_attempt(const struct cf_task *task)
{
    return task != NULL ? task->attempt : 0;
}

size_t cf_worker_index(const struct cf_task *task)
{
    size_t number =
        task != NULL ? cfi_worker_number(task->worker) : CFI_NO_WORKER;

    return number != CFI_NO_WORKER ? number : SIZE_MAX;
}

void *cf_worker_state(const struct cf_task *task)
{
    return task != NULL ? task->worker->state : NULL;
}

struct cf_executor *cf_task_executor(const struct cf_task *task)
{
    return task != NULL ? task->worker->executor : NULL;
}

const char cfi_lost_buffer[] =
    "a buffer cannot travel to a task in a worker process";

/* It runs in a wait of who has submitted it; elsewhere its buffer would not get
 * here, see process_news.c. */
static bool has_lost_a_buffer(const struct cf_task *task)
{
    return task->outcome->status == CF_OK && task->outcome->is_object &&
           task->future != NULL &&
           task->worker->executor->backend->borrow != NULL;
}

static void end_open_branches(struct cf_task *task)
{
    size_t count = task->open - task->first;

    cfi_branch_drop(task, task->first);
    cfi_outcome_fail(task->outcome, CF_EXCEPTION, CF_INVALID,
                     "the task returned with %zu branches open", count);
}

void cfi_task_judge(struct cf_task *task, enum cf_status returned)
{
    if (task->open != task->first)
        end_open_branches(task);
    else if (returned != CF_OK && !task->has_raised)
        cfi_outcome_fail(task->outcome, CF_EXCEPTION, (int)returned,
                         "the task returned %d", (int)returned);
    else if (has_lost_a_buffer(task))
        cfi_outcome_fail(task->outcome, CF_UNSUPPORTED, 0, "%s",
                         cfi_lost_buffer);
}
