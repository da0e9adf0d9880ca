/* SPDX-License-Identifier: MIT */
/*
 * Block orders. What drifts while a run goes on (temperature, neighbours on the
 * host) must not fall on one case more than on another, so each block is a
 * complete pass in an order of its own (method: randomised complete blocks).
 *
 * Random numbers: splitmix64 (Steele, Lea, Flood 2014), seeded from (seed,
 * block), drawn without modulo bias, shuffled as Fisher and Yates do. Ten lines
 * that give the same order on every machine and with every library version.
 *
 * Williams (1949): the sequence 0, 1, n-1, 2, n-2, ... moved on by one per row
 * makes a square in which every case directly follows every other once. For
 * odd n that takes the mirrored rows as well. Which case has which number is
 * shuffled by the seed.
 */
#include "order.h"

#include <string.h>

static const char *const names[] = {
    [ORDER_RANDOM] = "random",
    [ORDER_SEQUENTIAL] = "sequential",
    [ORDER_WILLIAMS] = "williams",
};

enum { NAME_COUNT = sizeof names / sizeof *names };

const char *order_name(enum order_kind kind)
{
    return (size_t)kind < NAME_COUNT ? names[kind] : NULL;
}

bool order_find(const char *name, enum order_kind *kind)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        *kind = (enum order_kind)i;
        return true;
    }
    return false;
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform below `bound`: what would favour small numbers is drawn again. */
static size_t random_below(uint64_t *state, size_t bound)
{
    uint64_t unfair = -(uint64_t)bound % bound;
    uint64_t drawn;

    do
        drawn = next_random(state);
    while (drawn < unfair);
    return (size_t)(drawn % bound);
}

static void shuffle(uint64_t state, size_t count, size_t *order)
{
    next_random(&state);
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below(&state, i);
        size_t kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
}

size_t order_williams_rows(size_t count)
{
    return count % 2 == 0 ? count : 2 * count;
}

/* The i-th number of 0, 1, n-1, 2, n-2, ... */
static size_t zigzag(size_t i, size_t count)
{
    return i % 2 == 1 ? (i + 1) / 2 : (count - i / 2) % count;
}

static void williams(uint64_t seed, size_t block, size_t count, size_t *order)
{
    size_t row = block % order_williams_rows(count);
    bool is_mirrored = row >= count;
    size_t number[ORDER_WILLIAMS_MAX];

    for (size_t i = 0; i < count; i++)
        number[i] = i;
    shuffle(seed, count, number);
    for (size_t i = 0; i < count; i++) {
        size_t place = is_mirrored ? count - 1 - i : i;

        order[i] = number[(zigzag(place, count) + row) % count];
    }
}

void order_block(enum order_kind kind, uint64_t seed, size_t block,
                 size_t count, size_t *order)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (kind == ORDER_RANDOM)
        shuffle(seed ^ (0xd1342543de82ef95u * (block + 1)), count, order);
    else if (kind == ORDER_WILLIAMS && count <= ORDER_WILLIAMS_MAX)
        williams(seed, block, count, order);
}
