/* SPDX-License-Identifier: MIT */
/*
 * A caption is put together in memory and goes into the data file as one
 * column: its pieces come from the record, so it never meets the script.
 */
#include "caption.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grain.h"
#include "text.h"

enum { MODEL_CHARS_MAX = 64, NUMBER_BYTES = 32 };

/* A stream into memory, read back as a column. */
struct line {
    char *text;
    size_t bytes;
};

static void finish_line(FILE *line, struct line *memory, FILE *data,
                        size_t max_chars)
{
    fclose(line);
    text_to_data(data, memory->text, max_chars);
    free(memory->text);
}

/* Is it of no interest: not set, or of a command what stands without a flag, or
 * its program, which the command begins with? */
static bool is_left_out(const struct record_workload *workload,
                        const struct record_parameter *parameter)
{
    static const char *const switches[] = {"shell", "timeout_s", "any_exit"};

    if (parameter->value[0] == '\0')
        return true;
    if (strncmp(workload->id, "cmd:", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (strcmp(parameter->name, switches[i]) == 0)
            return strcmp(parameter->value, "0") == 0;
    return strcmp(parameter->name, "program") == 0;
}

void caption_workload(FILE *data, const struct subject *subject,
                      size_t max_chars)
{
    const struct record_workload *workload = subject->workload;
    struct line memory = {0};
    FILE *line = open_memstream(&memory.text, &memory.bytes);

    if (line == NULL) {
        fputs("\"\"", data);
        return;
    }
    if (grain_is_of_lengths(subject->record, subject->ordinal - 1)) {
        text_to_terminal(line, workload->grain.of, 40);
        fputs(", tasks of several lengths, by ", line);
        text_to_terminal(line,
                         workload->grain.parameter != NULL
                             ? workload->grain.parameter
                             : "a parameter",
                         24);
        finish_line(line, &memory, data, max_chars);
        return;
    }
    text_to_terminal(line, workload->id, 40);
    for (size_t i = 0; i < workload->parameter_count; i++) {
        if (is_left_out(workload, &workload->parameters[i]))
            continue;
        fputs(", ", line);
        text_to_terminal(line, workload->parameters[i].name, 24);
        fputs("=", line);
        text_to_terminal(line, workload->parameters[i].value, 24);
    }
    fprintf(line, ", %zu task%s", workload->tasks,
            workload->tasks == 1 ? "" : "s");
    finish_line(line, &memory, data, max_chars);
}

void caption_blocks(char text[BLOCKS_BYTES], const struct drawing *drawing)
{
    struct panel all = {0};

    for (size_t i = 0; i < drawing->panel_count; i++) {
        panel_count_blocks(&all, drawing->panels[i].blocks_least);
        panel_count_blocks(&all, drawing->panels[i].blocks_most);
    }
    if (all.blocks_least < all.blocks_most)
        snprintf(text, BLOCKS_BYTES, "%zu to %zu blocks", all.blocks_least,
                 all.blocks_most);
    else
        snprintf(text, BLOCKS_BYTES, "%zu block%s", all.blocks_most,
                 all.blocks_most == 1 ? "" : "s");
}

void caption_intervals(char text[INTERVALS_BYTES],
                       const struct drawing *drawing)
{
    const char *cut = "", *of;
    char blocks[BLOCKS_BYTES];

    for (size_t i = 0; i < drawing->panel_count; i++)
        if (drawing->panels[i].shape == SHAPE_LANES &&
            panel_is_cut(&drawing->panels[i]))
            cut = " Some leave the picture.";
    caption_blocks(blocks, drawing);
    of = drawing->panels[0].has_intervals
             ? "Bars and bands: 95 % interval of the mean"
             : "Of the tasks of all blocks together, without interval";
    if (drawing->note[0] != '\0')
        snprintf(text, INTERVALS_BYTES, "%s%s", drawing->note, cut);
    else if (!drawing->panels[0].has_intervals &&
             strcmp(blocks, "1 block") == 0)
        strcpy(text, "Of one block, without interval.");
    else
        snprintf(text, INTERVALS_BYTES, "%s, %s.%s", of, blocks, cut);
}

size_t caption_line(const char *text, size_t max_bytes, const char **rest)
{
    size_t length = strlen(text);

    if (length > max_bytes) {
        length = max_bytes;
        while (length > 1 && text[length] != ' ')
            length--;
    }
    *rest = text + length + strspn(text + length, " ");
    return length;
}

/* Writes a CPU's model without the marks of its maker. */
static void put_model(FILE *line, const char *model)
{
    static const char *const marks[] = {"(R)", "(TM)", "(tm)"};

    for (size_t chars = 0; *model != '\0' && chars < MODEL_CHARS_MAX; chars++) {
        size_t skip = 0;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (strncmp(model, marks[i], strlen(marks[i])) == 0)
                skip = strlen(marks[i]);
        if (skip == 0)
            putc(*model, line);
        model += skip > 0 ? skip : 1;
    }
}

void caption_machine(FILE *data, const struct subject *subject,
                     size_t max_chars)
{
    const struct facts *env = subject->record->env;
    const char *governor = facts_text(env, "cpu.governor", "unknown");
    struct line memory = {0};
    FILE *line = open_memstream(&memory.text, &memory.bytes);

    if (line == NULL) {
        fputs("\"\"", data);
        return;
    }
    if (subject->usable_cpus > 0)
        fprintf(line, "%zu usable CPU%s: ", subject->usable_cpus,
                subject->usable_cpus == 1 ? "" : "s");
    put_model(line, facts_text(env, "cpu.model",
                               subject->usable_cpus > 0 ? "unknown"
                                                        : "Machine unknown"));
    if (strcmp(governor, "unknown") != 0) {
        fputs(", governor ", line);
        text_to_terminal(line, governor, 16);
    }
    finish_line(line, &memory, data, max_chars);
}

/* Four digits, or all of a number that has a few more; what is far below 1 as
 * short as can be, since 0.00015 has no room beside the axis: "1.5e-4". */
static void write_number(char text[NUMBER_BYTES], double value)
{
    double size = fabs(value);
    char digits[NUMBER_BYTES];

    if (size >= 9999.5 && size < 1e7) {
        snprintf(text, NUMBER_BYTES, "%.0f", value);
        return;
    }
    if (size >= 1e-3 || size == 0) {
        snprintf(text, NUMBER_BYTES, "%.4g", value);
        return;
    }
    snprintf(digits, sizeof digits, "%.2e", value);
    char *exponent = strchr(digits, 'e');
    *exponent++ = '\0';
    snprintf(text, NUMBER_BYTES, "%ge%d", atof(digits), atoi(exponent));
}

void caption_tick(char *text, size_t text_bytes, enum quantity quantity,
                  double value)
{
    static const struct {
        double from, factor;
        const char *unit;
    } rates[] = {{1e4, 1e-3, "k"},
                 {1e6, 1e-6, "M"},
                 {1e9, 1e-9, "G"},
                 {1e12, 1e-12, "T"}},
      times[] = {{-INFINITY, 1e9, " ns"},
                 {0.9e-6, 1e6, " \302\265s"},
                 {0.9e-3, 1e3, " ms"},
                 {0.9, 1, " s"}};
    struct {
        double factor;
        const char *unit;
    } scale = {1, ""};

    switch (quantity) {
    case QUANTITY_PERCENT:
        scale.factor = 100;
        scale.unit = " %%"; /* gnuplot reads a tick as a format */
        break;
    case QUANTITY_RATIO:
        scale.unit = "x";
        break;
    case QUANTITY_COUNT:
        break;
    case QUANTITY_RATE:
        for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
            if (value >= rates[i].from) {
                scale.factor = rates[i].factor;
                scale.unit = rates[i].unit;
            }
        break;
    case QUANTITY_SECONDS:
        for (size_t i = 0; i < sizeof times / sizeof *times; i++)
            if (value >= times[i].from) {
                scale.factor = times[i].factor;
                scale.unit = times[i].unit;
            }
        break;
    }
    char number[NUMBER_BYTES];
    write_number(number, value * scale.factor);
    snprintf(text, text_bytes, "%s%s", number, value == 0 ? "" : scale.unit);
}
