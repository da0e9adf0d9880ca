/* SPDX-License-Identifier: MIT */
#ifndef CFI_OPTIONS_H
#define CFI_OPTIONS_H

#include <cf/executor.h>

#define CFI_MOST_WORKERS 65536
#define CFI_LEAST_STACK  ((size_t)65536)

/* CF_OK where `backend` can be run as `options` ask; else CF_INVALID or
 * CF_UNSUPPORTED with the reason. */
enum cf_status cfi_options_check(const struct cf_backend *backend,
                                 const struct cf_options *options);

/* The same for what is said of one task. */
enum cf_status cfi_call_check(const struct cf_backend *backend,
                              const struct cf_call *call);

#endif
