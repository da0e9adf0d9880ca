/* SPDX-License-Identifier: MIT */
/* The models of a record: one for each workload and backend that was measured
 * with enough worker counts, from its block values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "record_memory.h"
#include "scaling.h"

static bool is_same_curve(const struct record_case *a,
                          const struct record_case *b)
{
    return strcmp(a->workload, b->workload) == 0 &&
           strcmp(a->backend, b->backend) == 0;
}

static bool is_first_of_curve(const struct record *record, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same_curve(&record->cases[i], &record->cases[index]))
            return false;
    }
    return true;
}

/* The block values of all cases on the curve of case `first`. */
static size_t collect(const struct record *record, const struct all_blocks *all,
                      size_t first, struct scaling_value *values)
{
    size_t count = 0;

    for (size_t i = first; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        if (one->status != CASE_MEASURED || one->workers == 0 ||
            !is_same_curve(one, &record->cases[first]))
            continue;
        for (size_t b = 0; b < all->cases[i].count; b++) {
            const struct block *block = &all->cases[i].blocks[b];
            values[count++] = (struct scaling_value){
                .workers = (double)one->workers,
                .rate = block->tasks / block->elapsed_s,
                .block = block->number,
            };
        }
    }
    return count;
}

/* Two slopes are looked for only where the cores have threads to share. */
static void describe_host(const struct record *record,
                          struct scaling_request *request)
{
    if (!facts_bool(record->env, "cpu.smt", false))
        return;
    request->cores = facts_number(record->env, "cpu.cores", 0);
    request->threads = fmin(facts_number(record->env, "cpu.threads", 0),
                            facts_number(record->env, "cpu.usable", INFINITY));
}

static enum scaling_outcome add_model(struct record *record, size_t first,
                                      const struct scaling_value *values,
                                      size_t count,
                                      const struct scaling_request *request)
{
    const struct record_case *one = &record->cases[first];
    struct record_model model = {0};
    enum scaling_outcome outcome = scaling_fit(values, count, request, &model);
    struct record_model *place =
        outcome == SCALING_FITTED ? record_add_model(record) : NULL;

    if (place == NULL) {
        record_finish_model(&model);
        return outcome == SCALING_FITTED ? SCALING_NO_MEMORY : outcome;
    }
    model.workload = strdup(one->workload);
    model.backend = strdup(one->backend);
    *place = model;
    return model.workload != NULL && model.backend != NULL ? SCALING_FITTED
                                                           : SCALING_NO_MEMORY;
}

static const char *reason_for(enum scaling_outcome outcome)
{
    return outcome == SCALING_UNKNOWN
               ? "the model asked for does not apply to this machine"
               : "too few worker counts: a fit takes 3, that of the USL 4";
}

bool scaling_fit_record(struct record *record,
                        const struct scaling_request *request,
                        const char **reason)
{
    struct scaling_request asked = *request;
    struct all_blocks all;
    struct scaling_value *values;
    bool is_done;

    record_clear_models(record);
    describe_host(record, &asked);
    *reason = "it has no measured case";
    if (!blocks_collect(record, &all))
        return false;
    values = calloc(record->sample_count + 1, sizeof *values);
    is_done = values != NULL;
    for (size_t i = 0; i < record->case_count && is_done; i++) {
        enum scaling_outcome outcome;
        size_t count;
        if (!is_first_of_curve(record, i))
            continue;
        count = collect(record, &all, i, values);
        if (count == 0)
            continue;
        outcome = add_model(record, i, values, count, &asked);
        is_done = outcome != SCALING_NO_MEMORY;
        if (outcome != SCALING_FITTED && record->model_count == 0)
            *reason = reason_for(outcome);
    }
    if (record->model_count > 0)
        *reason = NULL;
    free(values);
    blocks_finish(&all);
    return is_done;
}
