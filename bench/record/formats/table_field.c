/* SPDX-License-Identifier: MIT */
#include "table_field.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

char table_separator(const char *text, size_t length)
{
    static const char known[] = ",;\t";

    for (size_t i = 0; known[i] != '\0'; i++) {
        if (memchr(text, known[i], length) != NULL)
            return known[i];
    }
    return ' ';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct table_field table_field_trim(const char *text, size_t length)
{
    while (length > 0 && is_blank(*text)) {
        text++;
        length--;
    }
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
        return (struct table_field){text + 1, length - 2, true};
    return (struct table_field){text, length, false};
}

size_t table_field_end(char separator, const char *text, size_t length)
{
    bool is_quoted = false;
    size_t i = 0;

    for (; i < length; i++) {
        if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && (text[i] == separator ||
                                (separator == ' ' && text[i] == '\t')))
            break;
    }
    return i;
}

bool table_field_number(const struct table_field *field, double *number)
{
    char *end;

    for (size_t i = 0; i < field->length; i++) {
        if (strchr("0123456789+-.eE", field->text[i]) == NULL)
            return false;
    }
    if (field->length == 0)
        return false;
    *number = strtod(field->text, &end);
    return end == field->text + field->length;
}

bool table_field_is(const struct table_field *field, const char *name)
{
    return field->length == strlen(name) &&
           strncasecmp(field->text, name, field->length) == 0;
}

char *table_field_text(const struct table_field *field)
{
    char *text = strndup(field->text, field->length);

    if (text != NULL && field->is_quoted) {
        for (char *at = text; (at = strstr(at, "\"\"")) != NULL; at++)
            memmove(at, at + 1, strlen(at));
    }
    return text;
}
