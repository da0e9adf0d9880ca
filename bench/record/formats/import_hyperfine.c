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

/* The command with `count`, where it stands as a number of its own, replaced by
 * the parameter's name in braces. For free(); NULL without memory. */
static char *name_workload(const char *command, const cJSON *parameter,
                           size_t count)
{
    char digits[24], *name = NULL;
    size_t length, bytes;
    FILE *file = open_memstream(&name, &bytes);

    if (file == NULL)
        return NULL;
    length = (size_t)snprintf(digits, sizeof digits, "%zu", count);
    for (const char *at = command; *at != '\0';) {
        if (parameter != NULL && strncmp(at, digits, length) == 0 &&
            !is_digit(at[length]) && (at == command || !is_digit(at[-1]))) {
            fprintf(file, "{%s}", parameter->string);
            at += length;
        } else {
            fputc(*at++, file);
        }
    }
    if (fclose(file) == 0)
        return name;
    free(name);
    return NULL;
}

/* Of which case is it? NO_CASE with an error. */
static size_t case_of(struct foreign *foreign, const cJSON *result,
                      const char *command)
{
    const cJSON *parameter = worker_parameter(result);
    struct foreign_name name = {
        .workers = parameter == NULL ? 1 : count_of(parameter)};
    size_t index = NO_CASE;

    if (strstr(command, "/backend=") != NULL) { /* from us */
        if (foreign_split_name(foreign, command, &name))
            index = foreign_name_case(foreign, &name, "command");
    } else {
        name.workload = name_workload(command, parameter, name.workers);
        if (name.workload != NULL)
            index = foreign_name_case(foreign, &name, "command");
        else
            foreign_fail(foreign, "out of memory");
    }
    foreign_finish_name(&name);
    return index;
}

static double number_at(const cJSON *list, int i)
{
    const cJSON *item =
        cJSON_IsArray(list) ? cJSON_GetArrayItem(list, i) : NULL;

    return cJSON_IsNumber(item) && item->valuedouble >= 0 ? item->valuedouble
                                                          : NAN;
}

static double number_of(const cJSON *item)
{
    return cJSON_IsNumber(item) && item->valuedouble >= 0 ? item->valuedouble
                                                          : NAN;
}

/* user and system are means over the runs; memory and exit codes are lists. */
static bool add_time(struct foreign *foreign, const cJSON *result,
                     size_t case_index, const cJSON *time, int i)
{
    double exit_code = number_at(member(result, "exit_codes"), i);
    struct record_sample *sample;
    char why[48];

    if (!foreign_is_time(time))
        return foreign_fail(foreign, "a time that is not above zero");
    sample = foreign_sample(foreign, case_index, 1, time->valuedouble);
    if (sample == NULL)
        return false;
    sample->iteration = (size_t)i;
    sample->cpu_user_s = number_of(member(result, "user"));
    sample->cpu_sys_s = number_of(member(result, "system"));
    sample->peak_rss_bytes = number_at(member(result, "memory_usage_byte"), i);
    if (!(exit_code > 0))
        return true;
    snprintf(why, sizeof why, "exit code %.0f", exit_code);
    sample->excluded_by = strdup(why);
    return sample->excluded_by != NULL ||
           foreign_fail(foreign, "out of memory");
}

static bool add_result(struct foreign *foreign, const cJSON *result)
{
    const cJSON *command = member(result, "command");
    const cJSON *times = member(result, "times");
    size_t index;
    int i = 0;

    if (!cJSON_IsString(command))
        return foreign_fail(foreign, "a result without a command");
    index = case_of(foreign, result, command->valuestring);
    if (index == NO_CASE)
        return false;
    if (!cJSON_IsArray(times)) /* a summary alone: its mean is all there is */
        return add_time(foreign, result, index, member(result, "mean"), 0);
    for (const cJSON *time = times->child; time != NULL; time = time->next) {
        if (!add_time(foreign, result, index, time, i++))
            return false;
    }
    return true;
}

static bool read_hyperfine(struct foreign *foreign, const cJSON *root)
{
    const cJSON *results = member(root, "results");

    for (const cJSON *one = results->child; one != NULL; one = one->next) {
        if (!add_result(foreign, one))
            return false;
    }
    return true;
}

const struct import_format import_hyperfine = {
    .name = "hyperfine",
    .is_it = is_hyperfine,
    .read = read_hyperfine,
};
