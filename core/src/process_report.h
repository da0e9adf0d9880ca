/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_REPORT_H
#define CFI_PROCESS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "future_impl.h"
#include "region.h"

/* Fills a future's outcome and times from a worker's report and its payload.
 * `report` is the host's own copy. False: it is nonsense, and nothing was
 * read. */
bool cfi_report_read(const struct cfi_report *report,
                     const struct cfi_region *region,
                     const struct cfi_result *result, struct cf_future *future);

/* The same where the payload lies at hand and `report` is known to be sane. */
void cfi_report_fill(const struct cfi_report *report, const void *payload,
                     struct cf_future *future);

/* Fills the outcome of a future whose worker died: CF_CRASHED and why. */
void cfi_report_crash(struct cf_future *future, uint32_t worker, int32_t pid,
                      int signal, int exit_code, const char *remark);

#endif
