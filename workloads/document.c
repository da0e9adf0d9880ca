/* SPDX-License-Identifier: MIT */
/*
 * Records one after the other, each from a random word of splitmix64. Numbers
 * are whole, or whole and quarters: exact in binary, so that a sum over them is
 * the same in any language.
 */
#include "document.h"

#include <stdio.h>
#include <string.h>

#include "random.h"

enum { RECORD_BYTES_MAX = 256, NAMES = 8 };

static const char *const names[NAMES] = {"ash",   "birch", "cedar", "elm",
                                         "hazel", "larch", "maple", "willow"};
static const char *const fractions[] = {"", ".25", ".5", ".75"};

/* Keys: id name price stock active tags note. */
enum { VALUES = 10, KEY_BYTES = 2 + 4 + 5 + 5 + 6 + 4 + 4 };

/* Decoded: caf, two bytes of e acute, blank, quotes around a name, newline. */
enum { NOTE_BYTES = 3 + 2 + 1 + 2 + 1 };

static const char *name_of(uint64_t random, unsigned shift)
{
    return names[(random >> shift) % NAMES];
}

/* Writes one record; returns its length. */
static size_t write_record(char *to, uint64_t id, uint64_t random,
                           struct wl_document_facts *facts)
{
    const char *first = name_of(random, 0), *second = name_of(random, 3);
    const char *tag = name_of(random, 6), *other = name_of(random, 9);
    uint64_t price = (random >> 12) % 4000; /* in quarters */
    int64_t stock = (int64_t)((random >> 24) % 2001) - 1000;
    char note[64] = "null";
    int length;

    facts->values += VALUES;
    facts->quarters += 4 * id + price + 4 * (uint64_t)stock;
    facts->text_bytes += KEY_BYTES + strlen(first) + 1 + strlen(second) +
                         strlen(tag) + strlen(other);
    if ((random >> 37) % 2 == 1) {
        snprintf(note, sizeof note, "\"caf\\u00e9 \\\"%s\\\"\\n\"", tag);
        facts->text_bytes += NOTE_BYTES + strlen(tag);
    }
    length = snprintf(
        to, RECORD_BYTES_MAX,
        "{\"id\":%llu,\"name\":\"%s %s\",\"price\":%llu%s,\"stock\":%lld,"
        "\"active\":%s,\"tags\":[\"%s\",\"%s\"],\"note\":%s}",
        (unsigned long long)id, first, second, (unsigned long long)price / 4,
        fractions[price % 4], (long long)stock,
        (random >> 36) % 2 == 1 ? "true" : "false", tag, other, note);
    return (size_t)length;
}

size_t wl_document_room(size_t bytes)
{
    return bytes + RECORD_BYTES_MAX + sizeof "[]";
}

struct wl_document_facts wl_document_write(uint64_t number, size_t bytes,
                                           char *room)
{
    struct wl_document_facts facts = {.values = 1};
    uint64_t state = number;
    size_t used = 0;

    room[used++] = '[';
    for (uint64_t id = 0; used < bytes; id++) {
        if (id > 0)
            room[used++] = ',';
        used += write_record(room + used, id, wl_random(&state), &facts);
    }
    room[used++] = ']';
    memset(room + used, ' ', wl_document_room(bytes) - used);
    return facts;
}
