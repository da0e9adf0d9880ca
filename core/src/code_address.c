/* SPDX-License-Identifier: MIT */
/*
 * Naming a function by (identity of its object, offset in it).
 *
 * The identity is read from the object itself at each call: its ELF header
 * lies at the start of its first segment, leads to the note with the build-id,
 * and 20 bytes are hashed. That is some 15 ns, and nothing can go stale when
 * objects are unloaded and others take their place. Only where an object has
 * no build-id its code is hashed, which takes milliseconds and is remembered,
 * keyed by all of its headers.
 *
 * Who asks again and again has half of that: a thread remembers where it saw
 * the last build-id, and compares what stands there. It looks only into the
 * page of the ELF header, which any other object in that place has, too. Not
 * in a signal's handler: a thread's own memory may be malloc's, the first time.
 *
 * _dl_find_object() finds the object of an address without a lock. The way
 * back tries the hint first: a forked worker has the function where its host
 * has it, and must take no lock, since another thread of the host may have
 * held it at the fork. Where that is another object, all are walked with
 * dl_iterate_phdr(), which takes the loader's lock; each thread remembers where
 * it found an object last. Neither is believed before its identity was read;
 * while it is, nobody is to unload the object that lies there.
 */
#include "code_address.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

struct object {
    const unsigned char *base; /* where its first segment starts */
    const ElfW(Phdr) * headers;
    size_t header_count;
    ElfW(Addr) bias; /* added to the addresses in its headers */
};

static uint64_t mix(uint64_t hash, const unsigned char *bytes, size_t count)
{
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
        bytes += 8;
        count -= 8;
    }
    for (; count > 0; count--)
        hash = (hash ^ *bytes++) * 0x100000001b3u;
    return hash ^ (hash >> 32);
}

static const unsigned char *segment_start(const struct object *object,
                                          const ElfW(Phdr) * header)
{
    /* an address from the loader's own tables */
    return (const unsigned char *)(object->bias + header->p_vaddr);
}

/* Where the object's build-id lies; NULL where it has none. */
static const unsigned char *find_build_id(const struct object *object,
                                          size_t *id_bytes)
{
    for (size_t i = 0; i < object->header_count; i++) {
        const ElfW(Phdr) *header = &object->headers[i];
        if (header->p_type != PT_NOTE)
            continue;
        size_t align = header->p_align == 8 ? 8 : 4;
        const unsigned char *at = segment_start(object, header);
        const unsigned char *end = at + header->p_memsz;
        while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *note = (const void *)at;
            const unsigned char *name = at + sizeof *note;
            size_t name_bytes = (note->n_namesz + align - 1) & ~(align - 1);
            size_t text_bytes = (note->n_descsz + align - 1) & ~(align - 1);
            if ((size_t)(end - name) < name_bytes + text_bytes)
                break;
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                memcmp(name, "GNU", 4) == 0) {
                *id_bytes = note->n_descsz;
                return name + name_bytes;
            }
            at = name + name_bytes + text_bytes;
        }
    }
    return NULL;
}

/* One object's hashed code, remembered; `mark` is its key and the hash in one.
 * Threads that fill a slot at the same time may leave the mark of one and the
 * hash of another there: that is no object's. */
static struct {
    _Atomic uint64_t mark, hash;
} hashed_code[8];

static uint64_t code_hash(const struct object *object)
{
    uint64_t key = mix((uintptr_t)object->base, (const void *)object->headers,
                       object->header_count * sizeof *object->headers);
    size_t slot = key % (sizeof hashed_code / sizeof *hashed_code);
    uint64_t hash = atomic_load(&hashed_code[slot].hash);

    if ((atomic_load(&hashed_code[slot].mark) ^ hash) == key)
        return hash;
    hash = 1;
    for (size_t i = 0; i < object->header_count; i++) {
        const ElfW(Phdr) *header = &object->headers[i];
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0)
            hash = mix(hash, segment_start(object, header), header->p_memsz);
    }
    atomic_store(&hashed_code[slot].hash, hash);
    atomic_store(&hashed_code[slot].mark, key ^ hash);
    return hash;
}

static uint64_t identity(const struct object *object)
{
    size_t id_bytes;
    const unsigned char *id = find_build_id(object, &id_bytes);

    return id != NULL ? mix(id_bytes, id, id_bytes) : code_hash(object);
}

#define HEAD_PAGE_BYTES ((size_t)4096) /* of any size of pages */

/* The build-id that this thread saw last; SHA-1, as linkers make them. */
static _Thread_local struct {
    const unsigned char *base; /* of its object; NULL: none */
    const unsigned char *id;
    unsigned char bytes[20];
    uint64_t identity;
} last_seen;

/* The same of an object whose ELF header was read. */
static uint64_t identity_again(const struct object *object)
{
    size_t id_bytes;

    if (object->base == last_seen.base &&
        memcmp(last_seen.id, last_seen.bytes, sizeof last_seen.bytes) == 0)
        return last_seen.identity;
    const unsigned char *id = find_build_id(object, &id_bytes);
    if (id == NULL || id_bytes != sizeof last_seen.bytes || id < object->base ||
        id + id_bytes > object->base + HEAD_PAGE_BYTES)
        return identity(object);
    last_seen.base = object->base;
    last_seen.id = id;
    memcpy(last_seen.bytes, id, id_bytes);
    last_seen.identity = mix(id_bytes, id, id_bytes);
    return last_seen.identity;
}

static bool is_code(const struct object *object, const unsigned char *address)
{
    for (size_t i = 0; i < object->header_count; i++) {
        const ElfW(Phdr) *header = &object->headers[i];
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0 &&
            address >= segment_start(object, header) &&
            address < segment_start(object, header) + header->p_memsz)
            return true;
    }
    return false;
}

/* The object as dl_iterate_phdr() shows it. */
static struct object object_of_info(const struct dl_phdr_info *info)
{
    struct object object = {.headers = info->dlpi_phdr,
                            .header_count = info->dlpi_phnum,
                            .bias = info->dlpi_addr};
    for (size_t i = 0; i < object.header_count; i++) {
        if (object.headers[i].p_type != PT_LOAD)
            continue;
        /* the first one has the lowest address; segments start on pages */
        ElfW(Addr) mask =
            object.headers[i].p_align > 1 ? object.headers[i].p_align - 1 : 0;
        object.base =
            (const unsigned char *)((object.bias + object.headers[i].p_vaddr) &
                                    ~(mask & 0xfff));
        break;
    }
    return object;
}

#if __GLIBC_PREREQ(2, 35)

/* The object that `address` lies in, from the headers in its own memory. */
static bool find_quickly(const unsigned char *address, struct object *object)
{
    struct dl_find_object found;

    if (_dl_find_object((void *)(uintptr_t)address, &found) != 0)
        return false;
    const unsigned char *base = found.dlfo_map_start;
    const ElfW(Ehdr) *head = found.dlfo_map_start;
    if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        head->e_phentsize != sizeof(ElfW(Phdr)))
        return false;
    *object = (struct object){.base = base,
                              .headers = (const void *)(base + head->e_phoff),
                              .header_count = head->e_phnum,
                              .bias = found.dlfo_link_map->l_addr};
    return true;
}

#else

static bool find_quickly(const unsigned char *address, struct object *object)
{
    (void)address;
    (void)object;
    return false;
}

#endif

struct address_search {
    const unsigned char *address;
    struct object object;
};

static int has_address(struct dl_phdr_info *info, size_t size, void *context)
{
    struct address_search *search = context;

    (void)size;
    search->object = object_of_info(info);
    return is_code(&search->object, search->address);
}

/* A static program and older systems need the loader's own list. */
static bool find_slowly(const void *address, struct object *object)
{
    struct address_search search = {.address = address};

    if (dl_iterate_phdr(has_address, &search) == 0)
        return false;
    *object = search.object;
    return true;
}

static bool address_of(const void *function, bool again,
                       struct cfi_code_address *address)
{
    struct object object = {0};
    bool is_quick = find_quickly(function, &object);

    if ((!is_quick && !find_slowly(function, &object)) ||
        !is_code(&object, function))
        return false;
    address->object =
        is_quick && again ? identity_again(&object) : identity(&object);
    address->offset = (uint64_t)((const unsigned char *)function - object.base);
    address->hint = (uintptr_t)function;
    return true;
}

bool cfi_code_address_of(const void *function, struct cfi_code_address *address)
{
    return address_of(function, false, address);
}

bool cfi_code_address_again(const void *function,
                            struct cfi_code_address *address)
{
    return address_of(function, true, address);
}

struct identity_search {
    uint64_t wanted;
    struct object object;
};

static int has_identity(struct dl_phdr_info *info, size_t size, void *context)
{
    struct identity_search *search = context;

    (void)size;
    search->object = object_of_info(info);
    return search->object.base != NULL &&
           identity(&search->object) == search->wanted;
}

/* Does `place` lie in the object of that identity? */
static bool lies_in(const void *place, uint64_t wanted, struct object *object)
{
    return place != NULL && find_quickly(place, object) &&
           identity_again(object) == wanted;
}

void *cfi_code_address_resolve(struct cfi_code_address address)
{
    static _Thread_local const unsigned char *last_code;
    struct identity_search search = {.wanted = address.object};
    const void *hint = (const void *)(uintptr_t)address.hint;

    if (!lies_in(hint, address.object, &search.object) &&
        !lies_in(last_code, address.object, &search.object) &&
        dl_iterate_phdr(has_identity, &search) == 0)
        return NULL;
    const unsigned char *function = search.object.base + address.offset;
    if (!is_code(&search.object, function))
        return NULL;
    last_code = function;
    return (void *)(uintptr_t)function;
}
