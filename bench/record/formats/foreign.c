/* SPDX-License-Identifier: MIT */
/* What all importers share: cases, samples, and worker counts in names. */
#include "foreign.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define CASES_AT_MOST   10000
#define WORKERS_AT_MOST 1000000000.0

bool foreign_fail(struct foreign *foreign, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return fail(foreign->error, foreign->path, "%s: %s", foreign->tool, text);
}

static bool add_workload(struct foreign *foreign, const char *id)
{
    struct record_workload *workload;
    char about[64];

    if (record_workload(foreign->record, id) != NULL)
        return true;
    workload = record_add_workload(foreign->record);
    if (workload == NULL)
        return false;
    snprintf(about, sizeof about, "measured by %s", foreign->tool);
    workload->id = strdup(id);
    workload->klass = strdup("mixed"); /* nothing says which */
    workload->about = strdup(about);
    workload->tasks = 1;
    return workload->id != NULL && workload->klass != NULL &&
           workload->about != NULL;
}

size_t foreign_case(struct foreign *foreign, const char *workload,
                    const char *backend, size_t workers)
{
    struct record *record = foreign->record;
    size_t found = record_find_case(record, workload, backend, workers);
    struct record_case *one;
    char id[24];

    if (found != NO_CASE)
        return found;
    if (record->case_count == CASES_AT_MOST) {
        foreign_fail(foreign, "more than %d cases", CASES_AT_MOST);
        return NO_CASE;
    }
    snprintf(id, sizeof id, "c%zu", record->case_count);
    one = add_workload(foreign, workload) ? record_add_case(record) : NULL;
    if (one != NULL) {
        one->id = strdup(id);
        one->workload = strdup(workload);
        one->backend = strdup(backend);
        one->workers = workers;
        one->tasks = 1;
        if (one->id != NULL && one->workload != NULL && one->backend != NULL)
            return record->case_count - 1;
    }
    foreign_fail(foreign, "out of memory");
    return NO_CASE;
}

struct record_sample *foreign_sample(struct foreign *foreign, size_t case_index,
                                     double tasks, double elapsed_s)
{
    struct record_sample *sample;

    if (!(tasks >= 1 && tasks < 9e15 && tasks == floor(tasks))) {
        foreign_fail(foreign, "a count of tasks that is none");
        return NULL;
    }
    if (!(elapsed_s > 0 && isfinite(elapsed_s))) {
        foreign_fail(foreign, "a batch's time beyond what a number can hold");
        return NULL;
    }
    sample = record_add_sample(foreign->record);
    if (sample == NULL) {
        foreign_fail(foreign, "out of memory");
        return NULL;
    }
    *sample = (struct record_sample){
        .case_index = case_index,
        .block = foreign->next_block++,
        .started_s = NAN,
        .elapsed_s = elapsed_s,
        .tasks = (size_t)tasks,
        .submit_s = NAN,
        .pool_create_s = NAN,
        .pool_destroy_s = NAN,
        .cpu_user_s = NAN,
        .cpu_sys_s = NAN,
        .switches_voluntary = NAN,
        .switches_involuntary = NAN,
        .faults_minor = NAN,
        .faults_major = NAN,
        .peak_rss_bytes = NAN,
        .disk_read_bytes = NAN,
        .disk_written_bytes = NAN,
        .steal_s = NAN,
        .foreign_s = NAN,
        .io_stalled_s = NAN,
        .thermal_events = NAN,
        .frequency_hz = NAN,
        .throttled_s = NAN,
        .verified = true,
    };
    return sample;
}

bool foreign_is_time(const cJSON *item)
{
    return cJSON_IsNumber(item) && isfinite(item->valuedouble) &&
           item->valuedouble > 0;
}

bool foreign_is_count_name(const char *name)
{
    static const char *const names[] = {
        "workers",     "threads",     "processes", "jobs",     "procs",
        "concurrency", "num_threads", "nproc",     "nthreads", "num_workers",
        "cores",       "clients",     "n",         "j",        "p",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* The whole number that `text` is from its first digit to its end. */
static bool read_count(const char *text, size_t *count)
{
    char *end;
    double number;

    if (!isdigit((unsigned char)text[0]))
        return false;
    number = strtod(text, &end);
    if (*end != '\0' || number < 1 || number > WORKERS_AT_MOST ||
        number != floor(number))
        return false;
    *count = (size_t)number;
    return true;
}

/* Does the part say how many workers, as "threads:8", "workers=8" or "8"? */
static bool says_count(const char *part, size_t *workers)
{
    size_t length = strcspn(part, ":=");
    char name[32];

    if (part[length] == '\0')
        return read_count(part, workers);
    if (length >= sizeof name)
        return false;
    memcpy(name, part, length);
    name[length] = '\0';
    return foreign_is_count_name(name) &&
           read_count(part + length + 1, workers);
}

/* Takes a count off the end behind '-' or '_', as in "pool-8". */
static void take_tail(char *workload, size_t *workers)
{
    char *mark = NULL;

    for (char *at = workload; *at != '\0'; at++) {
        if (*at == '-' || *at == '_')
            mark = at;
    }
    if (mark != NULL && mark != workload && read_count(mark + 1, workers))
        *mark = '\0';
}

/* Deals the parts of `text`, which is taken to pieces. `workload` has room for
 * all of them. */
static bool deal_parts(char *text, struct foreign_name *split)
{
    bool has_count = false;
    const char *between = "";
    char *part, *end = split->workload;

    while ((part = strsep(&text, "/")) != NULL) {
        if (*part == '\0' && text == NULL)
            break; /* behind the last one */
        if (strncmp(part, "backend=", 8) == 0) {
            free(split->backend);
            split->backend = strdup(part + 8);
            if (split->backend == NULL)
                return false;
        } else if (end > split->workload && !has_count &&
                   says_count(part, &split->workers)) {
            has_count = true;
        } else {
            end = stpcpy(end, between);
            end = stpcpy(end, part);
            between = "/";
        }
    }
    if (!has_count)
        take_tail(split->workload, &split->workers);
    return true;
}

/* Where the last `mark` in `text` is; NULL: nowhere. */
static char *find_last(char *text, const char *mark)
{
    char *found = NULL;

    for (char *at = text; (at = strstr(at, mark)) != NULL; at++)
        found = at;
    return found;
}

/* Takes apart what export_name() put together, whatever its workload is called;
 * `*is_ours` is false where the name is none of ours. */
static bool take_ours(char *text, struct foreign_name *split, bool *is_ours)
{
    static const char on[] = "/backend=", with[] = "/workers=";
    char *workers = find_last(text, with), *backend;

    *is_ours = false;
    if (workers == NULL || !read_count(workers + strlen(with), &split->workers))
        return true;
    *workers = '\0';
    backend = find_last(text, on);
    *is_ours = backend != NULL;
    if (*is_ours) {
        *backend = '\0';
        strcpy(split->workload, text);
        split->backend = strdup(backend + strlen(on));
        return split->backend != NULL;
    }
    *workers = with[0];
    return true;
}

bool foreign_split_name(struct foreign *foreign, const char *name,
                        struct foreign_name *split)
{
    char *text = strdup(name);
    bool is_split = false, is_ours = false;

    *split = (struct foreign_name){.workload = calloc(1, strlen(name) + 1),
                                   .workers = 1};
    if (text != NULL && split->workload != NULL)
        is_split = take_ours(text, split, &is_ours) &&
                   (is_ours || deal_parts(text, split));
    free(text);
    return is_split || foreign_fail(foreign, "out of memory");
}

void foreign_finish_name(struct foreign_name *split)
{
    free(split->workload);
    free(split->backend);
}

size_t foreign_name_case(struct foreign *foreign,
                         const struct foreign_name *split, const char *backend)
{
    bool says_backend = split->backend != NULL && split->backend[0] != '\0';

    return foreign_case(foreign, split->workload,
                        says_backend ? split->backend : backend,
                        split->workers);
}
