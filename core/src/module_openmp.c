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

static size_t share_range(const struct cfi_range *range)
{
    size_t ran = 0;

#pragma omp for schedule(dynamic, range->chunk) nowait
    for (size_t i = 0; i < range->count; i++) {
        range->function(range->items + i * range->item_bytes,
                        range->results + i * range->result_bytes);
        ran++;
    }
    return ran;
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
