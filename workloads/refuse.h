/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_REFUSE_H
#define CFBENCH_REFUSE_H

#include <stddef.h>

#include <cf/status.h>

/*
 * Says why in one line and returns `status`, for `return wl_refuse(...)`. The
 * line may quote what a user typed: it is cut to fit, and what is not plain
 * printable ASCII becomes '?'.
 */
enum cf_status wl_refuse(char *why, size_t why_bytes, enum cf_status status,
                         const char *format, ...) CF_PRINTF(4, 5);

#endif
