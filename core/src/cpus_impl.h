/* SPDX-License-Identifier: MIT */
#ifndef CFI_CPUS_IMPL_H
#define CFI_CPUS_IMPL_H

#include <stddef.h>

/* CPUs from the two numbers of a quota file; INFINITY for "max", -1, 0 and
 * anything that is no positive number. */
double cfi_quota_of(const char *quota, const char *period);

/* The smallest quota of all groups named in the file `cgroup`, whose
 * hierarchies are mounted as in the file `mountinfo` (the two of
 * /proc/self); INFINITY where there is none. */
double cfi_cgroup_quota(const char *cgroup, const char *mountinfo);

/* How many CPUs this thread may run on; 0 where the system does not say. */
size_t cfi_affinity_count(void);

#endif
