/* SPDX-License-Identifier: MIT */
/* The list behind --backend. */
#include "backends.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "number.h"
#include "pythons.h"
#include "say.h"

static bool refuse_backend(const char *name)
{
    struct nearest nearest = nearest_start(name);
    const struct cf_backend *backend;
    const char *lane, *about;
    char meant[80];

    for (size_t i = 0; (backend = cf_backend_at(i)) != NULL; i++)
        nearest_offer(&nearest, cf_backend_name(backend));
    for (size_t i = 0; (lane = pythons_name_at(i, &about)) != NULL; i++)
        nearest_offer(&nearest, lane);
    say_trouble("--backend %.60s: no such backend%s", name,
                nearest.best != NULL ? nearest_text(&nearest, meant)
                                     : " (cfbench list backends shows them)");
    return false;
}

/* Does it say how many workers a rank has? "mpi:1" does, "mpi" does not. */
static bool reads_count(const char *name, uint64_t *count)
{
    static const char ranks[] = "mpi:";

    return strncmp(name, ranks, strlen(ranks)) == 0 &&
           number_whole(name + strlen(ranks), 1, WORKERS_MAX, count);
}

enum cf_status backends_find(const char *name,
                             const struct cf_backend **backend,
                             size_t *rank_workers)
{
    uint64_t count = 1;

    if (reads_count(name, &count))
        name = cf_backend_name(CF_MPI);
    enum cf_status status = cf_backend_find(name, backend);
    *rank_workers = status != CF_INVALID && *backend == CF_MPI ? count : 0;
    return status;
}

static bool put(struct backends *backends, const struct cf_backend *backend,
                size_t rank_workers, const char *missing)
{
    for (size_t i = 0; i < backends->count; i++)
        if (backends->lanes[i] == NULL && backends->list[i] == backend &&
            backends->rank_workers[i] == rank_workers)
            return true;
    if (backends->count == BACKENDS_MAX) {
        say_trouble("--backend: more than %d lanes", BACKENDS_MAX);
        return false;
    }
    backends->skipped[backends->count] = missing;
    backends->rank_workers[backends->count] = rank_workers;
    backends->list[backends->count++] = backend;
    return true;
}

static bool add_backend(struct backends *backends, const char *name,
                        bool is_asked_for, const struct workers *rank_workers)
{
    const struct cf_backend *backend;
    uint64_t count;
    size_t each;
    enum cf_status status = backends_find(name, &backend, &each);

    if (status != CF_OK && status != CF_UNSUPPORTED)
        return refuse_backend(name);
    if (status == CF_UNSUPPORTED && is_asked_for) {
        say_trouble("--backend %s: %s", name, cf_backend_missing(backend));
        return false;
    }
    const char *missing = status == CF_OK ? NULL : cf_backend_missing(backend);
    if (each == 0 || rank_workers->length == 0 || reads_count(name, &count))
        return put(backends, backend, each, missing);
    for (size_t i = 0; i < rank_workers->length; i++)
        if (!put(backends, backend, rank_workers->counts[i], missing))
            return false;
    return true;
}

static bool has_ranks(const struct backends *backends)
{
    for (size_t i = 0; i < backends->count; i++)
        if (backends->list[i] == CF_MPI)
            return true;
    return false;
}

/* The lane of that name of each interpreter. */
static bool add_lanes(struct backends *backends, const struct pythons *pythons,
                      const char *name)
{
    for (size_t i = 0; i < pythons_count(pythons); i++) {
        const struct lane *lane = pythons_lane(pythons, i, name);
        size_t b = 0;

        while (b < backends->count && backends->lanes[b] != lane)
            b++;
        if (b < backends->count)
            continue;
        if (backends->count == BACKENDS_MAX) {
            say_trouble("--backend: more than %d lanes", BACKENDS_MAX);
            return false;
        }
        backends->lanes[backends->count++] = lane;
    }
    return true;
}

bool backends_read(const char *asked, const struct pythons *pythons,
                   const struct workers *rank_workers,
                   struct backends *backends)
{
    const char *start = asked ? asked : "serial,thread,process,openmp";

    *backends = (struct backends){0};
    for (;; start++) {
        size_t length = strcspn(start, ",");
        char name[64];

        snprintf(name, sizeof name, "%.*s", (int)(length > 99 ? 99 : length),
                 start);
        if (!(pythons_is_lane(name)
                  ? add_lanes(backends, pythons, name)
                  : add_backend(backends, name, asked != NULL, rank_workers)))
            return false;
        start += length;
        if (*start == '\0')
            break;
    }
    if (rank_workers->length == 0 || has_ranks(backends))
        return true;
    say_trouble("--rank-workers: nothing runs on ranks without -b mpi");
    return false;
}
