/* SPDX-License-Identifier: MIT */
/*
 * From "name=value" to a checked value. The table of the workload is the only
 * source of names and limits, and standard values pass through the same checks
 * as typed ones, so a wrong table (a plugin's) is refused as a wrong word is.
 *
 * Numbers are plain decimals, 1e6 included: what strtod() takes beyond that
 * (nan, inf, hexadecimal, leading blanks) is never what was meant here.
 */
#include "parameters.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "refuse.h"

/* Where a refusal goes. */
struct complaint {
    const struct wl_workload *workload;
    char *why;
    size_t why_bytes;
};

size_t wl_parameter_count(const struct wl_workload *workload)
{
    size_t count = 0;

    if (workload->parameters != NULL)
        while (workload->parameters[count].name != NULL)
            count++;
    return count;
}

static bool read_number(const char *text, double *number)
{
    char *end;

    if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    *number = strtod(text, &end);
    return *end == '\0';
}

/* Infinity is whole, and then outside its limits. */
static bool is_whole(double number)
{
    return trunc(number) == number;
}

static enum cf_status set_value(const struct complaint *complaint,
                                const struct wl_parameter *parameter,
                                const char *text, struct wl_value *value)
{
    bool whole = parameter->kind == WL_INTEGER;
    double number = 0;

    *value = (struct wl_value){.text = text};
    if (parameter->kind == WL_TEXT)
        return CF_OK;
    if (!read_number(text, &number) || (whole && !is_whole(number)))
        return wl_refuse(complaint->why, complaint->why_bytes, CF_INVALID,
                         "parameter %s=%.40s: not a %snumber", parameter->name,
                         text, whole ? "whole " : "");
    if (!(number >= parameter->minimum && number <= parameter->maximum))
        return wl_refuse(complaint->why, complaint->why_bytes, CF_INVALID,
                         "parameter %s=%.40s: must be from %.15g to %.15g",
                         parameter->name, text, parameter->minimum,
                         parameter->maximum);
    value->number = number;
    return CF_OK;
}

/* "a, b, c": as many names as there is room for. */
static void list_names(const struct wl_workload *workload, char *names,
                       size_t names_bytes)
{
    size_t count = wl_parameter_count(workload);
    size_t used = 0;

    names[0] = '\0';
    for (size_t i = 0; i < count && used < names_bytes; i++)
        used +=
            (size_t)snprintf(names + used, names_bytes - used, "%s%s",
                             i == 0 ? "" : ", ", workload->parameters[i].name);
}

static enum cf_status refuse_name(const struct complaint *complaint,
                                  const char *name)
{
    const struct wl_workload *workload = complaint->workload;
    struct wl_nearest nearest = wl_nearest_to(name);
    size_t count = wl_parameter_count(workload);
    char names[128];

    for (size_t i = 0; i < count; i++)
        wl_nearest_offer(&nearest, workload->parameters[i].name);
    if (nearest.best != NULL)
        return wl_refuse(complaint->why, complaint->why_bytes, CF_INVALID,
                         "no parameter '%.40s': did you mean '%s'?", name,
                         nearest.best);
    list_names(workload, names, sizeof names);
    return wl_refuse(complaint->why, complaint->why_bytes, CF_INVALID,
                     "no parameter '%.40s': it has %s", name,
                     count == 0 ? "none" : names);
}

/* Finds the parameter that "name=value" begins with; its index, or `count`. */
static size_t find_parameter(const struct wl_workload *workload,
                             const char *text, size_t name_bytes)
{
    size_t count = wl_parameter_count(workload);

    for (size_t i = 0; i < count; i++) {
        const char *name = workload->parameters[i].name;
        if (strlen(name) == name_bytes && memcmp(name, text, name_bytes) == 0)
            return i;
    }
    return count;
}

static enum cf_status parse_text(const struct complaint *complaint,
                                 const char *text, struct wl_value *values)
{
    const struct wl_workload *workload = complaint->workload;
    size_t name_bytes = strcspn(text, "=");
    size_t i = find_parameter(workload, text, name_bytes);
    const struct wl_parameter *parameter;

    if (i == wl_parameter_count(workload)) {
        char name[64] = "";
        memcpy(name, text, name_bytes < 63 ? name_bytes : 63);
        return refuse_name(complaint, name);
    }
    parameter = &workload->parameters[i];
    if (text[name_bytes] != '=')
        return wl_refuse(complaint->why, complaint->why_bytes, CF_INVALID,
                         "parameter %s: no value: write %s=%s", parameter->name,
                         parameter->name, parameter->standard);
    return set_value(complaint, parameter, text + name_bytes + 1, &values[i]);
}

enum cf_status wl_parameters_parse(const struct wl_workload *workload,
                                   const char *const *texts, size_t count,
                                   struct wl_value *values, char *why,
                                   size_t why_bytes)
{
    const struct complaint complaint = {workload, why, why_bytes};
    size_t parameters = wl_parameter_count(workload);
    enum cf_status status = CF_OK;

    for (size_t i = 0; i < parameters && status == CF_OK; i++)
        status = set_value(&complaint, &workload->parameters[i],
                           workload->parameters[i].standard, &values[i]);
    for (size_t i = 0; i < count && status == CF_OK; i++)
        status = parse_text(&complaint, texts[i], values);
    return status;
}
