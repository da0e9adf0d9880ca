/* SPDX-License-Identifier: MIT */
/*
 * Loading modules on demand. Nothing is kept here: the loader counts a library
 * that it has loaded already, and a table is constant. So whether a module is
 * there may be asked any number of times, from any thread.
 *
 * A statically linked program loads none: with a library comes a second libc,
 * which nobody has set up and whose first thread the program dies of.
 */
#include "module.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "last_error.h"

/* Of the first object, the program: does it name a loader? Nonzero ends the
 * walk. */
static int names_loader(struct dl_phdr_info *program, size_t bytes,
                        void *context)
{
    bool *has_loader = context;

    (void)bytes;
    for (size_t i = 0; i < program->dlpi_phnum; i++)
        *has_loader |= program->dlpi_phdr[i].p_type == PT_INTERP;
    return 1;
}

static bool is_static_program(void)
{
    bool has_loader = false;

    (void)dl_iterate_phdr(names_loader, &has_loader);
    return !has_loader;
}

static const void *checked(const struct cfi_module_head *head,
                           const struct cfi_module_wish *wish, const char **why)
{
    const struct cfi_module_head *wanted = &wish->head;

    if (head->interface == wanted->interface &&
        head->table_bytes == wanted->table_bytes &&
        memcmp(head->version, wanted->version, sizeof head->version) == 0)
        return head;
    *why = wish->foreign;
    cfi_fail(CF_UNSUPPORTED, "%s: of version %.*s, interface %u; wanted %s, %u",
             wish->library, (int)sizeof head->version, head->version,
             head->interface, wanted->version, wanted->interface);
    return NULL;
}

const void *cfi_module_find(const struct cfi_module_wish *wish,
                            const char **why)
{
    if (wish->linked != NULL)
        return checked(wish->linked, wish, why);
    if (is_static_program()) {
        *why = wish->unlinked;
        cfi_fail(CF_UNSUPPORTED, "%s", *why);
        return NULL;
    }
    void *library = dlopen(wish->library, RTLD_NOW | RTLD_LOCAL);
    const void *table = library != NULL ? dlsym(library, wish->symbol) : NULL;
    if (table != NULL)
        return checked(table, wish, why);
    *why = wish->absent;
    cfi_fail(CF_UNSUPPORTED, "%s", dlerror());
    return NULL;
}

const char *cfi_module_missing(const struct cfi_module_wish *wish)
{
    const char *why = NULL;

    return cfi_module_find(wish, &why) != NULL ? NULL : why;
}
