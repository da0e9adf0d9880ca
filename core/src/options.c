/* SPDX-License-Identifier: MIT */
/* What may be asked for: nonsense is refused, and what a backend cannot do. */
#include "options.h"

#include "backend_impl.h"
#include "buffer_impl.h"
#include "last_error.h"
#include "own_bytes.h"

#define EVERY_RETRY    (CF_RETRY_EXCEPTION | CF_RETRY_CRASHED | CF_RETRY_EXPIRED)
#define MOST_PRIORITY  1000
#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

static enum cf_status check_reserved(const uintptr_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i] != 0)
            return cfi_fail(CF_INVALID, "a reserved option is not zero");
    return CF_OK;
}

/* Each wish that a backend may be unable to grant. */
struct wish {
    bool is_made;
    unsigned ability;
    const char *what;
};

static enum cf_status check_wishes(const struct cf_backend *backend,
                                   const struct wish *wishes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wishes[i].is_made && (backend->abilities & wishes[i].ability) == 0)
            return cfi_fail(CF_UNSUPPORTED, "backend %s cannot keep %s",
                            backend->name, wishes[i].what);
    return CF_OK;
}

static enum cf_status check_abilities(const struct cf_backend *backend,
                                      const struct cf_options *options)
{
    bool has_processes = backend->take_back != NULL;
    bool asks_of_processes = options->start_method != CF_START_AUTO ||
                             options->kill_tree || options->crash_limit > 0 ||
                             options->fork != NULL;
    const struct wish wishes[] = {
        {has_processes && asks_of_processes, CFI_CAN_PROCESS,
         "what is asked of its processes"},
        {options->max_tasks_per_worker > 0, CFI_CAN_REPLACE,
         "a bound of tasks per worker"},
        {options->max_worker_bytes > 0, CFI_CAN_WEIGH,
         "a bound of memory per worker"},
        {options->idle_timeout_ns > 0, CFI_CAN_IDLE_OUT, "an idle time-out"},
        {options->stack_bytes > 0, CFI_CAN_STACK, "a size of stacks"},
        {options->bind != CF_BIND_NONE, CFI_CAN_BIND, "a binding to CPUs"},
        {options->name != NULL, CFI_CAN_NAME, "a name of threads"},
        {options->observer != NULL, CFI_CAN_OBSERVE, "an observer"},
    };
    enum cf_status status = check_wishes(backend, wishes, COUNT_OF(wishes));
    if (status == CF_OK && options->max_worker_bytes > 0 &&
        !cfi_own_bytes_are_told())
        return cfi_fail(CF_UNSUPPORTED, "a bound of memory per worker: without "
                                        "/proc nobody tells what one has");
    return status;
}

/* The option whose value is none of those that it may have; NULL: there is
 * none. */
static const char *find_nonsense(const struct cf_options *options)
{
    if (options->when_full > CF_WHEN_FULL_RUN)
        return "when_full";
    if (options->bind > CF_BIND_LIST)
        return "bind";
    if (options->start_method > CF_START_SPAWN)
        return "start_method";
    return options->idle_timeout_ns < 0 ? "idle_timeout_ns" : NULL;
}

enum cf_status cfi_options_check(const struct cf_backend *backend,
                                 const struct cf_options *options)
{
    if (backend == NULL)
        return cfi_fail(CF_INVALID, "no backend given");
    const char *missing = cf_backend_missing(backend);
    if (missing != NULL)
        return cfi_fail(CF_UNSUPPORTED, "backend %s: %s", backend->name,
                        missing);
    if (options->max_workers > CFI_MOST_WORKERS ||
        options->max_spare_workers > CFI_MOST_WORKERS ||
        options->rank_workers > CFI_MOST_WORKERS)
        return cfi_fail(CF_INVALID,
                        "%zu workers, %zu to spare, %zu in a rank: at most %d",
                        options->max_workers, options->max_spare_workers,
                        options->rank_workers, CFI_MOST_WORKERS);
    if (options->initializer_arg == NULL && options->initializer_arg_bytes > 0)
        return cfi_fail(CF_INVALID, "no argument for the initializer given");
    const char *nonsense = find_nonsense(options);
    if (nonsense != NULL)
        return cfi_fail(CF_INVALID, "option %s has none of its values",
                        nonsense);
    if (options->stack_bytes > 0 && options->stack_bytes < CFI_LEAST_STACK)
        return cfi_fail(CF_INVALID, "a stack of %zu bytes: at least %zu",
                        options->stack_bytes, CFI_LEAST_STACK);
    if (options->bind == CF_BIND_LIST &&
        (options->cpus == NULL || options->cpu_count == 0))
        return cfi_fail(CF_INVALID, "no list of CPUs given");
    if (options->when_full == CF_WHEN_FULL_RUN && backend->needs_worker)
        return cfi_fail(CF_UNSUPPORTED,
                        "backend %s cannot run a task in its caller",
                        backend->name);
    enum cf_status status =
        check_reserved(options->reserved, COUNT_OF(options->reserved));
    return status == CF_OK ? check_abilities(backend, options) : status;
}

enum cf_status cfi_call_check(const struct cf_backend *backend,
                              const struct cf_call *call)
{
    const struct wish wishes[] = {
        {call->timeout_ns > 0, CFI_CAN_LIMIT, "a time limit"},
        {call->retries > 0, CFI_CAN_RETRY, "retries"},
        {call->priority != 0, CFI_CAN_PREFER, "a priority"},
        {call->arg_destroy != NULL, CFI_CAN_HAND_ON,
         "an argument that is not copied"},
    };

    if (call->timeout_ns < 0 || call->grace_ns < 0)
        return cfi_fail(CF_INVALID, "a time limit or its grace is negative");
    if (call->priority < -MOST_PRIORITY || call->priority > MOST_PRIORITY)
        return cfi_fail(CF_INVALID, "priority %d: from %d to %d",
                        call->priority, -MOST_PRIORITY, MOST_PRIORITY);
    if ((call->retry_on & ~EVERY_RETRY) != 0)
        return cfi_fail(CF_INVALID, "no such failure to retry on");
    enum cf_status status =
        check_reserved(call->reserved, COUNT_OF(call->reserved));
    if (status == CF_OK)
        status = check_wishes(backend, wishes, COUNT_OF(wishes));
    return status == CF_OK
               ? cfi_buffers_check(call->buffers, call->buffer_count)
               : status;
}
