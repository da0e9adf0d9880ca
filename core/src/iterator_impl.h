/* SPDX-License-Identifier: MIT */
#ifndef CFI_ITERATOR_IMPL_H
#define CFI_ITERATOR_IMPL_H

#include <stdint.h>

#include <cf/iterator.h>

/* What every iterator starts with; the rest is its maker's. */
struct cf_iterator {
    /* As cf_next(); the future stays the iterator's, until the next call. */
    enum cf_status (*next)(struct cf_iterator *iterator,
                           struct cf_future **future);
    void (*release)(struct cf_iterator *iterator);
    uint64_t fork_generation; /* of the process that made it */
};

/* Fills it in. */
void cfi_iterator_init(struct cf_iterator *iterator,
                       enum cf_status (*next)(struct cf_iterator *iterator,
                                              struct cf_future **future),
                       void (*release)(struct cf_iterator *iterator));

/* CF_INVALID with its reason where options of a map are nonsense. */
enum cf_status cfi_map_options_check(const struct cf_map_options *options);

/* The same, and where something else is missing; else `*iterator` is NULL. */
enum cf_status cfi_map_check(const struct cf_executor *executor,
                             const void *function,
                             const struct cf_map_options *options,
                             struct cf_iterator **iterator);

/* As cf_as_completed(), with the moment at which its time is up. */
enum cf_status cfi_as_completed_until(struct cf_future *const *futures,
                                      size_t count, int64_t deadline_ns,
                                      struct cf_iterator **iterator);

/* The moment a map's time is up: INT64_MAX without a time-out. */
int64_t cfi_map_deadline_ns(const struct cf_map_options *options);

#endif
