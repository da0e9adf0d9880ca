/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_RANDOM_H
#define CFBENCH_RANDOM_H

#include <stdint.h>

/* splitmix64: a full-period generator of one word of state, which may begin
 * with any value. */
static inline uint64_t wl_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

#endif
