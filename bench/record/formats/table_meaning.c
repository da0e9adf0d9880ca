/* SPDX-License-Identifier: MIT */
#include "table_meaning.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word;
    double unit_s;
} units[] = {
    {"s", 1},         {"sec", 1},
    {"secs", 1},      {"second", 1},
    {"seconds", 1},   {"ms", 1e-3},
    {"msec", 1e-3},   {"msecs", 1e-3},
    {"millis", 1e-3}, {"millisecond", 1e-3},
    {"us", 1e-6},     {"milliseconds", 1e-3},
    {"usec", 1e-6},   {"microsecond", 1e-6},
    {"micros", 1e-6}, {"microseconds", 1e-6},
    {"ns", 1e-9},     {"nanosecond", 1e-9},
    {"nsec", 1e-9},   {"nanoseconds", 1e-9},
    {"minutes", 60},  {"hours", 3600},
};

static const char *const times[] = {"time",    "times",    "elapsed",
                                    "runtime", "duration", "walltime",
                                    "wall",    "real",     "took"};
static const char *const either[] = {"latency", "response", "mean",
                                     "average", "avg",      "median"};

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool is_one_of(const char *text, size_t length, const char *const *list,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_word(text, length, list[i]))
            return true;
    return false;
}

/* The unit of that name; 0: it is none. */
static double unit_called(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (is_word(text, length, units[i].word))
            return units[i].unit_s;
    return 0;
}

/* What a name's words are, up to the "per" or stroke that makes them a rate of
 * what comes before it. */
struct words {
    bool has_time, has_latency, is_vague, has_per;
    double unit_s;
};

static void take_word(struct words *words, const char *text, size_t length)
{
    double unit_s = unit_called(text, length);

    words->has_per |= is_word(text, length, "per");
    if (words->has_per)
        return;
    if (unit_s > 0)
        words->unit_s = unit_s;
    words->has_time |=
        is_one_of(text, length, times, sizeof times / sizeof *times);
    words->is_vague |=
        is_one_of(text, length, either, sizeof either / sizeof *either);
    words->has_latency |= is_one_of(text, length, either, 2);
}

enum table_meaning table_meaning_of(const char *name, size_t length,
                                    double *unit_s)
{
    struct words words = {0};

    for (size_t i = 0; i < length;) {
        size_t end = i;
        while (end < length && isalnum((unsigned char)name[end]))
            end++;
        take_word(&words, name + i, end - i);
        for (i = end; i < length && !isalnum((unsigned char)name[i]); i++)
            words.has_per |= name[i] == '/';
    }
    bool is_time = words.has_time || words.unit_s > 0;
    if (words.has_latency || (words.is_vague && !is_time && !words.has_per))
        return TABLE_MEANS_EITHER;
    if (!is_time)
        return TABLE_MEANS_RATES;
    *unit_s = words.unit_s > 0 ? words.unit_s : 1;
    return TABLE_MEANS_TIMES;
}
