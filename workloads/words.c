/* SPDX-License-Identifier: MIT */
/* Two additions a word, as Fletcher's checksum: faster than memory is. */
#include "words.h"

#include <endian.h>
#include <string.h>

static uint64_t word(uint64_t number, uint64_t k)
{
    return (number + 1) * UINT64_C(0x9e3779b97f4a7c15) + k * (2 * number + 1);
}

void wl_words_fill(void *to, size_t bytes, uint64_t number, uint64_t from)
{
    unsigned char *at = to;

    for (size_t done = 0; done < bytes; done += sizeof(uint64_t)) {
        size_t left = bytes - done;
        uint64_t next = htole64(word(number, from + done / sizeof next));
        memcpy(at + done, &next, left < sizeof next ? left : sizeof next);
    }
}

void wl_words_add(struct wl_words *words, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    uint64_t sum = words->sum, chain = words->chain;

    for (size_t done = 0; done < count; done += sizeof(uint64_t)) {
        size_t left = count - done;
        uint64_t next = 0;

        memcpy(&next, at + done, left < sizeof next ? left : sizeof next);
        sum += le64toh(next);
        chain += sum;
    }
    words->bytes += count;
    words->sum = sum;
    words->chain = chain;
}
