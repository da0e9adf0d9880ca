/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_SHA256_H
#define PLOTS_SHA256_H

/* SHA-256 (FIPS 180-4), to name the file that a page was made from. */
#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

enum { SHA256_TEXT = 65 };

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t count);
/* Writes it as hexadecimal digits. */
void sha256_end(struct sha256 *hash, char text[SHA256_TEXT]);

#endif
