/* SPDX-License-Identifier: MIT */
#include "letters.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "caption.h"
#include "text.h"

enum {
    LETTERS_MAX = 128,
    CAPTION_CHARS = 128, /* more than a picture has room for */
    LATIN_END = 0x240,   /* from here on UTF-8 begins with 0xC9 and above */
    ELLIPSIS = 0x2026,
};

struct letters {
    uint32_t list[LETTERS_MAX];
    size_t count;
    bool are_many; /* more than are listed */
};

static void take(struct letters *letters, uint32_t letter)
{
    if (letter < LATIN_END || letter == ELLIPSIS)
        return;
    for (size_t i = 0; i < letters->count; i++)
        if (letters->list[i] == letter)
            return;
    if (letters->count < LETTERS_MAX)
        letters->list[letters->count++] = letter;
    else
        letters->are_many = true;
}

static void take_text(struct letters *letters, const char *text)
{
    while (text != NULL && *text != '\0')
        take(letters, text_letter(&text));
}

static void take_captions(struct letters *letters,
                          const struct subject *subject)
{
    char *text = NULL;
    size_t bytes;
    FILE *captions = open_memstream(&text, &bytes);

    if (captions == NULL)
        return;
    caption_workload(captions, subject, CAPTION_CHARS);
    caption_machine(captions, subject, CAPTION_CHARS);
    fclose(captions);
    take_text(letters, text);
    free(text);
}

/* Names of lanes, curves and rows, and what is said beside rows. */
static void take_names(struct letters *letters, const struct panel *panel)
{
    for (size_t i = 0; i < panel->lane_count; i++)
        take_text(letters, panel->lanes[i].backend);
    for (size_t i = 0; i < panel->curves.count; i++)
        take_text(letters, panel->curves.list[i].backend);
    for (size_t i = 0; i < panel->rows.count; i++) {
        take_text(letters, panel->rows.list[i].backend);
        take_text(letters, panel->rows.list[i].verdict);
        take_text(letters, panel->rows.list[i].words);
    }
}

static void write_numbers(FILE *script, const struct letters *letters)
{
    for (size_t i = 0; i < letters->count; i++)
        fprintf(script, "%s%x", i > 0 ? " " : "", (unsigned)letters->list[i]);
}

/* Most often one font has them all, and else it is asked for each. */
static void write_question(FILE *script, const struct letters *letters)
{
    if (letters->are_many) {
        fputs("lacks = 1\n", script);
        return;
    }
    fputs("if (is_drawn && !exists(\"lacks\")) lacks = "
          "system(\"fc-list -q ':charset=",
          script);
    write_numbers(script, letters);
    fputs("' || for c in ", script);
    write_numbers(script, letters);
    fputs("; do fc-list -q :charset=$c || echo $c; done\") ne \"\"\n", script);
}

void letters_write(FILE *script, const struct drawing *drawing,
                   const struct subject *subject, const char *stem)
{
    struct letters letters = {0};

    take_captions(&letters, subject);
    for (size_t i = 0; i < drawing->panel_count; i++)
        take_names(&letters, &drawing->panels[i]);
    if (letters.count == 0)
        return;
    fputs("# a letter without a font would be as large as the picture\n"
          "is_drawn = GPVAL_TERM ne \"svg\"\n",
          script);
    write_question(script, &letters);
    fprintf(script,
            "if (is_drawn && lacks) data = \"< LC_ALL=C sed "
            "'s/\\\\xE2\\\\x80\\\\xA6/../g; "
            "s/[\\\\xC9-\\\\xF4][\\\\x80-\\\\xBF]*/?/g' %s.dat\"\n",
            stem);
}
