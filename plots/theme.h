/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_THEME_H
#define PLOTS_THEME_H

/*
 * What everything we draw has in common. A backend keeps its colour, dash and
 * marker in every figure of every record, so that a reader learns them once;
 * dash and marker repeat what the colour says for those who cannot see it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct theme {
    const char *name;   /* "light" */
    const char *suffix; /* of a picture's file name: "" or "-dark" */
    const char *paper;
    const char *ink;   /* text */
    const char *quiet; /* lesser text; 4.5:1 against paper */
    const char *rule;  /* axes */
    const char *grid;
};

enum { THEME_LIGHT, THEME_DARK, THEME_COUNT };
extern const struct theme themes[THEME_COUNT];

struct theme_lane {
    const char *backend;  /* "thread" */
    const char *variable; /* its colour's name in a script */
    const char *color[THEME_COUNT];
    const char *dash;  /* of gnuplot: "1" or "(8,4)" */
    int marker;        /* of gnuplot: its point type */
    const char *label; /* without a version; NULL: its name */
    const char *ansi;  /* its colour on a terminal */
    char letter;       /* its marker there */
};

/* The lane of a backend; one for all that we do not know. Never NULL. */
const struct theme_lane *theme_lane(const char *backend);
/* As it is written beside its line: "thread", "Python 3.13 thread", "MPI (4 each)";
 * of a backend that we do not know its name. */
void theme_name(char *text, size_t text_bytes, const char *backend);
/* The i-th lane, the unknown's last; NULL past it. */
const struct theme_lane *theme_lane_at(size_t i);
/* Its place in the order in which lanes are drawn and listed. */
size_t theme_rank(const char *backend);

/* Parts of a whole, from the left: not backends, so not their colours. */
enum { THEME_PARTS = 4 };
struct theme_part {
    const char *variable;
    const char *color[THEME_COUNT];
};
extern const struct theme_part theme_parts[THEME_PARTS];

/* Values in classes, for maps: the same on both papers, since the numbers stand
 * in them. */
enum { THEME_SHARES = 5, THEME_SIDES = 7 };
struct theme_scale {
    const char *color;
    bool is_dark; /* asks for light text */
};
extern const struct theme_scale theme_shares[THEME_SHARES]; /* poor to good */
extern const struct theme_scale theme_sides[THEME_SIDES];   /* either way */
#define THEME_ON_DARK  "#fdfdfd"
#define THEME_ON_LIGHT "#0b0d10"

/* Writes a theme's colours as variables of a gnuplot script. */
void theme_write(FILE *script, int theme);

#endif
