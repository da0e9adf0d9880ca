/* SPDX-License-Identifier: MIT */
/* What a model in a record holds: its lists, and giving them up. They are
 * short, so each append grows them by one. */
#include <stdlib.h>
#include <string.h>

#include "record_memory.h"

struct record_candidate *record_add_candidate(struct record_model *model)
{
    struct record_candidate *candidates = reallocarray(
        model->candidates, model->candidate_count + 1, sizeof *candidates);

    if (candidates == NULL)
        return NULL;
    model->candidates = candidates;
    candidates[model->candidate_count] = (struct record_candidate){0};
    return &candidates[model->candidate_count++];
}

bool record_add_warning(struct record_model *model, const char *warning)
{
    char **warnings = reallocarray(model->warnings, model->warning_count + 1,
                                   sizeof *warnings);

    if (warnings == NULL)
        return false;
    model->warnings = warnings;
    warnings[model->warning_count] = strdup(warning);
    return warnings[model->warning_count++] != NULL;
}

void record_finish_model(struct record_model *model)
{
    free(model->workload);
    free(model->backend);
    free(model->model);
    free(model->formula);
    free(model->objective);
    for (size_t i = 0; i < model->parameter_count; i++)
        free(model->parameters[i].name);
    free(model->peak.reason);
    free(model->reason);
    free(model->method);
    for (size_t i = 0; i < model->candidate_count; i++)
        free(model->candidates[i].model);
    free(model->candidates);
    free(model->curve);
    for (size_t i = 0; i < model->warning_count; i++)
        free(model->warnings[i]);
    free(model->warnings);
}
