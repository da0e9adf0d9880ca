/* SPDX-License-Identifier: MIT */
#ifndef CFI_OPENMP_PROBE_H
#define CFI_OPENMP_PROBE_H

#include <stddef.h>

/* Of a team of `members`, of which the caller is one, how many the system lets
 * start. */
size_t cfi_openmp_probe(size_t members);

#endif
