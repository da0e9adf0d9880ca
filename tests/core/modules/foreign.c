/* SPDX-License-Identifier: MIT */
/* A module of a libcf that never was: its table says another version. */
#include <stdint.h>

#include <cf/status.h>

struct head {
    uint32_t interface;
    uint32_t table_bytes;
    char version[16];
};

CF_API extern const struct head cf_module_openmp;

const struct head cf_module_openmp = {1, sizeof(struct head), "0.0.9"};
