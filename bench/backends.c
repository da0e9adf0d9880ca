/* SPDX-License-Identifier: MIT */
/* The list behind --backend. */
#include "backends.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
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

static bool add_backend(struct backends *backends, const char *name,
                        bool is_asked_for)
{
    const struct cf_backend *backend;
    enum cf_status status = cf_backend_find(name, &backend);

    if (status != CF_OK && status != CF_UNSUPPORTED)
        return refuse_backend(name);
    if (status == CF_UNSUPPORTED && is_asked_for) {
        say_trouble("--backend %s: %s", name, cf_backend_missing(backend));
        return false;
    }
    for (size_t i = 0; i < backends->count; i++)
        if (backends->lanes[i] == NULL && backends->list[i] == backend)
            return true;
    if (backends->count == BACKENDS_MAX)
        return true; /* there are not so many different ones */
    backends->skipped[backends->count] =
        status == CF_OK ? NULL : cf_backend_missing(backend);
    backends->list[backends->count++] = backend;
    return true;
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
                  : add_backend(backends, name, asked != NULL)))
            return false;
        start += length;
        if (*start == '\0')
            return true;
    }
}
