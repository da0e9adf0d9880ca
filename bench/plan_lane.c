/* SPDX-License-Identifier: MIT */
/*
 * The lane of a case: what runs it, whatever the worker count. On the ranks of
 * an MPI job that is also how many workers each rank has: "mpi:4" in a record,
 * and on the command line.
 */
#include "plan.h"

#include <stdio.h>

const char *plan_backend_name(const struct plan_case *plan_case)
{
    if (plan_case->rank_name[0] != '\0')
        return plan_case->rank_name;
    return plan_case->lane != NULL ? plan_case->lane->name
                                   : cf_backend_name(plan_case->backend);
}

void plan_set_rank_workers(struct plan_case *plan_case, size_t rank_workers)
{
    plan_case->rank_workers = rank_workers;
    plan_case->rank_name[0] = '\0';
    if (rank_workers > 1) /* one is what "mpi" alone means */
        snprintf(plan_case->rank_name, sizeof plan_case->rank_name, "%s:%zu",
                 cf_backend_name(plan_case->backend), rank_workers);
}

size_t plan_most_workers(const struct plan_case *plan_case)
{
    return plan_case->rank_workers == 0
               ? SIZE_MAX
               : cf_backend_default_workers(plan_case->backend) *
                     plan_case->rank_workers;
}

bool plan_is_like(const struct plan_case *a, const struct plan_case *b)
{
    return a->workload == b->workload && a->backend == b->backend &&
           a->lane == b->lane && a->rank_workers == b->rank_workers;
}
