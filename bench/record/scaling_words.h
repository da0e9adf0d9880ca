/* SPDX-License-Identifier: MIT */
#ifndef RECORD_SCALING_WORDS_H
#define RECORD_SCALING_WORDS_H

/* Says plainly what a fitted model does not know: whether the peak is
 * identified and why not, what the misfit is, warnings. Needs everything else
 * of `model`. False without memory. */
#include "fit.h"
#include "record.h"

bool scaling_put_into_words(const struct fit *fit, const struct points *points,
                            struct record_model *model);

#endif
