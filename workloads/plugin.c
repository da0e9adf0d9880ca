/* SPDX-License-Identifier: MIT */
/*
 *     "./libmine.so:parse"
 *        path exists, is a file that only its owner writes     here
 *        dlopen, symbol, every table                           in a child
 *        dlopen again, the table by its name                   here, for good
 *        wl_plugin_try: prepare, task, verify, dispose         in a child
 *        wl_plugin_tasks_for                                   in a child
 *
 * The path is made absolute, so that a worker which is exec'ed elsewhere finds
 * the same file. It is never unloaded: a task may run. leave() ends the process
 * before its destructors would run; but a rank, whose exit ends MPI, exits.
 */
#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cf/cf.h>

#include "parameters.h"
#include "probe.h"
#include "refuse.h"

enum {
    WORKLOADS_MAX = 64, /* in one plugin: beyond, its list has no end */
    PARAMETERS_MAX = 64,
    NAME_MAX_BYTES = 64,
    TEXT_MAX_BYTES = 512,
    TABLE_MAX_BYTES = 4096,
};

static const int64_t load_limit_ns = INT64_C(5000000000);

/* The members that every table has had from the beginning. */
static const size_t table_min_bytes =
    offsetof(struct wl_workload, dispose) + sizeof(void (*)(void));

struct wanted {
    char path[PATH_MAX];
    const char *name; /* NULL: the only one */
};

bool wl_plugin_is_name(const char *text)
{
    return strchr(text, '/') != NULL;
}

/* A text for one line, of up to `max_bytes`. */
static bool is_line(const char *text, size_t max_bytes)
{
    size_t length = text == NULL ? 0 : strnlen(text, max_bytes + 1);

    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return text != NULL && length <= max_bytes;
}

/* --- is the file one to load? --- */

/* Anybody may change what is in there: not what to run as oneself. A sticky
 * directory (/tmp) lets only a file's owner replace it. */
static bool is_open_to_all(const char *path, bool is_directory)
{
    struct stat about;

    if (stat(path, &about) != 0 || (about.st_mode & S_IWOTH) == 0)
        return false;
    return !is_directory || (about.st_mode & S_ISVTX) == 0;
}

static enum cf_status check_file(const char *path, char *why, size_t why_bytes)
{
    char folder[PATH_MAX];
    struct stat about;

    if (stat(path, &about) != 0)
        return wl_refuse(why, why_bytes, CF_INVALID, "%s", strerror(errno));
    if (!S_ISREG(about.st_mode))
        return wl_refuse(why, why_bytes, CF_INVALID, "not a file");
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    if (is_open_to_all(path, false) ||
        is_open_to_all(*folder == '\0' ? "/" : folder, true))
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "everybody may write there (chmod o-w)");
    return CF_OK;
}

/* "path:name"; the name is what follows the last colon after the last slash. */
static enum cf_status split(const char *text, struct wanted *wanted, char *why,
                            size_t why_bytes)
{
    const char *colon = strchr(strrchr(text, '/'), ':');
    size_t path_bytes = colon == NULL ? strlen(text) : (size_t)(colon - text);
    char path[PATH_MAX];

    if (!is_line(text, 2 * PATH_MAX))
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "no line of text, or too long for a path");
    if (path_bytes >= sizeof path)
        return wl_refuse(why, why_bytes, CF_INVALID, "too long for a path");
    memcpy(path, text, path_bytes);
    path[path_bytes] = '\0';
    wanted->name = colon == NULL ? NULL : colon + 1;
    if (realpath(path, wanted->path) == NULL)
        return wl_refuse(why, why_bytes, CF_INVALID, "%s", strerror(errno));
    return check_file(wanted->path, why, why_bytes);
}

/* --- is the table one to call? --- */

static bool is_name(const char *text)
{
    return is_line(text, NAME_MAX_BYTES) && *text != '\0' &&
           strpbrk(text, " =./:,") == NULL;
}

static bool is_parameter(const struct wl_parameter *parameter)
{
    return is_name(parameter->name) &&
           is_line(parameter->about, TEXT_MAX_BYTES) &&
           is_line(parameter->standard, TEXT_MAX_BYTES) &&
           parameter->kind <= WL_TEXT &&
           (parameter->kind == WL_TEXT ||
            parameter->minimum <= parameter->maximum);
}

/* What is wrong with a table's parameters; NULL: nothing. */
static const char *fault_of_parameters(const struct wl_workload *workload)
{
    struct wl_value values[PARAMETERS_MAX];
    char why[8];
    size_t i;

    if (workload->parameters == NULL)
        return NULL;
    for (i = 0; workload->parameters[i].name != NULL; i++)
        if (i == PARAMETERS_MAX || !is_parameter(&workload->parameters[i]))
            return "a parameter without sense, or their table has no end";
    if (wl_parameters_parse(workload, NULL, 0, values, why, sizeof why) !=
        CF_OK)
        return "a standard value outside its limits";
    return NULL;
}

/* What is wrong with a table, asking no function of it; NULL: nothing. */
static const char *fault_of(const struct wl_workload *workload)
{
    if (workload->abi != WL_ABI)
        return "built for another version of workload.h";
    if (workload->table_bytes < table_min_bytes ||
        workload->table_bytes > TABLE_MAX_BYTES)
        return "its table has a wrong table_bytes";
    if (!is_name(workload->name) || !is_line(workload->about, TEXT_MAX_BYTES) ||
        !is_line(workload->limit, TEXT_MAX_BYTES))
        return "a table without a name, about or limit of one line";
    if (workload->klass > WL_MEMORY)
        return "a class that does not exist";
    if (workload->task == NULL || workload->prepare == NULL ||
        workload->verify == NULL)
        return "a table without task, prepare or verify";
    return fault_of_parameters(workload);
}

/* --- loading --- */

/* The list that it exports. NULL, with a line in `why`. */
static const struct wl_workload *const *open_list(const char *path, char *why,
                                                  size_t why_bytes)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *list = object == NULL ? NULL : dlsym(object, "wl_plugin");

    if (list == NULL)
        wl_refuse(why, why_bytes, CF_INVALID, "%.200s", dlerror());
    return list;
}

/* The workload that is wanted. NULL, with a line in `why`. */
static const struct wl_workload *choose(const struct wl_workload *const *list,
                                        const char *name, char *why,
                                        size_t why_bytes)
{
    size_t i;

    for (i = 0; list[i] != NULL; i++)
        if (name != NULL && strcmp(list[i]->name, name) == 0)
            return list[i];
    if (name == NULL && i == 1)
        return list[0];
    if (i == 0)
        wl_refuse(why, why_bytes, CF_INVALID, "it has no workload");
    else if (name == NULL)
        wl_refuse(why, why_bytes, CF_INVALID,
                  "it has %zu workloads: write :%s after its path", i,
                  list[0]->name);
    else
        wl_refuse(why, why_bytes, CF_INVALID,
                  "it has no workload '%.40s'; its first is '%.40s'", name,
                  list[0]->name);
    return NULL;
}

/* In the child: everything that could go wrong. */
static void probe_load(struct wl_probe *probe, void *context)
{
    const struct wanted *wanted = context;
    const struct wl_workload *const *list;
    size_t i;

    wl_probe_stage(probe, "is loaded");
    list = open_list(wanted->path, probe->why, sizeof probe->why);
    if (list == NULL)
        return;
    wl_probe_stage(probe, "is looked at");
    for (i = 0; list[i] != NULL && i < WORKLOADS_MAX; i++) {
        const char *fault = fault_of(list[i]);
        if (fault == NULL)
            continue;
        wl_refuse(probe->why, sizeof probe->why, CF_INVALID,
                  "workload %zu of it: %s", i + 1, fault);
        return;
    }
    if (i == WORKLOADS_MAX)
        wl_refuse(probe->why, sizeof probe->why, CF_INVALID,
                  "its list of workloads has no end");
    else
        (void)choose(list, wanted->name, probe->why, sizeof probe->why);
}

/* The leak sanitizer's look at the end, where there is one. */
extern void __lsan_do_leak_check(void) __attribute__((weak));
static void leave(int code, void *unused)
{
    (void)unused;
    fflush(NULL);
    if (__lsan_do_leak_check != NULL)
        __lsan_do_leak_check();
    _exit(code);
}

enum cf_status wl_plugin_load(const char *text,
                              const struct wl_workload **workload, char *why,
                              size_t why_bytes)
{
    struct wanted wanted;
    const struct wl_workload *const *list;
    enum cf_status status;

    if (!wl_plugin_is_name(text))
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "a plugin's path has a '/': write ./%.100s", text);
    status = split(text, &wanted, why, why_bytes);
    if (status == CF_OK)
        status = wl_probe_run(probe_load, &wanted, load_limit_ns, NULL, why,
                              why_bytes);
    if (status != CF_OK)
        return status;
    list = open_list(wanted.path, why, why_bytes);
    if (list == NULL)
        return CF_INVALID;
    if (cf_backend_missing(CF_MPI) != NULL && on_exit(leave, NULL) != 0)
        return wl_refuse(why, why_bytes, CF_NOMEM, "no memory");
    *workload = choose(list, wanted.name, why, why_bytes);
    return *workload == NULL ? CF_INVALID : CF_OK;
}

/* --- trying --- */

struct trial {
    const struct wl_workload *workload;
    const struct wl_value *values;
};

/* The task of the one item, and its output verified. */
static void try_task(struct wl_probe *probe, const struct wl_workload *workload,
                     const struct wl_work *work)
{
    struct cf_executor *executor;
    struct cf_future *future;
    struct cf_error error;
    const void *output;
    size_t output_bytes;

    if (cf_executor_create(CF_SERIAL, NULL, &executor) != CF_OK ||
        cf_submit(executor, workload->task, work->items, work->item_bytes,
                  &future) != CF_OK) {
        wl_refuse(probe->why, sizeof probe->why, CF_SYSTEM, "%s",
                  cf_last_error().text);
        return;
    }
    if (cf_result_view(future, CF_FOREVER, &output, &output_bytes) != CF_OK) {
        if (cf_future_error(future, 0, &error) == CF_OK)
            wl_refuse(probe->why, sizeof probe->why, CF_INVALID,
                      "its task fails: %.150s (code %d)", error.message,
                      error.code);
        return;
    }
    wl_probe_stage(probe, "verifies");
    if (!workload->verify(work, 0, output, output_bytes))
        wl_refuse(probe->why, sizeof probe->why, CF_INVALID,
                  "it does not accept its own task's output");
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void probe_try(struct wl_probe *probe, void *context)
{
    const struct trial *trial = context;
    const struct wl_workload *workload = trial->workload;
    char why[200] = "";
    const struct wl_setup setup = {
        .tasks = 1,
        .values = trial->values,
        .why = why,
        .why_bytes = sizeof why,
    };
    struct wl_work work = {0};

    wl_probe_stage(probe, "prepares");
    if (workload->prepare(&setup, &work) != CF_OK) {
        why[sizeof why - 1] = '\0';
        wl_refuse(probe->why, sizeof probe->why, CF_INVALID, "%s",
                  why[0] == '\0' ? "it cannot prepare, and does not say why"
                                 : why);
        return;
    }
    if (work.items == NULL && work.item_bytes > 0) {
        wl_refuse(probe->why, sizeof probe->why, CF_INVALID,
                  "its prepare() leaves no items, of %zu bytes each",
                  work.item_bytes);
        return;
    }
    wl_probe_stage(probe, "begins a sample");
    if (wl_has(workload, begin))
        workload->begin(&work, &(struct wl_start){.workers = 1, .tasks = 1});
    wl_probe_stage(probe, "runs a task");
    try_task(probe, workload, &work);
    wl_probe_stage(probe, "clears up");
    if (workload->dispose != NULL)
        workload->dispose(&work);
}

enum cf_status wl_plugin_try(const struct wl_workload *workload,
                             const struct wl_value *values, int64_t limit_ns,
                             char *why, size_t why_bytes)
{
    struct trial trial = {workload, values};

    return wl_probe_run(probe_try, &trial, limit_ns, NULL, why, why_bytes);
}

struct count {
    const struct wl_workload *workload;
    const struct wl_value *values;
    size_t tasks;
    size_t workers;
};

static void probe_count(struct wl_probe *probe, void *context)
{
    const struct count *count = context;
    size_t wanted;

    wl_probe_stage(probe, "counts tasks");
    wanted =
        count->workload->tasks_for(count->values, count->tasks, count->workers);
    if (wanted >= 1 && wanted <= count->tasks)
        probe->number = wanted;
    else
        wl_refuse(probe->why, sizeof probe->why, CF_INVALID,
                  "its tasks_for() makes %zu tasks of %zu for %zu workers",
                  wanted, count->tasks, count->workers);
}

enum cf_status wl_plugin_tasks_for(const struct wl_workload *workload,
                                   const struct wl_value *values, size_t tasks,
                                   size_t workers, size_t *wanted, char *why,
                                   size_t why_bytes)
{
    struct count count = {workload, values, tasks, workers};
    size_t number = 0;
    enum cf_status status = wl_probe_run(probe_count, &count, load_limit_ns,
                                         &number, why, why_bytes);

    if (status == CF_OK && (number < 1 || number > tasks))
        status = wl_refuse(why, why_bytes, CF_INVALID,
                           "it does not say how many tasks it has");
    if (status == CF_OK)
        *wanted = number;
    return status;
}
