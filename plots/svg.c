/* SPDX-License-Identifier: MIT */
/*
 * gnuplot repeats itself: empty groups, the same line caps and the same font on
 * each, filters that nobody uses. Left out, a page of forty figures weighs a
 * third. Colours are written in one form, so that a style sheet can find an
 * element by its colour and give it the dark theme's: one picture serves both
 * papers. What this does not recognise it copies.
 */
#include "svg.h"

#include <stddef.h>
#include <string.h>

#include "theme.h"

#define CANVAS "<g id=\"gnuplot_canvas\">"

/* Repeated on every group; said once, on the canvas. */
static const char *const shared[] = {
    " stroke-linecap=\"round\" stroke-linejoin=\"round\"",
    " font-family=\"sans-serif\"",
};

static size_t begins(const char *text, const char *start)
{
    size_t length = strlen(start);

    return strncmp(text, start, length) == 0 ? length : 0;
}

/* The length of an element from its start to the end of its closing tag; 0
 * where the text is not at one. */
static size_t element(const char *text, const char *start, const char *end)
{
    const char *close;

    if (begins(text, start) == 0)
        return 0;
    close = strstr(text, end);
    return close == NULL ? 0 : (size_t)(close - text) + strlen(end);
}

/* The length of a group with nothing in it; 0 where there is none. */
static size_t empty_group(const char *text)
{
    static const char end[] = ">\n</g>\n";

    if (begins(text, "<g fill=\"none\"") == 0)
        return 0;
    size_t tag = strcspn(text, ">");
    return begins(text + tag, end) > 0 ? tag + sizeof end - 1 : 0;
}

/* The length of what the text is at and a page can do without. */
static size_t superfluous(const char *text)
{
    size_t length = empty_group(text);

    if (length == 0)
        length = element(text, "<title>", "</title>");
    if (length == 0)
        length = element(text, "<desc>", "</desc>");
    if (length == 0)
        length = element(text, "<filter", "</filter>");
    for (size_t i = 0; length == 0 && i < sizeof shared / sizeof *shared; i++)
        length = begins(text, shared[i]);
    return length == 0 && text[0] == '\t' ? 1 : length;
}

/* Writes a colour as #rrggbb; returns the length of what it stood for. */
static size_t put_color(FILE *out, const char *text)
{
    unsigned red, green, blue;
    int length = 0;

    if (begins(text, "rgb(") == 0 ||
        sscanf(text, "rgb(%3u,%3u,%3u)%n", &red, &green, &blue, &length) < 3 ||
        length == 0 || red > 255 || green > 255 || blue > 255)
        return 0;
    fprintf(out, "#%02x%02x%02x", red, green, blue);
    return (size_t)length;
}

static void put_rule(FILE *out, const char *light, const char *dark)
{
    fprintf(out,
            "[fill='%s'i]{fill:%s}[stroke='%s'i]{stroke:%s}"
            "[color='%s'i]{color:%s}\n",
            light, dark, light, dark, light, dark);
}

static void put_dark_rules(FILE *out)
{
    const struct theme *light = &themes[THEME_LIGHT];
    const struct theme *dark = &themes[THEME_DARK];

    fputs("<style>@media(prefers-color-scheme:dark){\n", out);
    put_rule(out, light->paper, dark->paper);
    put_rule(out, light->ink, dark->ink);
    put_rule(out, light->quiet, dark->quiet);
    put_rule(out, light->rule, dark->rule);
    put_rule(out, light->grid, dark->grid);
    for (size_t i = 0; theme_lane_at(i) != NULL; i++)
        put_rule(out, theme_lane_at(i)->color[THEME_LIGHT],
                 theme_lane_at(i)->color[THEME_DARK]);
    fputs("}</style>\n", out);
}

static void put_canvas(FILE *out)
{
    put_dark_rules(out);
    fputs("<g", out);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        fputs(shared[i], out);
    fputs(">", out);
}

void svg_embed(FILE *out, const char *svg)
{
    while (*svg != '\0') {
        size_t length = superfluous(svg);
        if (length == 0)
            length = put_color(out, svg);
        if (length == 0 && begins(svg, CANVAS) > 0) {
            put_canvas(out);
            length = strlen(CANVAS);
        }
        if (length == 0) {
            putc(*svg, out);
            length = 1;
        }
        svg += length;
    }
}
