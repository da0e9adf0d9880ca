/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_REPORT_H
#define CFI_PROCESS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "future_impl.h"
#include "region.h"
#include "zygote.h"

/* Fills a future's outcome and times from a worker's report and its payload.
 * `report` is the host's own copy. False: it is nonsense, and nothing was
 * read. */
bool cfi_report_read(const struct cfi_report *report,
                     const struct cfi_region *region,
                     const struct cfi_result *result, struct cf_future *future);

/* The same where the payload lies at hand and `report` is known to be sane. */
void cfi_report_fill(const struct cfi_report *report,
                     const struct cfi_stamps *stamps, const void *payload,
                     struct cf_future *future);

/* "was killed by signal 9 (SIGKILL)", "exited with code 3" */
#define CFI_DEATH_BYTES 48
void cfi_report_death(const struct cfi_zygote_news *news,
                      char text[CFI_DEATH_BYTES]);

/* What is known of a death, besides the zygote's news. */
struct cfi_rungs;
struct cfi_crash {
    const struct cfi_zygote_news *news;
    const struct cfi_last_words *words; /* the worker's: not to be believed */
    bool is_out_of_memory;
    const struct cfi_rungs *rungs; /* by which the host ended it; NULL: none */
    bool is_spoilt; /* it was killed for what it wrote over the rings */
};

/* Completes the outcome of a task that was to be ended and came back. */
void cfi_report_late(struct cf_future *future, const struct cfi_rungs *rungs);

/* Fills the outcome of a future whose worker died: CF_CRASHED and why, or that
 * the host has ended it. */
void cfi_report_crash(struct cf_future *future, const struct cfi_crash *crash);

#endif
