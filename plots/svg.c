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

#define PAPER  "<rect x=\"0\" y=\"0\""
#define CANVAS "<g id=\"gnuplot_canvas\">"

/* Repeated on every group; said once, on the canvas. */
static const char *const shared[] = {
    " stroke-linecap=\"round\" stroke-linejoin=\"round\"",
    " font-family=\"sans-serif\"",
    " fill=\"none\" color=\"black\" stroke=\"currentColor\"",
    " stroke-width=\"1.00\"",
};

/* Repeated as well, and needed by nobody. */
static const char *const idle[] = {
    " fill=\"none\" color=\"gray\" stroke=\"currentColor\"",
    " class=\"gridline\"",
    "  text-anchor=\"start\"",
};

/* Asked a dozen times at each byte, so the first letter decides mostly. */
static inline size_t begins(const char *text, const char *start)
{
    size_t length;

    if (text[0] != start[0])
        return 0;
    length = strlen(start);
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

/* The length of the name of a group of the plot, " id=..." to its quote. */
static size_t group_name(const char *text)
{
    size_t start = begins(text, " id=\"gnuplot_plot_");

    return start == 0 ? 0 : start + strcspn(text + start, "\"") + 1;
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
    if (length == 0)
        length = group_name(text);
    for (size_t i = 0; length == 0 && i < sizeof shared / sizeof *shared; i++)
        length = begins(text, shared[i]);
    for (size_t i = 0; length == 0 && i < sizeof idle / sizeof *idle; i++)
        length = begins(text, idle[i]);
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

/* Does the picture have that colour, as gnuplot writes it? */
static bool has_color(const char *svg, const char *color)
{
    static const char *const forms[] = {"rgb(%3u, %3u, %3u)", "rgb(%u,%u,%u)"};
    unsigned red = 0, green = 0, blue = 0;

    sscanf(color, "#%2x%2x%2x", &red, &green, &blue);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char decimal[48];
        snprintf(decimal, sizeof decimal, forms[i], red, green, blue);
        if (strstr(svg, decimal) != NULL)
            return true;
    }
    return strcasestr(svg, color) != NULL;
}

/* An element of that colour on light paper has the other one on dark. */
static void put_rule(FILE *out, const char *svg, const char *const colors[])
{
    const char *light = colors[THEME_LIGHT], *dark = colors[THEME_DARK];

    if (has_color(svg, light))
        fprintf(out,
                "[fill='%s'i]{fill:%s}[stroke='%s'i]{stroke:%s}"
                "[color='%s'i]{color:%s}\n",
                light, dark, light, dark, light, dark);
}

static void put_dark_rules(FILE *out, const char *svg)
{
    const struct theme *light = &themes[THEME_LIGHT];
    const struct theme *dark = &themes[THEME_DARK];
    const char *const papers[][THEME_COUNT] = {
        {light->paper, dark->paper}, {light->ink, dark->ink},
        {light->quiet, dark->quiet}, {light->rule, dark->rule},
        {light->grid, dark->grid},
    };

    fputs("<style>@media(prefers-color-scheme:dark){\n", out);
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++)
        put_rule(out, svg, papers[i]);
    for (size_t i = 0; theme_lane_at(i) != NULL; i++)
        put_rule(out, svg, theme_lane_at(i)->color);
    for (size_t i = 0; i < THEME_PARTS; i++)
        put_rule(out, svg, theme_parts[i].color);
    fputs("}</style>\n", out);
}

static void put_canvas(FILE *out, const char *svg)
{
    put_dark_rules(out, svg);
    fputs("<g", out);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        fputs(shared[i], out);
    fputs(">", out);
}

/* The length of digits that nobody sees, where a number goes on at its decimal
 * point: zeros, and in coordinates all but the first. */
static size_t unseen_digits(FILE *out, const char *text, bool is_place)
{
    size_t digits = text[0] == '.' ? strspn(text + 1, "0123456789") : 0;

    if (digits < 2)
        return 0;
    if (strspn(text + 1, "0") >= digits)
        return digits + 1;
    if (!is_place)
        return 0;
    if (text[1] != '0')
        fprintf(out, ".%c", text[1]);
    return digits + 1;
}

/* Is the text inside a tag, and there inside a coordinate? */
struct position {
    bool in_tag;
    bool in_place;
};

static void move(struct position *position, const char *text)
{
    if (*text == '<')
        position->in_tag = true;
    else if (*text == '>')
        *position = (struct position){false, false};
    else if (position->in_tag &&
             (begins(text, "translate(") || begins(text, " d='M") ||
              begins(text, " points =")))
        position->in_place = true;
    else if (*text == ')' || (*text == '\'' && strchr(" />", text[1]) != NULL))
        position->in_place = false;
}

void svg_embed(FILE *out, const char *svg)
{
    const char *whole = svg;
    struct position position = {false, false};

    while (*svg != '\0') {
        size_t length = superfluous(svg);
        move(&position, svg);
        if (length == 0 && position.in_tag)
            length = unseen_digits(out, svg, position.in_place);
        if (length == 0)
            length = put_color(out, svg);
        if (length == 0 && begins(svg, CANVAS) > 0) {
            put_canvas(out, whole);
            length = strlen(CANVAS);
        }
        if (length == 0 && begins(svg, PAPER) > 0) {
            fputs("<rect stroke=\"none\"", out); /* has no say in the canvas' */
            length = strlen("<rect");
        }
        if (length == 0) {
            putc_unlocked(*svg, out);
            length = 1;
        }
        svg += length;
    }
}

/* What a byte of a picture is in an address; NULL: itself. In a tag quotes of
 * either kind do the same. */
static const char *address_of(char byte, bool in_tag, bool in_list)
{
    switch (byte) {
    case '<':
        return "%3C";
    case '#':
        return "%23";
    case '%':
        return "%25";
    case '&':
        return "&amp;"; /* the page's */
    case '"':
        return in_tag ? "'" : "%22";
    case '\'':
        return in_tag ? "'" : "%27";
    case '\n':
    case ' ':
        return in_list ? "%20" : " ";
    default:
        return NULL;
    }
}

void svg_address(FILE *out, const char *svg, bool in_list)
{
    bool in_tag = false;

    fputs("data:image/svg+xml,", out);
    for (; *svg != '\0'; svg++) {
        in_tag = *svg == '<' || (in_tag && *svg != '>');
        const char *other = address_of(*svg, in_tag, in_list);
        if (*svg == '\n' && !in_tag)
            continue;
        if (other != NULL)
            fputs(other, out);
        else
            putc_unlocked(*svg, out);
    }
}
