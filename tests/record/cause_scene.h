/* SPDX-License-Identifier: MIT */
#ifndef CAUSE_SCENE_H
#define CAUSE_SCENE_H

/* A record of one and four workers with a cause planted, and its finding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cause.h"
#include "record_memory.h"

/* What a sample of a case came to. */
struct planted {
    double elapsed_s;
    double cpu_s;
    double submit_s;
    double throttled_s;
    double service_s;
};

static inline void add(struct record *record, size_t case_index,
                       const struct planted *planted)
{
    struct record_sample *sample = record_add_sample(record);

    *sample = (struct record_sample){.case_index = case_index,
                                     .elapsed_s = planted->elapsed_s,
                                     .cpu_user_s = planted->cpu_s,
                                     .submit_s = planted->submit_s,
                                     .throttled_s = planted->throttled_s,
                                     .tasks = 100,
                                     .switches_voluntary = 100,
                                     .verified = true};
    sample->latency.p50_s = planted->service_s;
}

static inline struct record *record_of(const char *klass, const char *backend,
                                       const struct planted *one,
                                       const struct planted *four)
{
    struct record *record = record_create();

    *record_add_workload(record) = (struct record_workload){
        .id = strdup("w"), .klass = strdup(klass), .about = strdup("")};
    for (size_t workers = 1; workers <= 4; workers += 3)
        *record_add_case(record) =
            (struct record_case){.id = strdup(workers == 1 ? "c1" : "c2"),
                                 .workload = strdup("w"),
                                 .backend = strdup(backend),
                                 .workers = workers,
                                 .tasks = 100};
    add(record, 0, one);
    add(record, 1, four);
    return record;
}

/* The cause of four workers on `usable` CPUs. Some evidence must have `hint`. */
static inline void assert_cause(struct record *record, double usable,
                                double quota, const char *cause,
                                const char *hint)
{
    struct record_recommendation *one = record_add_recommendation(record);
    bool has_hint = false;

    one->workload = strdup("w");
    one->goal = strdup("knee");
    one->backend = strdup(record->cases[0].backend);
    one->best_backend = strdup(record->cases[0].backend);
    one->workers = one->best_workers = 4;
    assert_true(cause_find(record, usable, quota, false, one));
    for (size_t i = 0; i < one->evidence.count; i++)
        has_hint |= strstr(one->evidence.list[i], hint) != NULL;
    if (strcmp(one->cause, cause) != 0 || !has_hint)
        fail_msg("%s: %s, not %s (%s)", one->cause,
                 one->evidence.count ? one->evidence.list[0] : "", cause, hint);
    record_destroy(record);
}

#endif
