/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CGROUP_H
#define BENCH_CGROUP_H

/* The cgroups that we are in: a bound at any level holds for us. */
#include <stdbool.h>

/* Where the system describes them; tests make their own. */
struct cgroup_places {
    const char *own;   /* "/proc/self/cgroup" */
    const char *mount; /* "/sys/fs/cgroup"    */
    const char *io;    /* "/proc/pressure/io": of the whole system */
};

extern const struct cgroup_places cgroup_system;

typedef void cgroup_visit(const char *folder, void *context);

/*
 * Visits the folders of a controller ("cpu", "memory"), ours first and then
 * each above it, of version 1 where that has the controller, else of version 2.
 * A path that this mount does not show (in a container) is passed over.
 */
void cgroup_walk(const struct cgroup_places *places, const char *controller,
                 cgroup_visit *visit, void *context);

/* Bytes that the tightest memory limit above us leaves; NAN: none is set. */
double cgroup_memory_left(const struct cgroup_places *places);

/* Seconds that quotas at all levels have held us back; NAN: not counted. */
double cgroup_throttled_s(const struct cgroup_places *places);

/* Seconds that everything in our own cgroup that was not idle has waited for a
 * disk (PSI, "full"); of the whole system where that does not count for us;
 * NAN: neither does. */
double cgroup_io_stalled_s(const struct cgroup_places *places);

#endif
