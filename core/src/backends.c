/* SPDX-License-Identifier: MIT */
/* The list of backends: a line each, in the order of listing. */
#include <cf/backend.h>

#include <string.h>

#include "backend_impl.h"
#include "last_error.h"

static const struct cf_backend *const backends[] = {
    &cf_backend_serial, &cf_backend_thread, &cf_backend_process,
    &cf_backend_openmp, &cf_backend_gil,    &cf_backend_mpi,
};

const struct cf_backend *cf_backend_at(size_t i)
{
    return i < sizeof backends / sizeof backends[0] ? backends[i] : NULL;
}

enum cf_status cf_backend_find(const char *name,
                               const struct cf_backend **backend)
{
    const struct cf_backend *found;

    if (name == NULL || backend == NULL)
        return cfi_fail(CF_INVALID, "no name, or no place for the backend");
    *backend = NULL;
    for (size_t i = 0; (found = cf_backend_at(i)) != NULL; i++) {
        if (strcmp(found->name, name) != 0)
            continue;
        *backend = found;
        const char *missing = cf_backend_missing(found);
        if (missing != NULL)
            return cfi_fail(CF_UNSUPPORTED, "backend %s: %s", found->name,
                            missing);
        return CF_OK;
    }
    return cfi_fail(CF_INVALID, "there is no backend called \"%.60s\"", name);
}

const char *cf_backend_name(const struct cf_backend *backend)
{
    return backend != NULL ? backend->name : "";
}

const char *cf_backend_about(const struct cf_backend *backend)
{
    return backend != NULL ? backend->about : "";
}

const char *cf_backend_missing(const struct cf_backend *backend)
{
    if (backend == NULL)
        return "there is no such backend";
    if (backend->find_missing != NULL)
        return backend->find_missing();
    return backend->missing;
}

size_t cf_backend_default_workers(const struct cf_backend *backend)
{
    return cf_backend_missing(backend) == NULL ? backend->default_workers() : 0;
}
