/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_SCRATCH_H
#define CFBENCH_SCRATCH_H

/*
 * A temporary directory, for files only. It is removed by
 * wl_scratch_remove(), and if this process ends without that, however it ends,
 * by an attendant.
 */
#include <stdbool.h>
#include <stddef.h>

#include <cf/status.h>

#include "attendant.h"
#include "workload.h"

enum { WL_SCRATCH_PATH_BYTES = 512 };

struct wl_scratch {
    struct wl_attendant attendant;
    char path[WL_SCRATCH_PATH_BYTES]; /* absolute; "" when there is none */
};

/*
 * Makes one below `where`; where that is "", below $TMPDIR or /var/tmp, which
 * is a disk on most systems. The caller has one thread. CF_OK; or CF_INVALID or
 * CF_SYSTEM with one line in `why`.
 */
CF_MUST_CHECK
enum cf_status wl_scratch_create(struct wl_scratch *scratch, const char *where,
                                 char *why, size_t why_bytes);

/* Removes it and what it holds. Does nothing in a fork of the owner. */
void wl_scratch_remove(struct wl_scratch *scratch);

/* Writes all of it: of what has room for a part only, the rest tells why. False:
 * errno says. */
bool wl_scratch_write(int fd, const unsigned char *from, size_t bytes);

/*
 * For a workload that has nothing but items and such a directory: room for the
 * items, zeroed, and the directory below `where` as `work->data`. CF_OK; or a
 * status with one line in `why`, and nothing is left.
 */
CF_MUST_CHECK
enum cf_status wl_scratch_prepare(const struct wl_setup *setup,
                                  size_t item_bytes, const char *where,
                                  struct wl_work *work);

/* The dispose() of such a workload. */
void wl_scratch_dispose(struct wl_work *work);

#endif
