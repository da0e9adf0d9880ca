/* SPDX-License-Identifier: MIT */
/* Lists of arguments are JSON, checked here and otherwise left as they are: what
 * the lane reads is what was typed. */
#include "python_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "json_scan.h"
#include "say.h"

bool python_work_is(const char *name)
{
    return strncmp(name, PYTHON_PREFIX, strlen(PYTHON_PREFIX)) == 0;
}

/*
 * The array in `text` without the white space between its parts and otherwise
 * letter for letter: a number may have more digits than a double, and 2.0 is
 * not 2 to Python. NULL: `*why`, or no memory. free() it.
 */
static char *tidy(const char *text, const char **why)
{
    struct json_scan scan = {.text = text, .length = strlen(text)};
    char *tidied;

    json_scan_space(&scan);
    *why = text[scan.at] == '[' ? NULL : "not a list";
    if (*why != NULL || !json_scan_value(&scan)) {
        *why = *why != NULL ? *why : scan.wrong;
        return NULL;
    }
    json_scan_space(&scan);
    if (scan.at != scan.length) {
        *why = "something stands behind the list";
        return NULL;
    }
    tidied = strdup(text);
    *why = "no memory";
    if (tidied != NULL)
        cJSON_Minify(tidied);
    return tidied;
}

/* Appends one list to `all`, which is given up for what is returned. NULL: one
 * line has been said. */
static char *add(char *all, const char *text)
{
    const char *why;
    char *list = tidy(text, &why), *more = NULL;

    if (list == NULL)
        say_trouble("--args %.100s: no list of arguments such as "
                    "'[1000, \"a\"]': %s",
                    text, why);
    else if (asprintf(&more, "%s%s%s", all, all[1] != '\0' ? "," : "", list) <
             0)
        more = NULL;
    free(list);
    free(all);
    return more;
}

char *python_work_arguments(const char *const *lists, size_t count,
                            const char *file)
{
    char *all = strdup("["), *text = NULL;
    struct inputs lines = {0};

    for (size_t i = 0; all != NULL && i < count; i++)
        all = add(all, lists[i]);
    if (all != NULL && file != NULL && !inputs_read(file, false, &lines)) {
        free(all);
        all = NULL;
    }
    for (size_t i = 0; all != NULL && i < lines.count; i++)
        all = add(all, lines.words[i]);
    if (all != NULL && asprintf(&text, "%s]", all) < 0)
        text = NULL;
    free(all);
    inputs_free(&lines);
    return text;
}

void python_work_describe(const struct wl_workload *workload,
                          const struct wl_value *values, cJSON *request)
{
    const char *why, *text = values[PYTHON_ARGUMENTS].text;
    char *lists = tidy(text, &why);

    cJSON_AddStringToObject(request, "callable",
                            workload->name + strlen(PYTHON_PREFIX));
    if (lists != NULL)
        cJSON_AddRawToObject(request, "arguments", lists);
    else /* which the lane refuses */
        cJSON_AddStringToObject(request, "arguments", text);
    free(lists);
}

/* Nothing to prepare here: the lane makes what it needs. */
static enum cf_status prepare(const struct wl_setup *setup,
                              struct wl_work *work)
{
    (void)setup;
    *work = (struct wl_work){0};
    return CF_OK;
}

static const struct wl_parameter parameters[PYTHON_PARAMETERS + 1] = {
    [PYTHON_ARGUMENTS] = {.name = "arguments",
                          .about = "lists of arguments, one per task, as JSON",
                          .standard = "[]",
                          .kind = WL_TEXT},
};

struct wl_workload *python_work_create(const char *name)
{
    struct wl_workload *made = malloc(sizeof *made + strlen(name) + 1);

    if (made == NULL)
        return NULL;
    *made = (struct wl_workload){
        .abi = WL_ABI,
        .table_bytes = sizeof *made,
        .name = strcpy((char *)(made + 1), name),
        .about = "calls a Python function of yours",
        .limit = "whatever limits the function; the GIL where it computes",
        .klass = WL_CPU,
        .parameters = parameters,
        .prepare = prepare,
    };
    return made;
}
