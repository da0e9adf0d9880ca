/* SPDX-License-Identifier: MIT */
#ifndef CF_CF_H
#define CF_CF_H

/*
 * Python's concurrent.futures for C. A first program needs six calls:
 *
 *     cf_executor_create, cf_submit, cf_result, cf_future_release,
 *     cf_executor_destroy, and cf_return inside the task.
 */
#include <cf/backend.h>
#include <cf/branch.h>
#include <cf/buffer.h>
#include <cf/cpus.h>
#include <cf/executor.h>
#include <cf/future.h>
#include <cf/interrupt.h>
#include <cf/iterator.h>
#include <cf/observer.h>
#include <cf/options.h>
#include <cf/promise.h>
#include <cf/status.h>
#include <cf/task.h>
#include <cf/version.h>
#include <cf/worker_entry.h>

#endif
