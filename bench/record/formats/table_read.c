/* SPDX-License-Identifier: MIT */
/*
 * A table, one line at a time: split into fields, then either taken as names or
 * turned into a value. The first line whose fields are no numbers names the
 * columns. Fields point into the text and are never copied, so that a million
 * rows are read in well under a second.
 */
#include "table_read.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "table_field.h"
#include "table_meaning.h"
#include "table_names.h"

#define FIELDS_AT_MOST 64

static const char *const called[] = {[TABLE_WORKERS] = "N (or workers)",
                                     [TABLE_RATE] =
                                         "X (or throughput_per_s, elapsed_s)"};

struct table {
    const char *path;
    struct record_error *error;
    struct series_list *list;
    size_t line;
    char separator; /* ' ': any number of blanks and tabs; 0: not known yet */
    bool has_names;
    int place[TABLE_COLUMNS]; /* of each column among the fields; -1: none */
    double unit_s;            /* of the times; 0: rates are told           */
    bool tells_tasks;         /* of a time; as all rows                    */
    struct table_field fields[FIELDS_AT_MOST];
    int field_count;
    size_t last; /* series */
    struct table_field last_workload;
    struct table_field last_backend;
};

static bool complain(struct table *table, const char *what,
                     const struct table_field *field)
{
    return fail(table->error, table->path, "line %zu: \"%.*s\" %s", table->line,
                (int)(field->length < 40 ? field->length : 40), field->text,
                what);
}

static bool split(struct table *table, const char *text, size_t length)
{
    table->field_count = 0;
    for (;;) {
        size_t end = table_field_end(table->separator, text, length);
        struct table_field field = table_field_trim(text, end);
        if (table->separator != ' ' || field.length > 0) {
            if (table->field_count == FIELDS_AT_MOST)
                return fail(table->error, table->path,
                            "line %zu: more than %d columns", table->line,
                            FIELDS_AT_MOST);
            table->fields[table->field_count++] = field;
        }
        if (end >= length)
            return true;
        text += end + 1;
        length -= end + 1;
    }
}

static void place_names(struct table *table)
{
    double unit_s = 0;

    for (int i = 0; i < table->field_count; i++) {
        const struct table_field *field = &table->fields[i];
        enum table_column column =
            table_column_called(field->text, field->length, &unit_s);
        if (column == TABLE_COLUMNS || table->place[column] >= 0)
            continue;
        table->place[column] = i;
        if (column == TABLE_TIME)
            table->unit_s = unit_s;
    }
}

/* The throughputs, or times, are in what is not the other column. */
static bool place_unnamed(struct table *table)
{
    int at = table->place[TABLE_WORKERS] == 0 ? 1 : 0;
    const struct table_field *field = &table->fields[at];
    if (table_meaning_of(field->text, field->length, &table->unit_s) ==
        TABLE_MEANS_EITHER)
        return complain(table, "may be times or rates: name it elapsed_s or X",
                        field);
    table->place[TABLE_RATE] = at;
    return true;
}

/* The worker counts are in what is not the throughputs' column. X beside a y is
 * what N would be. */
static bool place_other(struct table *table)
{
    int at = table->place[TABLE_RATE] == 0 ? 1 : 0;

    if (table_field_is(&table->fields[at], "y"))
        return complain(table, "beside x: name the worker counts N",
                        &table->fields[at]);
    table->place[TABLE_WORKERS] = at;
    return true;
}

static bool take_names(struct table *table)
{
    int *place = table->place;

    table->has_names = true;
    place_names(table);
    if (place[TABLE_RATE] < 0 && place[TABLE_TIME] >= 0)
        place[TABLE_RATE] = place[TABLE_TIME];
    else
        table->unit_s = 0;
    if (table->field_count == 2) { /* named in the user's own words */
        if (place[TABLE_WORKERS] < 0 && !place_other(table))
            return false;
        if (place[TABLE_RATE] < 0 && !place_unnamed(table))
            return false;
    }
    for (int i = TABLE_WORKERS; i <= TABLE_RATE; i++) {
        if (place[i] < 0)
            return fail(table->error, table->path, "no column %s", called[i]);
    }
    return true;
}

/* The first line: names, or the two columns that then have none. */
static bool take_first(struct table *table, bool *is_names)
{
    double number;

    *is_names = true;
    for (int i = 0; i < table->field_count; i++) {
        const struct table_field *field = &table->fields[i];
        if (table_field_number(field, &number) ||
            table_field_is(field, "nan") || table_field_is(field, "inf") ||
            table_field_is(field, "-inf"))
            *is_names = false;
    }
    if (*is_names)
        return take_names(table);
    if (table->field_count < 2)
        return fail(table->error, table->path,
                    "line %zu: one column, but N and X are two", table->line);
    if (table->field_count > 2)
        return fail(table->error, table->path,
                    "line %zu: %d columns, and no names that say which are N "
                    "and X",
                    table->line, table->field_count);
    table->place[TABLE_WORKERS] = 0;
    table->place[TABLE_RATE] = 1;
    return true;
}

static const struct table_field *field_at(const struct table *table,
                                          enum table_column column)
{
    int place = table->place[column];

    return place >= 0 && place < table->field_count ? &table->fields[place]
                                                    : NULL;
}

static bool take_positive(struct table *table, enum table_column column,
                          double *number)
{
    const struct table_field *field = field_at(table, column);

    if (field == NULL)
        return fail(table->error, table->path,
                    "line %zu: %d columns, and none is %s", table->line,
                    table->field_count, called[column]);
    if (!table_field_number(field, number))
        return complain(table, "is not a number", field);
    if (!isfinite(*number))
        return complain(table, "is too large", field);
    if (!(*number > 0))
        return complain(table, "is not above zero", field);
    return true;
}

static struct table_field text_at(const struct table *table,
                                  enum table_column column)
{
    const struct table_field *field = field_at(table, column);

    return field == NULL ? (struct table_field){0} : *field;
}

static bool is_same(const struct table_field *a, const struct table_field *b)
{
    return a->length == b->length &&
           (a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
}

/* The series of these names: the file's own where none is named. */
static bool find_series(struct table *table)
{
    const struct table_field *workload = &table->last_workload;
    const struct table_field *backend = &table->last_backend;
    const char *slash = strrchr(table->path, '/');
    char *name = workload->length == 0
                     ? strdup(slash == NULL ? table->path : slash + 1)
                     : table_field_text(workload);
    char *on = backend->length == 0 ? NULL : table_field_text(backend);
    bool has_memory = name != NULL && (on != NULL || backend->length == 0);

    table->last = has_memory ? series_find(table->list, name, on) : SIZE_MAX;
    free(name);
    free(on);
    if (!has_memory)
        return fail(table->error, table->path, "out of memory");
    return table->last != SIZE_MAX ||
           fail(table->error, table->path,
                "line %zu: more than %d workloads and backends", table->line,
                SERIES_AT_MOST);
}

/* The series that the row belongs to. */
static bool choose_series(struct table *table)
{
    struct table_field workload = text_at(table, TABLE_WORKLOAD);
    struct table_field backend = text_at(table, TABLE_BACKEND);

    if (table->list->count > 0 && is_same(&workload, &table->last_workload) &&
        is_same(&backend, &table->last_backend))
        return true;
    table->last_workload = workload;
    table->last_backend = backend;
    return find_series(table);
}

/* A whole number of a column that may as well be about something else; `none`
 * where there is none. */
static double whole_at(const struct table *table, enum table_column column,
                       double none)
{
    const struct table_field *field = field_at(table, column);
    double number;

    return field != NULL && table_field_number(field, &number) && number >= 0 &&
                   number < 1e15 && number == floor(number)
               ? number
               : none;
}

/* Tasks for each second; of a time, that of all tasks of the row, or of one. Not
 * of one in some rows alone: they would be off by how many the others have. */
static bool take_rate(struct table *table, double tasks, double *rate)
{
    const struct table_field none = {.text = ""};
    const struct table_field *field = field_at(table, TABLE_TASKS);

    if (!take_positive(table, TABLE_RATE, rate))
        return false;
    if (table->unit_s > 0) {
        if (table->list->count > 0 && table->tells_tasks != (tasks > 0))
            return complain(table, "in tasks: a number in some rows only",
                            field != NULL ? field : &none);
        table->tells_tasks = tasks > 0;
        *rate = (tasks > 0 ? tasks : 1) / (*rate * table->unit_s);
    }
    return isfinite(*rate) ||
           complain(table, "is too small", field_at(table, TABLE_RATE));
}

static bool take_row(struct table *table)
{
    const struct table_field *counts = field_at(table, TABLE_COUNTS);
    struct scaling_value value = {.block = NO_BLOCK};
    double block = whole_at(table, TABLE_BLOCK, -1);
    double tasks = whole_at(table, TABLE_TASKS, 0);

    if (counts != NULL && table_field_is(counts, "false"))
        return true;
    if (!take_positive(table, TABLE_WORKERS, &value.workers) ||
        !take_rate(table, tasks, &value.rate) || !choose_series(table))
        return false;
    if (block >= 0)
        value.block = (size_t)block;
    return series_add(table->list, table->last, value, tasks) ||
           fail(table->error, table->path, "out of memory");
}

/* In quotes it is one where it is a line's only field. */
static bool is_comment(const struct table_field *line)
{
    return line->text[0] == '#' &&
           !(line->is_quoted && memchr(line->text, '"', line->length) != NULL);
}

static bool take_line(struct table *table, const char *text, size_t length)
{
    struct table_field whole = table_field_trim(text, length);
    bool is_names;

    if (whole.length == 0 || is_comment(&whole))
        return true;
    if (memchr(text, '\0', length) != NULL)
        return fail(table->error, table->path,
                    "line %zu: not text: it has a zero byte", table->line);
    if (table->separator != '\0')
        return split(table, text, length) && take_row(table);
    table->separator = table_separator(text, length);
    return split(table, text, length) && take_first(table, &is_names) &&
           (is_names || take_row(table));
}

bool table_read(const char *path, const char *text, size_t length,
                struct series_list *list, struct record_error *error)
{
    struct table table = {.path = path, .error = error, .list = list};
    const char *end = text + length;

    for (size_t i = 0; i < TABLE_COLUMNS; i++)
        table.place[i] = -1;
    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        if (line_end == NULL)
            line_end = end;
        table.line++;
        if (!take_line(&table, text, (size_t)(line_end - text)))
            return false;
        text = line_end + 1;
    }
    return list->count > 0 ||
           fail(error, path, "no row of worker counts and throughputs");
}
