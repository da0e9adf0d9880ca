/* SPDX-License-Identifier: MIT */
/*
 * What an interpreter can do it says itself, at run time: whether its GIL is
 * on, which executors it has, which of our workloads have a twin.
 */
#include "pythons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_cpython.h"
#include "lane_talk.h"
#include "leftover.h"
#include "program.h"
#include "python_work.h"
#include "say.h"
#include "watch.h"

#define PREFIX "cpython"

/* A module that takes long to import says nothing of how long a task is. */
static const int64_t hello_limit_ns = 30000000000, trial_limit_ns = 60000000000;
static const double task_limit_s = 5;

struct interpreter {
    char *path;
    cJSON *hello; /* its answer */
    bool has_gil;
    struct python_lane lanes[PYTHON_EXECUTORS];
};

struct pythons {
    struct interpreter *list;
    size_t count;
    struct wl_watch *watch; /* whatever an interpreter starts ends with us */
};

static const char *const executors[PYTHON_EXECUTORS] = {
    "serial", "thread", "process", "interpreter"};

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) ? item->valuestring : "";
}

static bool is_listed(const cJSON *object, const char *name, const char *text)
{
    const cJSON *item;

    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(
                           object, name)) if (cJSON_IsString(item) &&
                                              strcmp(item->valuestring, text) ==
                                                  0) return true;
    return false;
}

/* --- opening --- */

/* What was named may be a script that finds the interpreter; once is enough. */
static void take_executable(struct interpreter *one)
{
    const char *path = text_of(one->hello, "executable");
    char *copy = path[0] == '/' ? strdup(path) : NULL;

    if (copy == NULL)
        return;
    free(one->path);
    one->path = copy;
}

static bool greet(struct interpreter *one)
{
    cJSON *request = cJSON_CreateObject();
    struct lane_talk talk;

    cJSON_AddStringToObject(request, "do", "hello");
    lane_talk(&talk, one->path, &request, 1, hello_limit_ns);
    one->hello = talk.answers[0];
    talk.answers[0] = NULL;
    lane_talk_end(&talk);
    if (talk.why[0] == '\0' &&
        lane_talk_number(one->hello, "protocol") != PYTHON_PROTOCOL)
        strcpy(talk.why, "speaks another version of the lane's protocol");
    if (talk.why[0] == '\0')
        take_executable(one);
    if (talk.why[0] == '\0')
        one->has_gil = !cJSON_IsFalse(
            cJSON_GetObjectItemCaseSensitive(one->hello, "gil_enabled"));
    else
        say_trouble("--python %.200s: %s%s", one->path, talk.why,
                    one->hello == NULL ? " (Python 3.8 or later is needed)"
                                       : "");
    return talk.why[0] == '\0';
}

/* "3.14t": how interpreters are told apart. */
static void make_label(const struct pythons *pythons, size_t i, char label[24])
{
    const char *version = text_of(pythons->list[i].hello, "version");
    size_t major = strcspn(version, ".");
    size_t minor = version[major] == '.'
                       ? major + 1 + strcspn(version + major + 1, ".")
                       : major;

    label[0] = '\0';
    if (pythons->count > 1)
        snprintf(label, 24, "%.*s%s", (int)(minor < 12 ? minor : 12), version,
                 pythons->list[i].has_gil ? "" : "t");
}

static bool is_taken(const struct pythons *pythons, size_t before,
                     const char *name)
{
    for (size_t i = 0; i < before; i++)
        for (size_t e = 0; e < PYTHON_EXECUTORS; e++)
            if (strcmp(pythons->list[i].lanes[e].name, name) == 0)
                return true;
    return false;
}

static void name_lanes(struct pythons *pythons, size_t i)
{
    struct interpreter *one = &pythons->list[i];
    char label[24];

    make_label(pythons, i, label);
    for (size_t e = 0; e < PYTHON_EXECUTORS; e++) {
        struct python_lane *lane = &one->lanes[e];

        snprintf(lane->name, sizeof lane->name, PREFIX "%s-%s", label,
                 executors[e]);
        for (unsigned again = 2; is_taken(pythons, i, lane->name); again++)
            snprintf(lane->name, sizeof lane->name, PREFIX "%s+%u-%s", label,
                     again, executors[e]);
        lane->executor = executors[e];
        lane->interpreter = one->path;
        lane->steps_per_ms = lane_talk_number(one->hello, "steps_per_ms");
        lane->owner = one;
        lane->lane = (struct lane){.name = lane->name,
                                   .is_serial = e == 0,
                                   .measure = lane_cpython_measure,
                                   .context = lane};
    }
}

struct pythons *pythons_open(const char *const *interpreters, size_t count)
{
    static const char *const standard[] = {"python3"};
    struct pythons *pythons = calloc(1, sizeof *pythons);
    bool is_fine = pythons != NULL;
    char why[256] = "no memory";

    if (count == 0) {
        interpreters = standard;
        count = 1;
    }
    if (is_fine)
        pythons->list = calloc(count, sizeof *pythons->list);
    is_fine = is_fine && pythons->list != NULL;
    is_fine =
        is_fine && wl_watch_start(&pythons->watch, why, sizeof why) == CF_OK;
    if (!is_fine)
        say_trouble("--python: %s", why);
    for (size_t i = 0; is_fine && i < count; i++) {
        struct interpreter *one = &pythons->list[pythons->count++];

        one->path = program_find(interpreters[i]);
        is_fine = one->path != NULL && greet(one);
    }
    if (!is_fine) {
        pythons_close(pythons);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        name_lanes(pythons, i);
    return pythons;
}

void pythons_close(struct pythons *pythons)
{
    if (pythons == NULL)
        return;
    for (size_t i = 0; i < pythons->count; i++) {
        cJSON_Delete(pythons->list[i].hello);
        free(pythons->list[i].path);
    }
    wl_watch_stop(pythons->watch);
    free(pythons->list);
    free(pythons);
}

/* --- in a record --- */

bool pythons_record(const struct pythons *pythons, struct facts *env)
{
    for (size_t i = 0; i < pythons_count(pythons); i++) {
        const struct interpreter *one = &pythons->list[i];
        struct facts *python = facts_add_object(env, "python");

        if (python == NULL || !facts_set_text(python, "path", one->path) ||
            !facts_set_text(python, "version",
                            text_of(one->hello, "version")) ||
            !facts_set_text(python, "implementation",
                            text_of(one->hello, "implementation")) ||
            !facts_set_bool(python, "gil_enabled", one->has_gil))
            return false;
    }
    return true;
}

/* Is it still what it was? False: one line has been said. */
static bool is_same(const struct interpreter *one, const struct facts *was)
{
    const char *version = text_of(one->hello, "version");

    if (strcmp(version, facts_text(was, "version", "")) == 0 &&
        one->has_gil == facts_bool(was, "gil_enabled", true))
        return true;
    say_trouble("--resume: %.200s is another Python now, %.40s", one->path,
                version);
    return false;
}

struct pythons *pythons_resume(const struct facts *env, bool *is_fine)
{
    size_t count = facts_count(env, "python");
    const char **paths = calloc(count + 1, sizeof *paths);
    struct pythons *pythons = NULL;

    *is_fine = count == 0;
    for (size_t i = 0; paths != NULL && i < count; i++)
        paths[i] =
            facts_text(facts_object_at(env, "python", i), "path", "python3");
    if (paths != NULL && count > 0)
        pythons = pythons_open(paths, count);
    free(paths);
    for (size_t i = 0; pythons != NULL && i < count; i++)
        if (!is_same(&pythons->list[i], facts_object_at(env, "python", i))) {
            pythons_close(pythons);
            return NULL;
        }
    *is_fine = count == 0 || pythons != NULL;
    return pythons;
}

/* --- lanes --- */

size_t pythons_count(const struct pythons *pythons)
{
    return pythons != NULL ? pythons->count : 0;
}

/* Which executor the name of a lane of one interpreter means, or
 * PYTHON_EXECUTORS. */
static size_t executor_of(const char *name)
{
    size_t e = 0;

    if (strncmp(name, PREFIX "-", sizeof PREFIX) != 0)
        return PYTHON_EXECUTORS;
    while (e < PYTHON_EXECUTORS &&
           strcmp(name + sizeof PREFIX, executors[e]) != 0)
        e++;
    return e;
}

const char *pythons_name_at(size_t i, const char **about)
{
    static const char *const names[PYTHON_EXECUTORS][2] = {
        {PREFIX "-serial", "a loop in a Python interpreter"},
        {PREFIX "-thread", "Python's ThreadPoolExecutor"},
        {PREFIX "-process", "Python's ProcessPoolExecutor"},
        {PREFIX "-interpreter",
         "Python's InterpreterPoolExecutor, from 3.14 on"},
    };

    if (i >= PYTHON_EXECUTORS)
        return NULL;
    *about = names[i][1];
    return names[i][0];
}

bool pythons_is_lane(const char *name)
{
    return executor_of(name) < PYTHON_EXECUTORS;
}

const struct lane *pythons_lane(const struct pythons *pythons, size_t i,
                                const char *name)
{
    size_t e = executor_of(name);

    return i < pythons_count(pythons) && e < PYTHON_EXECUTORS
               ? &pythons->list[i].lanes[e].lane
               : NULL;
}

const struct lane *pythons_find(const struct pythons *pythons, const char *name)
{
    for (size_t i = 0; i < pythons_count(pythons); i++)
        for (size_t e = 0; e < PYTHON_EXECUTORS; e++)
            if (strcmp(pythons->list[i].lanes[e].name, name) == 0)
                return &pythons->list[i].lanes[e].lane;
    return NULL;
}

bool pythons_is_python(const struct lane *lane)
{
    return lane != NULL && lane->measure == lane_cpython_measure;
}

bool pythons_are_one(const struct lane *a, const struct lane *b)
{
    return pythons_is_python(a) && pythons_is_python(b) &&
           ((const struct python_lane *)a->context)->owner ==
               ((const struct python_lane *)b->context)->owner;
}

const char *pythons_why_not(const struct lane *lane,
                            const struct wl_workload *workload)
{
    const struct python_lane *ours = lane->context;

    if (!is_listed(ours->owner->hello, "executors", ours->executor))
        return "this Python has no such executor";
    if (python_work_is(workload->name))
        return NULL;
    return is_listed(ours->owner->hello, "workloads", workload->name)
               ? NULL
               : "this workload has no Python twin";
}

double pythons_task_s(const struct lane *lane, const struct python_work *work)
{
    const struct python_lane *ours = lane->context;
    cJSON *requests[] = {lane_cpython_prepare(ours, work, 1),
                         lane_cpython_run("serial", 1, 0)};
    struct lane_talk talk;
    double task_s;

    cJSON_AddNumberToObject(requests[1], "limit_s", task_limit_s);
    lane_talk(&talk, ours->interpreter, requests, 2, trial_limit_ns);
    wl_leftover_end();
    task_s = lane_talk_number(talk.answers[1], "elapsed_s");
    lane_talk_end(&talk);
    return task_s;
}
