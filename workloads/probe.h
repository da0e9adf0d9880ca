/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_PROBE_H
#define CFBENCH_PROBE_H

/*
 * Tries foreign code in a child process first, so that its crash, its hang and
 * its exit() are a line of text.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/status.h>

/* What the child tells; it lies in memory that both see. */
struct wl_probe {
    char stage[48]; /* what it is about to do: "is loaded"  */
    char why[256];  /* why it refuses; "" while nothing is wrong */
    size_t number;  /* what it has found out                     */
    bool is_over;   /* it came to its end                        */
};

/* Tries something, step by step, saying each in `stage` beforehand. */
typedef void wl_probed(struct wl_probe *probe, void *context);

/* Says what comes next. */
void wl_probe_stage(struct wl_probe *probe, const char *stage);

/*
 * Calls `probed` in a child with /dev/null as its input and standard error as
 * its output, and ends it with all that it started after `limit_ns`. The caller
 * has one thread. CF_OK; CF_INVALID with one line in `why` (what it refused; or
 * how and at which stage it died); CF_SYSTEM (it could not be started). `number`
 * may be NULL; it gets the probe's on CF_OK.
 */
CF_MUST_CHECK
enum cf_status wl_probe_run(wl_probed *probed, void *context, int64_t limit_ns,
                            size_t *number, char *why, size_t why_bytes);

#endif
