/* SPDX-License-Identifier: MIT */
/*
 * A reader for flag tables. getopt_long() would do for reading, but it accepts
 * any prefix of a name, which makes every flag added later a change of meaning,
 * and it cannot say what was meant by a flag that does not exist.
 */
#include "flags.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "say.h"

/* The i-th flag of all tables, one after the other; NULL past the last. */
static const struct flag *flag_at(const struct flag_reader *reader, size_t i)
{
    const struct flag *const tables[] = {reader->table, reader->more,
                                         reader->extra};

    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct flag *flag = tables[t];
             flag != NULL && flag->name != NULL; flag++)
            if (i-- == 0)
                return flag;
    return NULL;
}

static enum flag_kind unknown(const struct flag_reader *reader,
                              const char *name)
{
    struct nearest nearest = nearest_start(name);
    const struct flag *flag;
    char meant[80];

    for (size_t i = 0; (flag = flag_at(reader, i)) != NULL; i++)
        nearest_offer(&nearest, flag->name);
    nearest_offer(&nearest, "help");
    if (nearest.best != NULL)
        snprintf(meant, sizeof meant, "; did you mean --%s?", nearest.best);
    else
        snprintf(meant, sizeof meant, " (cfbench %s --help lists them)",
                 reader->argv[0]);
    say_trouble("%.60s: no such flag%s", reader->argv[reader->next - 1], meant);
    return FLAG_WRONG;
}

/* `attached` is the value that came in the same word, or NULL. */
static enum flag_kind given(struct flag_reader *reader, const struct flag *flag,
                            const char *attached)
{
    reader->flag = flag;
    reader->value = attached;
    if (flag->value == NULL) {
        if (attached == NULL)
            return FLAG_GIVEN;
        say_trouble("--%s: takes no value", flag->name);
        return FLAG_WRONG;
    }
    if (attached == NULL && reader->next < reader->argc)
        reader->value = reader->argv[reader->next++];
    if (reader->value != NULL && reader->value[0] != '\0')
        return FLAG_GIVEN;
    say_trouble("--%s: needs %s after it", flag->name, flag->value);
    return FLAG_WRONG;
}

static enum flag_kind long_flag(struct flag_reader *reader, const char *name)
{
    size_t length = strcspn(name, "=");
    const char *attached = name[length] == '=' ? name + length + 1 : NULL;
    const struct flag *flag;

    if (strcmp(name, "help") == 0)
        return FLAG_HELP;
    for (size_t i = 0; (flag = flag_at(reader, i)) != NULL; i++)
        if (strlen(flag->name) == length &&
            memcmp(flag->name, name, length) == 0)
            return given(reader, flag, attached);
    return unknown(reader, name);
}

static enum flag_kind short_flag(struct flag_reader *reader, const char *text)
{
    const struct flag *flag;

    if (strcmp(text, "h") == 0)
        return FLAG_HELP;
    for (size_t i = 0; (flag = flag_at(reader, i)) != NULL; i++)
        if (flag->letter != '\0' && flag->letter == text[0])
            return given(reader, flag, text[1] != '\0' ? text + 1 : NULL);
    return unknown(reader, text);
}

enum flag_kind flag_next(struct flag_reader *reader)
{
    const char *word;

    if (reader->next >= reader->argc)
        return FLAG_END;
    word = reader->argv[reader->next++];
    if (!reader->only_words && strcmp(word, "--") == 0) {
        reader->only_words = true;
        return flag_next(reader);
    }
    if (reader->only_words || word[0] != '-' || word[1] == '\0') {
        reader->value = word;
        return FLAG_WORD;
    }
    if (word[1] == '-')
        return long_flag(reader, word + 2);
    return short_flag(reader, word + 1);
}

static void print_about(const char *about)
{
    for (;;) {
        size_t length = strcspn(about, "\n");

        printf("%.*s\n", (int)length, about);
        if (about[length] == '\0')
            return;
        about += length + 1;
        printf("%29s", "");
    }
}

static void print_flag(const struct flag *flag)
{
    char left[64];
    int width = snprintf(
        left, sizeof left, "  %c%c%c --%s%s%s", flag->letter ? '-' : ' ',
        flag->letter ? flag->letter : ' ', flag->letter ? ',' : ' ', flag->name,
        flag->value ? " " : "", flag->value ? flag->value : "");

    printf("%-29s", left);
    if (width >= 29)
        printf("\n%29s", "");
    print_about(flag->about);
}

static bool is_among(const char *name, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

void flag_print_table(const struct flag *table, const char *const *but)
{
    for (const struct flag *flag = table; flag->name != NULL; flag++)
        if (!is_among(flag->name, but))
            print_flag(flag);
}

void flag_print(const struct flag *table)
{
    flag_print_table(table, NULL);
    printf("  -h, --%-21sthis text\n", "help");
}
