/* SPDX-License-Identifier: MIT */
#ifndef CFI_MAP_INTO_H
#define CFI_MAP_INTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor_impl.h"
#include "range.h"

/* --- between map_into.c and its two ways: map_shared.c, map_travelling.c --- */

/* The whole array, in so many chunks. As cf_map_into(). */
enum cf_status cfi_map_shared(struct cf_executor *executor,
                              const struct cfi_range *range, size_t chunks,
                              bool takes_part);
enum cf_status cfi_map_travelling(struct cf_executor *executor,
                                  const struct cfi_range *range, size_t chunks);

/* Waits for one of its tasks, and tells how that ended, with a text. */
enum cf_status cfi_map_await_part(struct cf_future *future,
                                  int64_t deadline_ns);

/* Cancels what has not started and waits for what has: nothing writes into the
 * caller's array after this. Releases the futures and their array. */
void cfi_map_put_away(struct cf_future **futures, size_t count);

#endif
