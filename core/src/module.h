/* SPDX-License-Identifier: MIT */
#ifndef CFI_MODULE_H
#define CFI_MODULE_H

#include <stdint.h>

#include <cf/version.h>

/*
 * A module is a library of its own that holds what one backend needs of a
 * runtime which libcf does not link: a constant table of calls, exported under
 * the name `cf_module_NAME`. The backend itself stays in libcf, so that a
 * module shares no layout with it but that table's.
 *
 * Every table begins with this head. A module that does not say the same
 * `interface` and version as the libcf that loads it is refused.
 */
struct cfi_module_head {
    uint32_t interface;   /* of this kind of table, raised with each change */
    uint32_t table_bytes; /* its size                                       */
    char version[16];     /* of the libcf that it was built with            */
};

#define CFI_MODULE_HEAD(number, type)                                          \
    {                                                                          \
        .interface = (number), .table_bytes = sizeof(type),                    \
        .version = CF_VERSION                                                  \
    }

/* What a backend wants of its module. */
struct cfi_module_wish {
    const char *library; /* the file, as the loader looks for it             */
    const char *symbol;  /* its table                                        */
    const void *linked;  /* the same where the program has linked it, or NULL */
    struct cfi_module_head head; /* what the table must begin with           */
    const char *absent;          /* the reasons, as users read them          */
    const char *foreign;
    const char *unlinked; /* where the program is a static one */
};

#define CFI_MODULE_REASONS(file)                                               \
    .library = (file),                                                         \
    .absent = file " cannot be loaded: not installed, or what it needs is "    \
                   "not",                                                      \
    .foreign = file " belongs to another version of libcf",                    \
    .unlinked = file " cannot be loaded by a statically linked program"

/*
 * The table of a module: the linked one, else the library's, which stays
 * loaded. The loader looks where the object that holds libcf says (its
 * RUNPATH: beside libcf.so), then in the system's usual places. NULL: `*why` is
 * one of the reasons, cf_last_error() has the loader's words.
 */
const void *cfi_module_find(const struct cfi_module_wish *wish,
                            const char **why);

/* Why there is none, NULL where there is. */
const char *cfi_module_missing(const struct cfi_module_wish *wish);

#endif
