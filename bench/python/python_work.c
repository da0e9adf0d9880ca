/* SPDX-License-Identifier: MIT */
/* Lists of arguments are JSON, checked here and otherwise left as they are. */
#include "python_work.h"

#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "say.h"

bool python_work_is(const char *name)
{
    return strncmp(name, PYTHON_PREFIX, strlen(PYTHON_PREFIX)) == 0;
}

static cJSON *refuse(const char *text, cJSON *lists)
{
    say_trouble("--args %.100s: no list of arguments such as '[1000, \"a\"]'",
                text);
    cJSON_Delete(lists);
    return NULL;
}

/* Appends one list. NULL: one line has been said and `lists` is gone. */
static cJSON *add(cJSON *lists, const char *text)
{
    cJSON *list = cJSON_ParseWithOpts(text, NULL, true);

    if (!cJSON_IsArray(list)) {
        cJSON_Delete(list);
        return refuse(text, lists);
    }
    cJSON_AddItemToArray(lists, list);
    return lists;
}

char *python_work_arguments(const char *const *lists, size_t count,
                            const char *file)
{
    cJSON *all = cJSON_CreateArray();
    struct inputs lines = {0};
    char *text = NULL;

    for (size_t i = 0; all != NULL && i < count; i++)
        all = add(all, lists[i]);
    if (all != NULL && file != NULL && !inputs_read(file, false, &lines)) {
        cJSON_Delete(all);
        all = NULL;
    }
    for (size_t i = 0; all != NULL && i < lines.count; i++)
        all = add(all, lines.words[i]);
    if (all != NULL)
        text = cJSON_PrintUnformatted(all);
    cJSON_Delete(all);
    inputs_free(&lines);
    return text;
}

void python_work_describe(const struct wl_workload *workload,
                          const struct wl_value *values, cJSON *request)
{
    cJSON_AddStringToObject(request, "callable",
                            workload->name + strlen(PYTHON_PREFIX));
    cJSON_AddItemToObject(request, "arguments",
                          cJSON_Parse(values[PYTHON_ARGUMENTS].text));
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
