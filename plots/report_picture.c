/* SPDX-License-Identifier: MIT */
/*
 * A figure on the page is an <img> with its SVG inside the address: an image
 * is inert, whatever a label in it says. The browser chooses among light and
 * dark paper, and, for figures of several panels, side by side or stacked. The
 * text alternative holds the numbers that the lines show.
 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"
#include "theme.h"

enum { PICTURE_BYTES_MAX = 8 << 20, ALTERNATIVE_LANES_MAX = 12 };

static void put_base64(FILE *out, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i;
        unsigned group = (unsigned)bytes[i] << 16 |
                         (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (unsigned)bytes[i + 2] : 0);
        putc(digits[group >> 18], out);
        putc(digits[group >> 12 & 63], out);
        putc(left > 1 ? digits[group >> 6 & 63] : '=', out);
        putc(left > 2 ? digits[group & 63] : '=', out);
    }
}

/* Reads a whole picture; NULL with errno. */
static unsigned char *read_picture(const char *path, size_t *bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    unsigned char *content = NULL;

    if (file < 0)
        return NULL;
    if (fstat(file, &status) == 0 && status.st_size > 0 &&
        status.st_size <= PICTURE_BYTES_MAX) {
        *bytes = (size_t)status.st_size;
        content = malloc(*bytes);
        if (content != NULL && read(file, content, *bytes) != (ssize_t)*bytes) {
            free(content);
            content = NULL;
        }
    }
    close(file);
    return content;
}

/* Writes `before`, then the picture as an address, then `after`. */
static void put_address(struct page *page, const char *before, const char *stem,
                        int theme, const char *after)
{
    char path[PATH_MAX];
    size_t bytes = 0;

    snprintf(path, sizeof path, "%s/%s%s.svg", page->drawer->folder, stem,
             themes[theme].suffix);
    unsigned char *content = read_picture(path, &bytes);
    fprintf(page->out, "%sdata:image/svg+xml;base64,", before);
    if (content != NULL)
        put_base64(page->out, content, bytes);
    else if (page->error.text[0] == '\0')
        snprintf(page->error.text, sizeof page->error.text,
                 "a figure could not be read back: %s", strerror(errno));
    fputs(after, page->out);
    free(content);
}

/* "thread: 1 worker 0.99x, 2 workers 1.97x. " */
static void put_lane(struct page *page, const struct panel *panel,
                     const struct panel_lane *lane)
{
    report_name(page, lane->backend);
    for (size_t i = 0; i < lane->count; i++) {
        char value[64];
        quantity_text(value, sizeof value, panel->quantity,
                      lane->points[i].estimate);
        fprintf(page->out, "%s %.0f worker%s %s", i == 0 ? ":" : ",",
                lane->points[i].workers,
                lane->points[i].workers == 1 ? "" : "s", value);
    }
    fputs(". ", page->out);
}

static void put_alternative(struct page *page, const struct figure *figure,
                            const struct drawing *drawing,
                            const struct subject *subject)
{
    fputs(" alt=\"", page->out);
    report_name(page, subject->workload->id);
    fprintf(page->out, ". %s ", figure->about);
    for (size_t i = 0; i < drawing->panel_count; i++) {
        const struct panel *panel = &drawing->panels[i];
        fprintf(page->out, "%s. ", panel->title);
        for (size_t k = 0; k < panel->lane_count && k < ALTERNATIVE_LANES_MAX;
             k++)
            put_lane(page, panel, &panel->lanes[k]);
    }
    putc('"', page->out);
}

static bool draw(struct page *page, const struct figure *figure,
                 const struct subject *subject, enum drawing_layout layout,
                 char stem[STEM_BYTES])
{
    struct plots_error error = {{0}};

    if (drawer_draw(page->drawer, figure, subject, layout, stem, &error))
        return true;
    if (page->error.text[0] == '\0')
        page->error = error;
    return false;
}

/* The sources for narrow windows, which want the panels stacked. */
static void put_narrow(struct page *page, const struct figure *figure,
                       const struct subject *subject)
{
    char stem[STEM_BYTES];

    if (!draw(page, figure, subject, LAYOUT_NARROW, stem))
        return;
    put_address(page,
                "<source media=\"(max-width:48rem) and "
                "(prefers-color-scheme:dark)\" srcset=\"",
                stem, THEME_DARK, "\">\n");
    put_address(page, "<source media=\"(max-width:48rem)\" srcset=\"", stem,
                THEME_LIGHT, "\">\n");
}

bool report_picture(struct page *page, const struct figure *figure,
                    size_t workload, bool is_hero)
{
    struct subject subject = subject_of(page->record, workload);
    struct drawing drawing = {0};
    char stem[STEM_BYTES];
    bool drawn = page->drawer->has_gnuplot &&
                 figure->compose(&drawing, &subject) &&
                 draw(page, figure, &subject, LAYOUT_WIDE, stem);

    if (drawn) {
        bool wide = drawing.panel_count > 1;
        fprintf(page->out, "<figure%s>\n<picture>\n",
                wide && !is_hero ? " class=\"wide\"" : "");
        if (wide)
            put_narrow(page, figure, &subject);
        put_address(page,
                    "<source media=\"(prefers-color-scheme:dark)\" srcset=\"",
                    stem, THEME_DARK, "\">\n");
        put_address(page, "<img src=\"", stem, THEME_LIGHT, "\"");
        put_alternative(page, figure, &drawing, &subject);
        fputs(">\n</picture>\n</figure>\n", page->out);
    }
    drawing_finish(&drawing);
    return drawn;
}
