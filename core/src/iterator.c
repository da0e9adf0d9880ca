/* SPDX-License-Identifier: MIT */
/* What is common to as_completed and the maps. */
#include "iterator_impl.h"

#include "buffer_impl.h"
#include "clock.h"
#include "executor_impl.h"
#include "last_error.h"

void cfi_iterator_init(struct cf_iterator *iterator,
                       enum cf_status (*next)(struct cf_iterator *iterator,
                                              struct cf_future **future),
                       void (*release)(struct cf_iterator *iterator))
{
    *iterator = (struct cf_iterator){
        .next = next,
        .release = release,
        .fork_generation = cfi_fork_generation(),
    };
}

enum cf_status cf_next(struct cf_iterator *iterator, struct cf_future **future)
{
    if (iterator == NULL || future == NULL)
        return cfi_fail(CF_INVALID, "no iterator, or no place for the future");
    *future = NULL;
    if (iterator->fork_generation != cfi_fork_generation())
        return cfi_fail(CF_BROKEN, "the iterator belongs to the process that "
                                   "forked this one");
    return iterator->next(iterator, future);
}

void cf_iterator_release(struct cf_iterator *iterator)
{
    if (iterator != NULL)
        iterator->release(iterator);
}

enum cf_status cfi_map_options_check(const struct cf_map_options *options)
{
    for (size_t i = 0;
         i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return cfi_fail(CF_INVALID, "a reserved option is not zero");
    if (options->timeout_ns < 0)
        return cfi_fail(CF_INVALID, "a map's time-out is negative");
    return CF_OK;
}

enum cf_status cfi_map_check(const struct cf_executor *executor,
                             const void *function,
                             const struct cf_map_options *options,
                             struct cf_iterator **iterator)
{
    if (executor == NULL || function == NULL || iterator == NULL)
        return cfi_fail(CF_INVALID,
                        "executor, function or place for the iterator missing");
    *iterator = NULL;
    enum cf_status status = cfi_map_options_check(options);
    if (status == CF_OK && options->caller_helps)
        status = cfi_fail(CF_INVALID, "only cf_map_into() can be helped with");
    return status == CF_OK
               ? cfi_buffers_check(options->buffers, options->buffer_count)
               : status;
}

int64_t cfi_map_deadline_ns(const struct cf_map_options *options)
{
    return options->timeout_ns == 0 ? INT64_MAX
                                    : cfi_deadline_ns(options->timeout_ns);
}
