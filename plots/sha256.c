/* SPDX-License-Identifier: MIT */
/*
 * The constants are the fractions of the square and cube roots of the first
 * primes, as the standard has them; names follow it as well.
 */
#include "sha256.h"

#include <stdio.h>
#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* The message schedule of a block. */
static void schedule(uint32_t w[64], const unsigned char *block)
{
    for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

/* One round on the eight words of the state, which are named by their turn:
 * the caller passes them shifted by one instead of moving them. */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d,
                        uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
                        uint32_t added)
{
    uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    uint32_t choice = (e & f) ^ (~e & g);
    uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    uint32_t t1 = *h + sum1 + choice + added;

    *d += t1;
    *h = t1 + sum0 + majority;
}

static void take_block(struct sha256 *hash, const unsigned char *block)
{
    uint32_t w[64], s[8];

    schedule(w, block);
    memcpy(s, hash->state, sizeof s);
    for (size_t i = 0; i < 64; i += 8) {
        const uint32_t *k = constants + i;
        turn(s[0], s[1], s[2], s + 3, s[4], s[5], s[6], s + 7, k[0] + w[i]);
        turn(s[7], s[0], s[1], s + 2, s[3], s[4], s[5], s + 6, k[1] + w[i + 1]);
        turn(s[6], s[7], s[0], s + 1, s[2], s[3], s[4], s + 5, k[2] + w[i + 2]);
        turn(s[5], s[6], s[7], s + 0, s[1], s[2], s[3], s + 4, k[3] + w[i + 3]);
        turn(s[4], s[5], s[6], s + 7, s[0], s[1], s[2], s + 3, k[4] + w[i + 4]);
        turn(s[3], s[4], s[5], s + 6, s[7], s[0], s[1], s + 2, k[5] + w[i + 5]);
        turn(s[2], s[3], s[4], s + 5, s[6], s[7], s[0], s + 1, k[6] + w[i + 6]);
        turn(s[1], s[2], s[3], s + 4, s[5], s[6], s[7], s + 0, k[7] + w[i + 7]);
    }
    for (size_t i = 0; i < 8; i++)
        hash->state[i] += s[i];
}

void sha256_begin(struct sha256 *hash)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                      0xa54ff53a, 0x510e527f, 0x9b05688c,
                                      0x1f83d9ab, 0x5be0cd19};

    *hash = (struct sha256){0};
    memcpy(hash->state, first, sizeof first);
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;

    while (count > 0) {
        size_t used = hash->bytes % 64;
        size_t taken = count < 64 - used ? count : 64 - used;

        if (taken == 64) { /* a whole one, where it lies */
            take_block(hash, at);
        } else {
            memcpy(hash->block + used, at, taken);
            if (used + taken == 64)
                take_block(hash, hash->block);
        }
        hash->bytes += taken;
        at += taken;
        count -= taken;
    }
}

void sha256_end(struct sha256 *hash, char text[SHA256_TEXT])
{
    uint64_t bits = hash->bytes * 8;
    unsigned char length[8];

    for (size_t i = 0; i < 8; i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha256_add(hash, "\x80", 1);
    while (hash->bytes % 64 != 56)
        sha256_add(hash, "", 1);
    sha256_add(hash, length, sizeof length);
    for (size_t i = 0; i < 8; i++)
        snprintf(text + 8 * i, 9, "%08x", hash->state[i]);
}
