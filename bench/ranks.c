/* SPDX-License-Identifier: MIT */
/* The machines of an MPI job: each rank is asked once, by being started. */
#include "ranks.h"

#include <string.h>

#include <cf/cf.h>

static bool has(const struct facts *env, const char *host)
{
    for (size_t i = 0; i < facts_count(env, "mpi.hosts"); i++)
        if (strcmp(facts_text_at(env, "mpi.hosts", i, ""), host) == 0)
            return true;
    return false;
}

bool ranks_describe(struct facts *env)
{
    const struct cf_options all = {.start_all = true};
    struct cf_executor *executor;
    bool is_told = true;

    if (cf_backend_missing(CF_MPI) != NULL ||
        cf_executor_create(CF_MPI, &all, &executor) != CF_OK)
        return true;
    size_t workers = cf_executor_workers(executor);
    is_told = facts_set_number(env, "mpi.ranks", (double)workers);
    for (size_t i = 0; i < workers && is_told; i++) {
        const char *host = cf_executor_host(executor, i);
        if (!has(env, host))
            is_told = facts_add_text(env, "mpi.hosts", host);
    }
    cf_executor_destroy(executor);
    return is_told;
}
