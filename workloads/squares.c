/* SPDX-License-Identifier: MIT */
/*
 * The loop must be run as it stands: clang knows the closed form, and gcc
 * would compute several steps at once. An empty asm that might have changed
 * the index stops both, and costs no instruction: the loop stays one multiply
 * and two additions in registers, about one cycle a step.
 */
#include "squares.h"

#include <errno.h>
#include <string.h>

/* Between two looks at cf_stopping(): some 20 us at 3 GHz. */
enum { STRIDE = 1 << 16 };

uint64_t wl_squares_loop(uint64_t from, uint64_t to)
{
    uint64_t sum = 0;

    for (uint64_t i = from; i < to; i++) {
        __asm__ volatile("" : "+r"(i));
        sum += i * i;
    }
    return sum;
}

/*
 * (n - 1) n (2n - 1) / 6. Of n - 1 and n one is even, and of the three factors
 * one is a multiple of three: divided before they are multiplied, everything
 * is exact modulo 2^64.
 */
uint64_t wl_squares_known(uint64_t n)
{
    uint64_t factors[3] = {n - 1, n, 2 * n - 1};

    if (n == 0)
        return 0;
    factors[n % 2 == 0 ? 1 : 0] /= 2;
    for (int k = 0; k < 3; k++)
        if (factors[k] % 3 == 0) {
            factors[k] /= 3;
            break;
        }
    return factors[0] * factors[1] * factors[2];
}

enum cf_status wl_squares_task(struct cf_task *task, uint64_t n, uint64_t *sum)
{
    *sum = 0;
    for (uint64_t from = 0; from < n; from += STRIDE) {
        uint64_t to = n - from < STRIDE ? n : from + STRIDE;
        *sum += wl_squares_loop(from, to);
        if (cf_stopping(task) && to < n)
            return cf_raise(task, ECANCELED, "asked to stop");
    }
    return CF_OK;
}

bool wl_squares_verify(uint64_t n, const void *output, size_t output_bytes)
{
    uint64_t known = wl_squares_known(n);

    return output_bytes == sizeof known &&
           memcmp(output, &known, sizeof known) == 0;
}
