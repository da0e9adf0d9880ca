/* SPDX-License-Identifier: MIT */
#ifndef CFI_CODE_OBJECT_H
#define CFI_CODE_OBJECT_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files of loaded objects: where a process that lacks a function's object can
 * find it. */
#define CFI_PATH_BYTES PATH_MAX

/* The absolute path of the object that `address` lies in, "" for the program
 * itself. False: no object, or no such path. */
bool cfi_code_path(const void *address, char path[CFI_PATH_BYTES]);

/* The object that `address` lies in stays, though it is unloaded. */
void cfi_code_keep(const void *address);

/* Loads the object at `path`, for good; its constructors run. False: that
 * failed, and `why` tells why. */
bool cfi_code_load(const char *path, char *why, size_t why_bytes);

/*
 * The list of objects that an executor's tasks have come from, in memory that
 * the host writes and workers read. An entry counts once `object` is not 0.
 */
#define CFI_CATALOGUE_ENTRIES 128

struct cfi_catalogue {
    struct cfi_catalogue_entry {
        _Atomic uint64_t object; /* its identity, see code_address.h */
        char path[CFI_PATH_BYTES];
    } entries[CFI_CATALOGUE_ENTRIES];
};

/* In the host: sees to it that the object of `address` is listed. */
void cfi_catalogue_note(struct cfi_catalogue *catalogue, const void *address,
                        uint64_t object);

/* In a worker: loads the object. False: it is not listed, or cannot be loaded;
 * `why` tells. */
bool cfi_catalogue_load(const struct cfi_catalogue *catalogue, uint64_t object,
                        char *why, size_t why_bytes);

#endif
