/* SPDX-License-Identifier: MIT */
/*
 * hyperfine --export-json: {"results": [{command, times, parameters, ...}]}.
 * Each result is a case, each of its times a sample of one task. The parameter
 * that is called like a worker count, or is the only one that is a whole
 * number, is the worker count; where the command contains it, it is taken out,
 * so that all counts are one workload.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"

#define OTHERS_AT_MOST 200 /* that a result is held against */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool is_hyperfine(const cJSON *root)
{
    const cJSON *results = member(root, "results");

    return cJSON_IsArray(results) &&
           (results->child == NULL ||
            cJSON_IsString(member(results->child, "command")));
}

/* Parameters are texts; a whole number from 1 up, else 0. */
static size_t count_of(const cJSON *parameter)
{
    double number = cJSON_IsNumber(parameter) ? parameter->valuedouble : 0;
    char *end = NULL;

    if (cJSON_IsString(parameter)) {
        number = strtod(parameter->valuestring, &end);
        if (*end != '\0' || end == parameter->valuestring)
            return 0;
    }
    return number >= 1 && number <= 1e9 && number == floor(number)
               ? (size_t)number
               : 0;
}

static const cJSON *worker_parameter(const cJSON *result)
{
    const cJSON *parameters = member(result, "parameters");
    const cJSON *first = parameters == NULL ? NULL : parameters->child;

    for (const cJSON *one = first; one != NULL; one = one->next) {
        if (one->string != NULL && foreign_is_count_name(one->string) &&
            count_of(one) > 0)
            return one;
    }
    return first != NULL && first->next == NULL && first->string != NULL &&
                   count_of(first) > 0
               ? first
               : NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A command and the count that stands in it. */
struct counted {
    const char *command;
    char digits[24];
    size_t length;
};

static struct counted count_in(const char *command, size_t count)
{
    struct counted one = {.command = command};

    one.length = (size_t)snprintf(one.digits, sizeof one.digits, "%zu", count);
    return one;
}

/* Is it there a number of its own? */
static bool stands_at(const struct counted *one, const char *at)
{
    return strncmp(at, one->digits, one->length) == 0 &&
           !is_digit(at[one->length]) &&
           (at == one->command || !is_digit(at[-1]));
}

/* Writes the command with the name in braces where the count stands; beside
 * another one only where that has its own count. False where the two differ in
 * anything else. */
static bool write_workload(FILE *file, const struct counted *one,
                           const struct counted *beside, const char *name)
{
    const char *at = one->command;
    const char *other = beside->command;

    while (*at != '\0') {
        if (stands_at(one, at) && stands_at(beside, other)) {
            fprintf(file, "{%s}", name);
            at += one->length;
            other += beside->length;
        } else if (*at == *other) {
            fputc(*at++, file);
            other++;
        } else {
            return false;
        }
    }
    return *other == '\0';
}

/* For free(); NULL without memory or where the two differ in more. */
static char *name_beside(const struct counted *one,
                         const struct counted *beside, const char *name)
{
    char *workload = NULL;
    size_t bytes;
    FILE *file = open_memstream(&workload, &bytes);
    bool is_named;

    if (file == NULL)
        return NULL;
    is_named = write_workload(file, one, beside, name);
    if (fclose(file) == 0 && is_named)
        return workload;
    free(workload);
    return NULL;
}

/* The count of another result of the same parameters but for this one; 0: it
 * is no such result. */
static size_t count_beside(const cJSON *other, const cJSON *result,
                           const cJSON *parameter)
{
    const cJSON *its = member(other, "parameters");
    const cJSON *ours = member(result, "parameters")->child;

    for (; ours != NULL; ours = ours->next) {
        if (ours != parameter &&
            !cJSON_Compare(ours, member(its, ours->string), true))
            return 0;
    }
    return cJSON_IsString(member(other, "command"))
               ? count_of(member(its, parameter->string))
               : 0;
}

/* The result behind this one; behind the last one the first. */
static const cJSON *next_result(const cJSON *root, const cJSON *result)
{
    return result->next != NULL ? result->next : member(root, "results")->child;
}

/* A workload's name without its count. One that differs in its count alone
 * tells which numbers are the count: of "-1 -T1" beside "-1 -T2" the second.
 * For free(); NULL without memory. */
static char *name_workload(const cJSON *root, const cJSON *result,
                           const char *command, const cJSON *parameter)
{
    size_t count = count_of(parameter);
    struct counted one = count_in(command, count);
    const cJSON *other = next_result(root, result);

    for (int i = 0; i < OTHERS_AT_MOST && other != result; i++) {
        size_t its = count_beside(other, result, parameter);
        if (its > 0 && its != count) {
            struct counted beside =
                count_in(member(other, "command")->valuestring, its);
            char *name = name_beside(&one, &beside, parameter->string);
            if (name != NULL)
                return name;
        }
        other = next_result(root, other);
    }
    return name_beside(&one, &one, parameter->string);
}

/* Of which case is it? NO_CASE with an error. */
static size_t case_of(struct foreign *foreign, const cJSON *root,
                      const cJSON *result, const char *command)
{
    const cJSON *parameter = worker_parameter(result);
    struct foreign_name name = {
        .workers = parameter == NULL ? 1 : count_of(parameter)};
    size_t index = NO_CASE;

    if (strstr(command, "/backend=") != NULL) { /* from us */
        if (foreign_split_name(foreign, command, &name))
            index = foreign_name_case(foreign, &name, "command");
    } else {
        name.workload = parameter == NULL
                            ? strdup(command)
                            : name_workload(root, result, command, parameter);
        if (name.workload != NULL)
            index = foreign_name_case(foreign, &name, "command");
        else
            foreign_fail(foreign, "out of memory");
    }
    foreign_finish_name(&name);
    return index;
}

static double number_of(const cJSON *item)
{
    return cJSON_IsNumber(item) && item->valuedouble >= 0 ? item->valuedouble
                                                          : NAN;
}

/* What stands at the same place of its lists; NULL behind their ends. */
struct run {
    const cJSON *time;
    const cJSON *memory;
    const cJSON *exit_code;
};

static const cJSON *first_of(const cJSON *list)
{
    return cJSON_IsArray(list) ? list->child : NULL;
}

static const cJSON *behind(const cJSON *item)
{
    return item == NULL ? NULL : item->next;
}

/* user and system are means over the runs. */
static bool add_time(struct foreign *foreign, const cJSON *result,
                     size_t case_index, const struct run *run, size_t i)
{
    double exit_code = number_of(run->exit_code);
    struct record_sample *sample;
    char why[48];

    if (!foreign_is_time(run->time))
        return foreign_fail(foreign, "a time that is not above zero");
    sample = foreign_sample(foreign, case_index, 1, run->time->valuedouble);
    if (sample == NULL)
        return false;
    sample->iteration = i;
    sample->cpu_user_s = number_of(member(result, "user"));
    sample->cpu_sys_s = number_of(member(result, "system"));
    sample->peak_rss_bytes = number_of(run->memory);
    if (!(exit_code > 0))
        return true;
    snprintf(why, sizeof why, "exit code %.0f", exit_code);
    sample->excluded_by = strdup(why);
    return sample->excluded_by != NULL ||
           foreign_fail(foreign, "out of memory");
}

static bool add_result(struct foreign *foreign, const cJSON *root,
                       const cJSON *result)
{
    const cJSON *command = member(result, "command");
    const cJSON *times = member(result, "times");
    struct run run = {.memory = first_of(member(result, "memory_usage_byte")),
                      .exit_code = first_of(member(result, "exit_codes"))};
    size_t index, i = 0;

    if (!cJSON_IsString(command))
        return foreign_fail(foreign, "a result without a command");
    index = case_of(foreign, root, result, command->valuestring);
    if (index == NO_CASE)
        return false;
    if (!cJSON_IsArray(times)) { /* a summary alone: its mean is all there is */
        run.time = member(result, "mean");
        return add_time(foreign, result, index, &run, 0);
    }
    for (run.time = times->child; run.time != NULL; run.time = run.time->next) {
        if (!add_time(foreign, result, index, &run, i++))
            return false;
        run.memory = behind(run.memory);
        run.exit_code = behind(run.exit_code);
    }
    return true;
}

static bool read_hyperfine(struct foreign *foreign, const cJSON *root)
{
    const cJSON *results = member(root, "results");

    for (const cJSON *one = results->child; one != NULL; one = one->next) {
        if (!add_result(foreign, root, one))
            return false;
    }
    return true;
}

const struct import_format import_hyperfine = {
    .name = "hyperfine",
    .is_it = is_hyperfine,
    .read = read_hyperfine,
};
