/* SPDX-License-Identifier: MIT */
/* The list of scaling models, the simplest first. */
#include "model.h"

#include <string.h>

const struct model *const models[] = {
    &model_flat, &model_linear, &model_amdahl, &model_saturation,
    &model_kink, &model_usl,    NULL,
};

const struct model *model_find(const char *name)
{
    for (size_t i = 0; models[i] != NULL; i++) {
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
    }
    return NULL;
}

double model_rate(const struct model *model, const struct model_host *host,
                  const double *parameters, double workers)
{
    double gradient[MODEL_PARAMETERS];

    return model->rate(host, parameters, workers, gradient);
}
