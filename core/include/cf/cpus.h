/* SPDX-License-Identifier: MIT */
#ifndef CF_CPUS_H
#define CF_CPUS_H

#include <stddef.h>

#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How much CPU this process may use, and what sets the bound. */
struct cf_cpus {
    size_t online;      /* CPUs that the system runs                        */
    size_t affinity;    /* of these, the ones in this thread's mask         */
    double quota;       /* cgroup quota in CPUs, smallest of all ancestors,
                           fractions kept; 0 where there is none            */
    double usable;      /* the smaller of affinity and quota                */
    size_t count;       /* usable, rounded up: a worker count; at least 1   */
    const char *reason; /* "all", "affinity" or "cgroup"                    */
};

/*
 * Reads the affinity mask and the CPU quotas of every cgroup above this
 * process, versions 1 and 2, anew at each call (some files are opened). What
 * cannot be read or is nonsense sets no bound. Cannot fail.
 */
CF_API struct cf_cpus cf_usable_cpus(void);

#ifdef __cplusplus
}
#endif
#endif
