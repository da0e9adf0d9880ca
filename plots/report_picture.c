/* SPDX-License-Identifier: MIT */
/*
 * A figure on the page is an <img> with its SVG inside the address: an image
 * is inert, whatever a label in it says. For figures of several panels the
 * browser chooses: side by side or stacked. The text alternative holds the
 * numbers that the lines show.
 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alternative.h"
#include "svg.h"

enum { PICTURE_BYTES_MAX = 8 << 20 };

/* Reads a whole picture as a text; NULL with errno. */
static char *read_picture(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    char *content = NULL;

    if (file < 0)
        return NULL;
    if (fstat(file, &status) == 0 && status.st_size <= PICTURE_BYTES_MAX)
        content = calloc(1, (size_t)status.st_size + 1);
    if (content != NULL &&
        read(file, content, (size_t)status.st_size) != status.st_size) {
        free(content);
        content = NULL;
    }
    close(file);
    return content;
}

static void note_trouble(struct page *page, const char *why)
{
    if (page->error.text[0] == '\0')
        snprintf(page->error.text, sizeof page->error.text,
                 "a figure could not be embedded: %s", why);
}

/* Writes the picture of that stem as an address. */
static void put_address(struct page *page, const char *stem, bool in_list)
{
    char path[PATH_MAX], *slim = NULL;
    size_t bytes = 0;

    snprintf(path, sizeof path, "%s/%s.svg", page->drawer->folder, stem);
    char *svg = read_picture(path);
    FILE *memory = svg == NULL ? NULL : open_memstream(&slim, &bytes);
    if (memory == NULL) {
        note_trouble(page, strerror(errno));
        free(svg);
        return;
    }
    svg_embed(memory, svg);
    free(svg);
    if (fclose(memory) == 0) {
        svg_address(page->out, slim, in_list);
    } else {
        note_trouble(page, "out of memory");
    }
    free(slim);
}

static void put_alternative(struct page *page, const struct figure *figure,
                            const struct drawing *drawing,
                            const struct subject *subject)
{
    fputs(" alt=\"", page->out);
    report_name(page, subject->workload->id);
    fprintf(page->out, ". %s ", figure->about);
    for (size_t i = 0; i < drawing->panel_count; i++)
        alternative_write(page->out, &drawing->panels[i]);
    putc('"', page->out);
}

static bool draw(struct page *page, const struct figure *figure,
                 const struct subject *subject, enum drawing_layout layout,
                 char stem[STEM_BYTES])
{
    struct plots_error error = {{0}};

    if (page->is_drawn) {
        drawer_stem(figure, subject, layout, stem);
        return true;
    }
    if (drawer_draw(page->drawer, figure, subject, layout, stem, &error) &&
        drawer_settle(page->drawer, &error))
        return true;
    if (page->error.text[0] == '\0')
        page->error = error;
    return false;
}

/* The source for narrow windows, which want the panels stacked. */
static void put_narrow(struct page *page, const struct figure *figure,
                       const struct subject *subject)
{
    char stem[STEM_BYTES];

    if (!draw(page, figure, subject, LAYOUT_NARROW, stem))
        return;
    fputs("<source media=\"(max-width:48rem)\" srcset=\"", page->out);
    put_address(page, stem, true);
    fputs("\">\n", page->out);
}

/* Does the browser choose between panels side by side and stacked? */
static bool is_wide(const struct drawing *drawing)
{
    return drawing->panel_count > 1 && !drawing->is_stacked;
}

/* Begins to draw it, if there is anything to draw. */
static bool begin(struct page *page, const struct figure *figure,
                  size_t workload)
{
    struct subject subject = subject_of(&page->details, workload);
    struct drawing drawing = {0};
    char stem[STEM_BYTES];
    bool good = !figure_compose(figure, &drawing, &subject) ||
                (drawer_draw(page->drawer, figure, &subject, LAYOUT_WIDE, stem,
                             &page->error) &&
                 (!is_wide(&drawing) ||
                  drawer_draw(page->drawer, figure, &subject, LAYOUT_NARROW,
                              stem, &page->error)));

    drawing_finish(&drawing);
    return good;
}

static bool begin_section(struct page *page, size_t workload)
{
    bool good = report_section_begin(page, workload);

    for (size_t i = 0; figures[i] != NULL && good; i++)
        if (figures[i] != &figure_gil ||
            (page->hero == &figure_gil && page->hero_workload == workload))
            good = begin(page, figures[i], workload);
    report_section_end(page);
    return good;
}

bool report_draw(struct page *page)
{
    struct plots_error error;
    bool good = true;

    for (size_t i = 0; i < page->record->workload_count && good; i++)
        if (page->drawer->has_gnuplot && report_has_section(page->record, i))
            good = begin_section(page, i);
    if (!drawer_settle(page->drawer, &error) && good) {
        page->error = error;
        good = false;
    }
    page->is_drawn = good;
    return good;
}

bool report_has_picture(struct page *page, const struct figure *figure,
                        size_t workload)
{
    struct subject subject = subject_of(&page->details, workload);
    struct drawing drawing = {0};
    bool has =
        page->drawer->has_gnuplot && figure_compose(figure, &drawing, &subject);

    drawing_finish(&drawing);
    return has;
}

bool report_picture(struct page *page, const struct figure *figure,
                    size_t workload, bool is_hero)
{
    struct subject subject = subject_of(&page->details, workload);
    struct drawing drawing = {0};
    char stem[STEM_BYTES];
    bool drawn = page->drawer->has_gnuplot &&
                 figure_compose(figure, &drawing, &subject) &&
                 draw(page, figure, &subject, LAYOUT_WIDE, stem);

    if (drawn) {
        bool wide = is_wide(&drawing);
        fprintf(page->out, "<figure%s>\n<picture>\n",
                wide && !is_hero   ? " class=\"wide\""
                : !wide && is_hero ? " class=\"one\""
                                   : "");
        if (wide)
            put_narrow(page, figure, &subject);
        fputs("<img src=\"", page->out);
        put_address(page, stem, false);
        putc('"', page->out);
        put_alternative(page, figure, &drawing, &subject);
        fputs(">\n</picture>\n</figure>\n", page->out);
    }
    drawing_finish(&drawing);
    return drawn;
}
