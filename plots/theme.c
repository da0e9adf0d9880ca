/* SPDX-License-Identifier: MIT */
/*
 * Okabe and Ito's colours, which the colour-blind can tell apart, each with a
 * lighter member of its hue for dark paper; never used for text.
 */
#include "theme.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const struct theme themes[THEME_COUNT] = {
    [THEME_LIGHT] = {.name = "light",
                     .suffix = "",
                     .paper = "#ffffff",
                     .ink = "#1f2328",
                     .quiet = "#59636e",
                     .rule = "#8b949e",
                     .grid = "#e4e8ec"},
    [THEME_DARK] = {.name = "dark",
                    .suffix = "-dark",
                    .paper = "#14181d",
                    .ink = "#e6eaee",
                    .quiet = "#a3adb8",
                    .rule = "#6b7580",
                    .grid = "#2a3138"},
};

static const struct theme_lane lanes[] = {
    {"serial",
     "serial",
     {"#6e7781", "#a0a9b3"},
     "(4,4)",
     2,
     "serial",
     "90",
     's'},
    {"thread", "thread", {"#0072b2", "#58b4f0"}, "1", 7, "thread", "34", 't'},
    {"process",
     "process",
     {"#d55e00", "#ff8f4a"},
     "(12,4)",
     5,
     "process",
     "31",
     'p'},
    {"openmp",
     "openmp",
     {"#009e73", "#3ed6a5"},
     "(8,3,2,3)",
     9,
     "OpenMP",
     "32",
     'o'},
    {"gil",
     "gil",
     {"#000000", "#ffffff"},
     "(3,3)",
     13,
     "thread + GIL",
     "1",
     'g'},
    {"mpi", "mpi", {"#8c510a", "#d8a15c"}, "(14,3,3,3)", 11, "MPI", "33", 'm'},
    {"command",
     "own_workers",
     {"#117733", "#66c28a"},
     "(10,3)",
     10,
     "own workers",
     "92",
     'w'},
    {"cpython-serial",
     "python_serial",
     {"#8f7a4e", "#cdb98a"},
     "(4,4)",
     3,
     "Python serial",
     "37",
     'S'},
    {"cpython-thread",
     "python_thread",
     {"#e69f00", "#ffc54d"},
     "1",
     6,
     "Python thread",
     "93",
     'T'},
    {"cpython-process",
     "python_process",
     {"#cc79a7", "#eda6cc"},
     "(12,4)",
     4,
     "Python process",
     "95",
     'P'},
    {"cpython-interpreter",
     "python_free_threaded",
     {"#56b4e9", "#9bd4f7"},
     "(8,3,2,3)",
     8,
     "Python interpreter",
     "96",
     'F'},
    {NULL, "other", {"#6f42c1", "#b392f0"}, "(2,4)", 12, NULL, "35", '?'},
};

const struct theme_part theme_parts[THEME_PARTS] = {
    {"part_busy", {"#2f4a63", "#b4cbe0"}},
    {"part_overhead", {"#b5306f", "#ee7fb0"}},
    {"part_waiting", {"#a4b0bc", "#5f6e7c"}},
    {"part_idle", {"#dfe5ea", "#2f3840"}},
};

/* viridis, which rises in lightness for every eye. */
const struct theme_scale theme_shares[THEME_SHARES] = {
    {"#440154", true},  {"#3b528b", true},  {"#21918c", false},
    {"#5ec962", false}, {"#fde725", false},
};

/* From blue to vermilion, as threads and processes are drawn. */
const struct theme_scale theme_sides[THEME_SIDES] = {
    {"#1b6fa8", true},  {"#6fb0dc", false}, {"#bcd9ee", false},
    {"#f4f4f2", false}, {"#f9d3b8", false}, {"#ef9a5e", false},
    {"#c65303", true},
};

enum { LANE_COUNT = sizeof lanes / sizeof lanes[0] };

/* Of one of several interpreters, "cpython3.13-thread", two for each executor: where
 * the second number of its version is odd, and where it has no GIL. */
static const struct theme_lane versions[] = {
    {"cpython-serial",
     "python_serial",
     {"#8f7a4e", "#cdb98a"},
     "(2,3)",
     1,
     "Python serial",
     "37",
     'Z'},
    {"cpython-serial",
     "python_serial",
     {"#8f7a4e", "#cdb98a"},
     "(6,2)",
     12,
     "Python serial",
     "37",
     'X'},
    {"cpython-thread",
     "python_thread",
     {"#e69f00", "#ffc54d"},
     "(5,3)",
     8,
     "Python thread",
     "93",
     'H'},
    {"cpython-thread",
     "python_free_threaded",
     {"#56b4e9", "#9bd4f7"},
     "1",
     6,
     "Python thread",
     "96",
     'U'},
    {"cpython-process",
     "python_process",
     {"#cc79a7", "#eda6cc"},
     "(4,3)",
     12,
     "Python process",
     "95",
     'R'},
    {"cpython-process",
     "python_process",
     {"#cc79a7", "#eda6cc"},
     "1",
     14,
     "Python process",
     "95",
     'Q'},
    {"cpython-interpreter",
     "python_free_threaded",
     {"#56b4e9", "#9bd4f7"},
     "(4,3)",
     10,
     "Python interpreter",
     "96",
     'I'},
    {"cpython-interpreter",
     "python_free_threaded",
     {"#56b4e9", "#9bd4f7"},
     "(2,3)",
     14,
     "Python interpreter",
     "96",
     'J'},
};

#define PYTHON "cpython"

/* The characters of "3.14t" in "cpython3.14t-thread"; 0: it has no version. */
static size_t version_length(const char *backend)
{
    enum { LONGEST = 8 };
    size_t length;

    if (strncmp(backend, PYTHON, strlen(PYTHON)) != 0)
        return 0;
    length = strspn(backend + strlen(PYTHON), "0123456789.t");
    return length <= LONGEST ? length : 0;
}

/* Ranks with several workers each ("mpi:4") are ranks, and any Python is one. */
static bool is_lane(const char *lane, const char *backend)
{
    size_t length = strlen(lane), version = version_length(backend);

    if (version > 0)
        return strncmp(lane, PYTHON, strlen(PYTHON)) == 0 &&
               strcmp(lane + strlen(PYTHON),
                      backend + strlen(PYTHON) + version) == 0;
    return strncmp(backend, lane, length) == 0 &&
           (backend[length] == '\0' ||
            (backend[length] == ':' && strcmp(lane, "mpi") == 0));
}

size_t theme_rank(const char *backend)
{
    size_t i = 0;

    while (lanes[i].backend != NULL && !is_lane(lanes[i].backend, backend))
        i++;
    return i;
}

const struct theme_lane *theme_lane(const char *backend)
{
    const struct theme_lane *lane = &lanes[theme_rank(backend)];
    size_t length = version_length(backend);
    const char *version = backend + strlen(PYTHON), *minor;

    if (length == 0 || lane->backend == NULL)
        return lane;
    minor = strchr(version, '.');
    bool is_free = version[length - 1] == 't';
    bool is_odd =
        minor != NULL && minor < version + length && atoi(minor + 1) % 2 != 0;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i += 2)
        if (strcmp(versions[i].backend, lane->backend) == 0 &&
            (is_free || is_odd))
            return &versions[is_free ? i + 1 : i];
    return lane;
}

void theme_name(char *text, size_t text_bytes, const char *backend)
{
    const char *label = theme_lane(backend)->label,
               *each = strchr(backend, ':');
    size_t version = version_length(backend);

    if (label == NULL)
        snprintf(text, text_bytes, "%s", backend);
    else if (version > 0) /* behind the first word */
        snprintf(text, text_bytes, "%.*s %.*s%s", (int)strcspn(label, " "),
                 label, (int)version, backend + strlen(PYTHON),
                 label + strcspn(label, " "));
    else if (each != NULL && each[1] != '\0' && strlen(each) < 8 &&
             strspn(each + 1, "0123456789") == strlen(each + 1))
        snprintf(text, text_bytes, "%s (%s each)", label, each + 1);
    else
        snprintf(text, text_bytes, "%s", label);
}

const struct theme_lane *theme_lane_at(size_t i)
{
    return i < LANE_COUNT ? &lanes[i] : NULL;
}

void theme_write(FILE *script, int theme)
{
    const struct theme *paper = &themes[theme];

    fprintf(script, "paper = \"%s\"; ink = \"%s\"; quiet = \"%s\"\n",
            paper->paper, paper->ink, paper->quiet);
    fprintf(script, "rule = \"%s\"; grid = \"%s\"\n", paper->rule, paper->grid);
    for (size_t i = 0; i < LANE_COUNT; i++)
        fprintf(script, "%s = \"%s\"\n", lanes[i].variable,
                lanes[i].color[theme]);
    for (size_t i = 0; i < THEME_PARTS; i++)
        fprintf(script, "%s = \"%s\"\n", theme_parts[i].variable,
                theme_parts[i].color[theme]);
}
