/* SPDX-License-Identifier: MIT */
/*
 * Names of functions, from the table that an object has for the loader. As
 * dladdr() finds them, but that takes a lock which dlopen() holds while an
 * object's constructors run: who needs a name under a lock of ours, for a task
 * that has crashed, would wait for a constructor that waits for the task. The
 * list of objects has a lock of its own, held for no constructor.
 *
 * How many symbols there are is known by the hash table alone (System V ABI;
 * for DT_GNU_HASH: the last chain of the highest bucket ends the table).
 */
#include "symbol.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>

struct table {
    const ElfW(Sym) * symbols;
    const char *names;
    const uint32_t *gnu_hash;
    const uint32_t *hash;
};

struct search {
    uintptr_t address;
    char *name;
    size_t behind;
    bool is_found;
};

/* The loader has mostly made it an address already. */
static const void *place_of(const struct dl_phdr_info *info, uintptr_t value)
{
    uintptr_t place = value < info->dlpi_addr ? info->dlpi_addr + value : value;
    return (const void *)place;
}

static struct table read_table(const struct dl_phdr_info *info,
                               const ElfW(Phdr) * dynamic)
{
    const ElfW(Dyn) *entry =
        (const void *)(uintptr_t)(info->dlpi_addr + dynamic->p_vaddr);
    struct table table = {0};

    for (; entry->d_tag != DT_NULL; entry++) {
        const void *place = place_of(info, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            table.symbols = place;
        else if (entry->d_tag == DT_STRTAB)
            table.names = place;
        else if (entry->d_tag == DT_GNU_HASH)
            table.gnu_hash = place;
        else if (entry->d_tag == DT_HASH)
            table.hash = place;
    }
    return table;
}

static size_t count_by_chains(const uint32_t *hash)
{
    uint32_t bucket_count = hash[0], first = hash[1], bloom_words = hash[2];
    const uint32_t *buckets =
        (const void *)((const ElfW(Addr) *)(const void *)(hash + 4) +
                       bloom_words);
    const uint32_t *chains = buckets + bucket_count;
    uint32_t last = 0;

    for (uint32_t i = 0; i < bucket_count; i++)
        last = buckets[i] > last ? buckets[i] : last;
    if (last < first || last == 0) /* all are empty */
        return first;
    while ((chains[last - first] & 1) == 0)
        last++;
    return (size_t)last + 1;
}

static size_t count_of(const struct table *table)
{
    if (table->symbols == NULL || table->names == NULL)
        return 0;
    if (table->gnu_hash != NULL)
        return count_by_chains(table->gnu_hash);
    return table->hash != NULL ? table->hash[1] : 0;
}

static bool is_function(const ElfW(Sym) * symbol)
{
    return symbol->st_shndx != SHN_UNDEF && symbol->st_value != 0 &&
           ELF64_ST_TYPE(symbol->st_info) == STT_FUNC;
}

/* The last to begin of those that it lies in. */
static void look_up(struct search *search, const struct dl_phdr_info *info,
                    const struct table *table)
{
    uintptr_t offset = search->address - info->dlpi_addr;
    size_t count = count_of(table);
    const ElfW(Sym) *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const ElfW(Sym) *symbol = &table->symbols[i];
        if (is_function(symbol) && offset >= symbol->st_value &&
            offset - symbol->st_value < symbol->st_size &&
            (best == NULL || symbol->st_value > best->st_value))
            best = symbol;
    }
    search->is_found = best != NULL;
    if (best == NULL)
        return;
    search->behind = offset - best->st_value;
    snprintf(search->name, CFI_SYMBOL_BYTES, "%s",
             table->names + best->st_name);
}

/* One of the loader's list: is it the one? While it is asked it stays loaded. */
static int look(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;
    const ElfW(Phdr) *dynamic = NULL;
    bool is_it = false;

    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_DYNAMIC)
            dynamic = header;
        if (header->p_type == PT_LOAD && search->address >= begin &&
            search->address - begin < header->p_memsz)
            is_it = true;
    }
    if (is_it && dynamic != NULL) {
        struct table table = read_table(info, dynamic);
        look_up(search, info, &table);
    }
    return is_it;
}

bool cfi_symbol_find(const void *address, char name[CFI_SYMBOL_BYTES],
                     size_t *behind)
{
    struct search search = {.address = (uintptr_t)address, .name = name};

    (void)dl_iterate_phdr(look, &search);
    *behind = search.behind;
    return search.is_found;
}
