/* SPDX-License-Identifier: MIT */
/*
 * Counts primes by trial division: the example of every futures tutorial. Each
 * task counts below the same n. The right count comes from a sieve, so the two
 * can only agree by both being right.
 */
#include "workload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "refuse.h"

enum { STRIDE = 1 << 10 }; /* divisions between two looks at cf_stopping() */

/* Is odd `n` > 2 prime? `*divisions` goes up by what it took. */
static bool is_prime(uint64_t n, uint64_t *divisions)
{
    for (uint64_t d = 3; d * d <= n; d += 2) {
        ++*divisions;
        if (n % d == 0)
            return false;
    }
    return true;
}

static enum cf_status primes_task(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    uint64_t below = *(const uint64_t *)arg;
    uint64_t count = below > 2 ? 1 : 0; /* 2 itself */
    uint64_t divisions = 0;

    (void)arg_bytes; /* always one number */
    for (uint64_t n = 3; n < below; n += 2) {
        count += is_prime(n, &divisions);
        if (divisions < STRIDE)
            continue;
        divisions = 0;
        if (cf_stopping(task))
            return cf_raise(task, ECANCELED, "asked to stop");
    }
    return cf_return(task, &count, sizeof count);
}

/* How many of the odd numbers 2k + 1 < n are not struck out, and 2. */
static uint64_t count_by_sieve(unsigned char *is_struck, uint64_t n)
{
    uint64_t half = n / 2; /* odd numbers below n */
    uint64_t count = n > 2 ? 1 : 0;

    for (uint64_t k = 1; k < half; k++) {
        uint64_t prime = 2 * k + 1;

        if (is_struck[k])
            continue;
        count++;
        for (uint64_t j = prime * prime / 2; j < half; j += prime)
            is_struck[j] = 1;
    }
    return count;
}

static enum cf_status primes_prepare(const struct wl_setup *setup,
                                     struct wl_work *work)
{
    uint64_t n = (uint64_t)setup->values[0].number;
    uint64_t *items = wl_items_create(setup, sizeof *items, work);
    uint64_t *right = malloc(sizeof *right);
    unsigned char *is_struck = calloc(n / 2 + 1, 1);
    enum cf_status status = CF_OK;

    if (items == NULL || right == NULL || is_struck == NULL) {
        free(items);
        free(right);
        status = wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                           "no memory for %zu tasks and a sieve", setup->tasks);
        goto free_sieve;
    }
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] = n;
    *right = count_by_sieve(is_struck, n);
    work->data = right;

free_sieve:
    free(is_struck);
    return status;
}

static bool primes_verify(const struct wl_work *work, size_t i,
                          const void *output, size_t output_bytes)
{
    (void)i; /* all count the same */
    return output_bytes == sizeof(uint64_t) &&
           memcmp(output, work->data, sizeof(uint64_t)) == 0;
}

static void primes_dispose(struct wl_work *work)
{
    free((void *)work->items);
    free(work->data);
}

static const struct wl_parameter parameters[] = {
    {.name = "n",
     .about = "below which number each task counts the primes",
     .standard = "100000",
     .kind = WL_INTEGER,
     .minimum = 0,
     .maximum = 1e8},
    {0},
};

const struct wl_workload wl_primes = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "primes",
    .about = "counts the primes below n by trial division",
    .limit = "the cores' dividers, of which hardware threads share one",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = primes_task,
    .prepare = primes_prepare,
    .verify = primes_verify,
    .dispose = primes_dispose,
};
