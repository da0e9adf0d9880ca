/* SPDX-License-Identifier: MIT */
/*
 * A worker that was started before the host loaded an object, or from a file
 * of its own, finds that object by its path. What it loads is believed only
 * once its identity was compared (code_address.c): the file may have been
 * replaced since.
 *
 * A static program has no dlopen(), and is not to get one through us.
 */
#include "code_object.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "region.h"

#pragma weak dlopen
#pragma weak dlerror

struct search {
    uintptr_t address;
    const char *path;
    bool is_program; /* the first of all objects */
    size_t seen;
};

static int has_address(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;

    (void)size;
    search->is_program = search->seen++ == 0;
    search->path = info->dlpi_name;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && search->address >= begin &&
            search->address - begin < header->p_memsz)
            return 1;
    }
    return 0;
}

#if __GLIBC_PREREQ(2, 35)

/* Without the loader's lock, which a thread of the host may have held when this
 * process was forked. The program has no name. */
static bool find_quickly(const void *address, const char **name)
{
    struct dl_find_object found;

    if (_dl_find_object((void *)(uintptr_t)address, &found) != 0)
        return false;
    *name = found.dlfo_link_map->l_name;
    return true;
}

#else

static bool find_quickly(const void *address, const char **name)
{
    (void)address;
    (void)name;
    return false;
}

#endif

bool cfi_code_path(const void *address, char path[CFI_PATH_BYTES])
{
    struct search search = {.address = (uintptr_t)address};
    const char *name;

    path[0] = '\0';
    if (find_quickly(address, &name))
        return name[0] == '\0' || realpath(name, path) != NULL;
    if (dl_iterate_phdr(has_address, &search) == 0)
        return false;
    return search.is_program || realpath(search.path, path) != NULL;
}

void cfi_code_keep(const void *address)
{
    struct search search = {.address = (uintptr_t)address};

    if (dlopen == NULL || dl_iterate_phdr(has_address, &search) == 0 ||
        search.is_program)
        return;
    if (dlopen(search.path, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) == NULL)
        (void)dlerror(); /* which is the program's to ask for */
}

bool cfi_code_load(const char *path, char *why, size_t why_bytes)
{
    if (dlopen == NULL) {
        snprintf(why, why_bytes, "a static program cannot load %s", path);
        return false;
    }
    if (dlopen(path, RTLD_NOW | RTLD_LOCAL) != NULL)
        return true;
    snprintf(why, why_bytes, "cannot be loaded: %s", dlerror());
    return false;
}

void cfi_catalogue_note(struct cfi_catalogue *catalogue, const void *address,
                        uint64_t object)
{
    char path[CFI_PATH_BYTES];
    size_t i = 0;

    for (; i < CFI_CATALOGUE_ENTRIES; i++) {
        uint64_t listed = atomic_load(&catalogue->entries[i].object);
        if (listed == object)
            return;
        if (listed == 0)
            break;
    }
    if (i + 1 >= CFI_CATALOGUE_ENTRIES || !cfi_code_path(address, path) ||
        /* the next one's head, too: workers read on until there */
        cfi_region_reserve(&catalogue->entries[i],
                           sizeof *catalogue->entries + sizeof object) != CF_OK)
        return; /* workers that lack it will say so */
    memcpy(catalogue->entries[i].path, path, sizeof path);
    atomic_store(&catalogue->entries[i].object, object);
}

bool cfi_catalogue_load(const struct cfi_catalogue *catalogue, uint64_t object,
                        char *why, size_t why_bytes)
{
    for (size_t i = 0; i < CFI_CATALOGUE_ENTRIES; i++) {
        const struct cfi_catalogue_entry *entry = &catalogue->entries[i];
        uint64_t listed = atomic_load(&entry->object);
        if (listed == 0)
            break;
        if (listed != object)
            continue;
        if (entry->path[0] == '\0') {
            snprintf(why, why_bytes, "is another version of the program");
            return false;
        }
        return cfi_code_load(entry->path, why, why_bytes);
    }
    snprintf(why, why_bytes, "is not known by its path");
    return false;
}
