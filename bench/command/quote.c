/* SPDX-License-Identifier: MIT */
/* Only what quote_join() writes is read: no backslash or double quote but those
 * inside single quotes, and \' between two of them. */
#include "quote.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789@%+=:,./_-{}";

    return *word != '\0' && word[strspn(word, plain)] == '\0';
}

static char *put_quoted(char *to, const char *word)
{
    *to++ = '\'';
    for (; *word != '\0'; word++) {
        if (*word != '\'') {
            *to++ = *word;
            continue;
        }
        memcpy(to, "'\\''", 4);
        to += 4;
    }
    *to++ = '\'';
    return to;
}

char *quote_join(char *const *words, size_t count)
{
    size_t most = 1;
    char *text, *to;

    for (size_t i = 0; i < count; i++)
        most += 4 * strlen(words[i]) + 3;
    text = to = malloc(most);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *to++ = ' ';
        if (is_plain(words[i]))
            to = stpcpy(to, words[i]);
        else
            to = put_quoted(to, words[i]);
    }
    *to = '\0';
    return text;
}

/* Copies one word from `*from` to `*to`, which ends up past its 0. False: an
 * open quote. */
static bool take_word(const char **from, char **to)
{
    bool is_quoted = false;
    const char *at = *from;

    for (; *at != '\0' && (is_quoted || *at != ' '); at++) {
        if (*at == '\'')
            is_quoted = !is_quoted;
        else if (*at == '\\' && !is_quoted && at[1] == '\'')
            *(*to)++ = *++at;
        else
            *(*to)++ = *at;
    }
    *(*to)++ = '\0';
    *from = at;
    return !is_quoted;
}

char **quote_split(const char *text, size_t *count)
{
    size_t most = 2;
    char **words;
    char *to;

    for (const char *at = text; *at != '\0'; at++)
        most += *at == ' ';
    words = malloc(most * sizeof *words + strlen(text) + most);
    if (words == NULL)
        return NULL;
    to = (char *)(words + most);
    *count = 0;
    while (*text != '\0') {
        words[(*count)++] = to;
        if (!take_word(&text, &to)) {
            free(words);
            return NULL;
        }
        text += *text == ' ';
    }
    words[*count] = NULL;
    return words;
}
