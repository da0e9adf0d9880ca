/* SPDX-License-Identifier: MIT */
/*
 * libcf-openmp: all that libcf asks of the compiler's OpenMP runtime, and the
 * only file that knows it. The team, its queue and its list of loops are in
 * backend_openmp.c, which loads this.
 */
#include <omp.h>

#include "openmp_module.h"

static void enter(size_t members,
                  void (*member)(void *context, size_t index, size_t size),
                  void *context)
{
    omp_set_dynamic(0);
#pragma omp parallel num_threads((int)members)
    member(context, (size_t)omp_get_thread_num(),
           (size_t)omp_get_num_threads());
}

/* So many are passed over within 0.1 s once a loop is over. */
#define MOST_DEALS ((size_t)1 << 20)

/* The runtime deals out chunks, not items, so that each is looked at once;
 * several at a time where there are very many. */
static size_t share_range(const struct cfi_range *range,
                          const _Atomic bool *is_over)
{
    size_t last = range->count - 1, deal = range->chunk, passed = 0;

    if (last / deal >= MOST_DEALS)
        deal = last / MOST_DEALS + 1;
#pragma omp for schedule(dynamic, 1) nowait
    for (size_t i = 0; i <= last / deal; i++) {
        size_t first = i * deal, rest = range->count - first;
        size_t count = rest < deal ? rest : deal;
        cfi_range_compute_until(range, first, count, is_over);
        passed += count;
    }
    return passed;
}

static void share_calls(size_t count, size_t chunk,
                        void (*call)(void *context, size_t i), void *context)
{
#pragma omp for schedule(dynamic, chunk) nowait
    for (size_t i = 0; i < count; i++)
        call(context, i);
}

const struct cfi_openmp_module cf_module_openmp = {
    .head = CFI_MODULE_HEAD(CFI_OPENMP_INTERFACE, struct cfi_openmp_module),
    .enter = enter,
    .share_range = share_range,
    .share_calls = share_calls,
};
