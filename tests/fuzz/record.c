/* SPDX-License-Identifier: MIT */
/*
 * A result file from a stranger: read, computed anew, written in every form,
 * drawn, reported. What was read is written so that it can be read again, and a
 * report's JSON is JSON.
 */
#include "fuzz.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "ascii.h"
#include "draw.h"
#include "drawing.h"
#include "formats.h"
#include "plots.h"
#include "report.h"

static void write_again(const struct record *record)
{
    struct record_error error;

    MUST(record_write(record, output_path(), &error));
    struct record *again = record_read(output_path(), &error);
    if (again == NULL)
        fprintf(stderr, "%s\n", error.text);
    MUST(again != NULL);
    MUST(again->case_count == record->case_count);
    MUST(again->sample_count == record->sample_count);
    record_destroy(again);
}

static void draw(const struct figure *figure, const struct subject *subject)
{
    struct drawing drawing = {0};

    if (figure_is_about(figure, subject) &&
        figure_compose(figure, &drawing, subject)) {
        drawing_write(nowhere(), nowhere(), figure, &drawing, subject, "stem",
                      LAYOUT_WIDE, PLOTS_SVG | PLOTS_PNG);
        drawing_write(nowhere(), nowhere(), figure, &drawing, subject, "stem",
                      LAYOUT_NARROW, PLOTS_SVG);
        ascii_draw(nowhere(), figure, &drawing, subject, true);
    }
    drawing_finish(&drawing);
}

static void draw_all(const struct record *record)
{
    struct details details;

    if (!details_collect(record, &details))
        return;
    for (size_t i = 0; i < record->workload_count; i++) {
        struct subject subject = subject_of(&details, i);
        for (size_t k = 0; figures[k] != NULL; k++)
            draw(figures[k], &subject);
    }
    details_finish(&details);
}

static void report(struct record *record, const char *name)
{
    const struct report_form *form = report_form_of(name);
    struct report_input input = {.record = record, .source = {.name = "name"}};
    struct drawer drawer = {.folder = "/nonexistent"}; /* without gnuplot */
    struct plots_error error;
    char *text = NULL;
    size_t bytes;

    FILE *out = open_memstream(&text, &bytes);
    MUST(out != NULL);
    (void)report_write(out, form, &input, 1, &drawer, &error);
    MUST(fclose(out) == 0);
    if (strcmp(form->ending, ".json") == 0) {
        cJSON *json = cJSON_Parse(text);
        MUST(json != NULL);
        cJSON_Delete(json);
    }
    if (strcmp(form->ending, ".html") == 0)
        MUST(strstr(text, "<script") == NULL); /* ours has none */
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct record_error error;
    struct record *record = record_read(file_of(data, bytes), &error);

    if (record == NULL)
        return 0;
    write_again(record);
    draw_all(record);
    report(record, "a.md");
    if (record_summarize(record)) {
        write_again(record);
        draw_all(record);
    }
    for (size_t i = 0; export_formats[i].name != NULL; i++)
        export_formats[i].write(nowhere(), record);
    report(record, "a.html");
    report(record, "a.json");
    record_destroy(record);
    return 0;
}
