/* SPDX-License-Identifier: MIT */
/*
 * Lists of worker counts. A list is a sorted array without duplicates; every
 * way of writing one ends in add(). Limits are checked before anything is
 * stored, so that "1..1000000000" costs nothing.
 */
#include "workers.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

static bool add(struct workers *workers, size_t count)
{
    size_t at = workers->length;

    while (at > 0 && workers->counts[at - 1] >= count)
        at--;
    if (at < workers->length && workers->counts[at] == count)
        return true;
    if (workers->length == WORKERS_COUNTS_MAX)
        return false;
    memmove(&workers->counts[at + 1], &workers->counts[at],
            (workers->length - at) * sizeof workers->counts[0]);
    workers->counts[at] = count;
    workers->length++;
    return true;
}

static bool parse_count(const char *text, size_t *count)
{
    uint64_t number;

    if (!number_whole(text, 1, WORKERS_MAX, &number))
        return false;
    *count = (size_t)number;
    return true;
}

enum outcome { ADDED, NOT_A_COUNT, TOO_MANY };

static enum outcome add_range(struct workers *workers, size_t first,
                              size_t last)
{
    for (size_t count = first; count <= last; count++)
        if (!add(workers, count))
            return TOO_MANY;
    return ADDED;
}

static enum outcome add_powers(struct workers *workers, size_t last)
{
    for (size_t count = 1; count <= last; count *= 2)
        if (!add(workers, count))
            return TOO_MANY;
    return ADDED;
}

/* One part between commas. `part` is ours to cut up. */
static enum outcome add_part(struct workers *workers, char *part)
{
    char *dots = strstr(part, "..");
    size_t first, last;

    if (strncmp(part, "pow2:", 5) == 0)
        return parse_count(part + 5, &last) ? add_powers(workers, last)
                                            : NOT_A_COUNT;
    if (dots != NULL) {
        *dots = '\0';
        if (!parse_count(part, &first) || !parse_count(dots + 2, &last) ||
            first > last) {
            *dots = '.';
            return NOT_A_COUNT;
        }
        return add_range(workers, first, last);
    }
    if (!parse_count(part, &first))
        return NOT_A_COUNT;
    return add(workers, first) ? ADDED : TOO_MANY;
}

bool workers_parse(const char *text, struct workers *workers, char *why,
                   size_t why_bytes)
{
    workers->length = 0;
    for (const char *start = text;; start++) {
        size_t length = strcspn(start, ",");
        char part[40];

        snprintf(part, sizeof part, "%.*s", (int)(length > 99 ? 99 : length),
                 start);
        switch (add_part(workers, part)) {
        case ADDED:
            break;
        case NOT_A_COUNT:
            snprintf(why, why_bytes,
                     "\"%s\" is no worker count from 1 to %d (as in 4 or "
                     "1,2,4 or 1..8 or pow2:64 or auto)",
                     part, WORKERS_MAX);
            return false;
        case TOO_MANY:
            snprintf(why, why_bytes, "more than %d worker counts",
                     WORKERS_COUNTS_MAX);
            return false;
        }
        start += length;
        if (*start == '\0')
            return true;
    }
}

void workers_auto(bool is_waiting, size_t usable, size_t cores,
                  struct workers *workers)
{
    workers->length = 0;
    if (is_waiting) {
        for (size_t count = 1; count <= 64; count *= 4)
            add(workers, count);
        return;
    }
    if (usable > WORKERS_MAX / 2)
        usable = WORKERS_MAX / 2;
    for (size_t count = 1; count <= 2 * usable; count *= 2)
        add(workers, count);
    add(workers, usable);
    if (cores >= 1 && cores <= 2 * usable)
        add(workers, cores);
}

void workers_limit(struct workers *workers, size_t limit)
{
    while (workers->length > 0 && workers->counts[workers->length - 1] > limit)
        workers->length--;
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

size_t workers_even_tasks(const struct workers *workers, size_t least)
{
    const size_t reasonable = 1024;
    size_t largest = workers->counts[workers->length - 1];
    size_t multiple = 1;

    for (size_t i = 0; i < workers->length; i++) {
        size_t count = workers->counts[i];

        multiple = multiple / common_divisor(multiple, count) * count;
        if (multiple > reasonable)
            return largest > least ? largest : least;
    }
    return (least + multiple - 1) / multiple * multiple;
}
