/* SPDX-License-Identifier: MIT */
#ifndef RECORD_TABLE_FIELD_H
#define RECORD_TABLE_FIELD_H

/* A field of a table's line, which points into the text and is no string. */
#include <stdbool.h>
#include <stddef.h>

struct table_field {
    const char *text;
    size_t length;
    bool is_quoted; /* stood between quotes: "" in it is one of them */
};

/* What stands between the fields of this line, the table's first; ' ': any
 * number of blanks and tabs. */
char table_separator(const char *text, size_t length);

/* Where the field that begins at `text` ends; a quoted one may hold the
 * separator. */
size_t table_field_end(char separator, const char *text, size_t length);

/* The field without the blanks around it, and without quotes. */
struct table_field table_field_trim(const char *text, size_t length);

/* Is it decimal digits, a point, an exponent: nothing else that strtod() takes?
 * What stands behind the field is no digit. */
bool table_field_number(const struct table_field *field, double *number);

/* Is it that name, in whatever case? */
bool table_field_is(const struct table_field *field, const char *name);

/* What the field says, for free(); NULL without memory. */
char *table_field_text(const struct table_field *field);

#endif
