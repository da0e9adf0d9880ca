/* SPDX-License-Identifier: MIT */
/* Plain replacement of text: what is put in is not looked at again. */
#include "fill.h"

#include <stdlib.h>
#include <string.h>

bool fill_is_in(char *const *words, size_t count, const char *hole)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(words[i], hole) != NULL)
            return true;
    return false;
}

char *fill(const char *word, const char *hole, const char *value)
{
    size_t hole_length = strlen(hole), value_length = strlen(value);
    size_t length = strlen(word);
    const char *at = word, *found;
    char *filled, *to;

    for (; (found = strstr(at, hole)) != NULL; at = found + hole_length)
        length += value_length; /* the hole's own stays: never too short */
    filled = to = malloc(length + 1);
    if (filled == NULL)
        return NULL;
    for (at = word; (found = strstr(at, hole)) != NULL;
         at = found + hole_length) {
        to = mempcpy(to, at, (size_t)(found - at));
        to = mempcpy(to, value, value_length);
    }
    strcpy(to, at);
    return filled;
}

char **fill_all(char *const *words, size_t count, const char *hole,
                const char *value)
{
    char **filled = calloc(count + 1, sizeof *filled);

    for (size_t i = 0; filled != NULL && i < count; i++) {
        filled[i] = fill(words[i], hole, value);
        if (filled[i] != NULL)
            continue;
        fill_free(filled);
        return NULL;
    }
    return filled;
}

void fill_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        free(words[i]);
    free(words);
}
