/* SPDX-License-Identifier: MIT */
/*
 * The product of two square matrices, row by row, as a compiler vectorises it:
 * arithmetic that reuses what the caches hold. The entries are small whole
 * numbers, so every product and sum is exact in a double, in any order.
 *
 * A task gives back one number, the sum of w(i) w(j) C[i][j] with the weights
 * 1, 2, 3, 4 in turn. The right one needs no product: it is (w A) (B w).
 */
#include "workload.h"

#include <errno.h>
#include <string.h>

#include "items.h"
#include "kept.h"

enum {
    STRIDE = 1 << 16,    /* multiplications between two cf_stopping(): 20 us */
    ENTRIES = 7,         /* entries are below that                           */
    WEIGHTS = 4,         /* weights are at most that                         */
    SIZE_MAXIMUM = 4096, /* all sums stay below 2^53: (6 * 4 * n)^2 * n      */
};

struct item {
    uint64_t number; /* of the pair of matrices */
    uint64_t n;
};

static struct wl_kept kept; /* the three matrices */

static double entry_a(const struct item *item, uint64_t i, uint64_t k)
{
    return (double)((i + 2 * k + item->number) % ENTRIES);
}

static double entry_b(const struct item *item, uint64_t k, uint64_t j)
{
    return (double)((3 * k + j + item->number) % ENTRIES);
}

static void fill(const struct item *item, double *a, double *b)
{
    uint64_t n = item->n;

    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < n; j++) {
            a[i * n + j] = entry_a(item, i, j);
            b[i * n + j] = entry_b(item, i, j);
        }
}

/* Row i of C = A B. */
static void multiply_row(const double *row_a, const double *b,
                         double *restrict row_c, uint64_t n)
{
    memset(row_c, 0, n * sizeof *row_c);
    for (uint64_t k = 0; k < n; k++) {
        double factor = row_a[k];
        const double *row_b = b + k * n;

        for (uint64_t j = 0; j < n; j++)
            row_c[j] += factor * row_b[j];
    }
}

static double weight(uint64_t i)
{
    return (double)(i % WEIGHTS + 1);
}

static double weigh(const double *c, uint64_t n)
{
    double sum = 0;

    for (uint64_t i = 0; i < n; i++) {
        double row = 0;
        for (uint64_t j = 0; j < n; j++)
            row += weight(j) * c[i * n + j];
        sum += weight(i) * row;
    }
    return sum;
}

static enum cf_status matmul_task(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const struct item *item = arg;
    uint64_t n = item->n, since_stop = 0;
    double *a = wl_kept_room(&kept, 3 * n * n * sizeof *a);
    double *b = a + n * n, *c = b + n * n;
    double sum;

    (void)arg_bytes; /* always one item */
    if (a == NULL)
        return cf_raise(task, ENOMEM, "no memory for three matrices");
    fill(item, a, b);
    for (uint64_t i = 0; i < n; i++) {
        multiply_row(a + i * n, b, c + i * n, n);
        since_stop += n * n;
        if (since_stop < STRIDE)
            continue;
        since_stop = 0;
        if (cf_stopping(task))
            return cf_raise(task, ECANCELED, "asked to stop");
    }
    sum = weigh(c, n);
    return cf_return(task, &sum, sizeof sum);
}

static enum cf_status matmul_prepare(const struct wl_setup *setup,
                                     struct wl_work *work)
{
    struct item *items = wl_items_create(setup, sizeof *items, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] =
            (struct item){.number = i, .n = (uint64_t)setup->values[0].number};
    return CF_OK;
}

static bool matmul_verify(const struct wl_work *work, size_t i,
                          const void *output, size_t output_bytes)
{
    const struct item *item = (const struct item *)work->items + i;
    double right = 0;

    for (uint64_t k = 0; k < item->n; k++) {
        double column = 0, row = 0; /* of A and of B, weighted */
        for (uint64_t m = 0; m < item->n; m++) {
            column += weight(m) * entry_a(item, m, k);
            row += weight(m) * entry_b(item, k, m);
        }
        right += column * row;
    }
    return output_bytes == sizeof right &&
           memcmp(output, &right, sizeof right) == 0;
}

static const struct wl_parameter parameters[] = {
    {.name = "n",
     .about = "rows and columns of the matrices",
     .standard = "192",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = SIZE_MAXIMUM},
    {0},
};

const struct wl_workload wl_matmul = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "matmul",
    .about = "multiplies two matrices of n x n doubles",
    .limit = "the cores' vector units, and from n=500 on their caches",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = matmul_task,
    .prepare = matmul_prepare,
    .verify = matmul_verify,
    .dispose = wl_items_dispose,
};
