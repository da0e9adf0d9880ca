/* SPDX-License-Identifier: MIT */
/*
 * A model for people: a label on the left, numbers and sentences beside it,
 * broken at 80 columns. What the data do not show is said where the number would
 * stand, not below it.
 */
#include "fit_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "number.h"
#include "say.h"

enum { LABEL_WIDTH = 12, TEXT_WIDTH = 80 - LABEL_WIDTH };

/* Prints `text` beside the label, broken at blanks. */
static void print_lines(const char *label, const char *text)
{
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > TEXT_WIDTH) {
            length = TEXT_WIDTH;
            while (length > 0 && text[length] != ' ')
                length--;
            if (length == 0) /* one long word */
                length = TEXT_WIDTH;
        }
        printf("%-*s%.*s\n", LABEL_WIDTH, label, (int)length, text);
        text += length;
        text += *text == ' ';
        label = "";
    }
}

/* A worker count, a whole number where it is one. */
static char *count_text(double workers, char text[16])
{
    if (workers == floor(workers) && workers < 1e12)
        snprintf(text, 16, "%.0f", workers);
    else
        number_format(workers, text);
    return text;
}

/* "[1.2, 3.4]"; "[1.2, no bound]"; "" where it is unknown. */
static const char *interval_text(const double interval[2], char text[48])
{
    char low[16], high[16];

    text[0] = '\0';
    if (!isfinite(interval[0]))
        return text;
    snprintf(text, 48, " [%s, %s]", number_format(interval[0], low),
             isfinite(interval[1]) ? number_format(interval[1], high)
                                   : "no bound");
    return text;
}

static void print_title(const struct record_model *model)
{
    char name[120], backend[40], first[16], last[16], blocks[40] = "";
    const char *on = model->backend != NULL ? " on " : "";

    say_safe(model->workload, name, 56);
    say_safe(model->backend != NULL ? model->backend : "", backend, 20);
    if (model->block_count > 0)
        snprintf(blocks, sizeof blocks, " in %zu blocks", model->block_count);
    printf("%s%s%s\n", name, on, backend);
    snprintf(
        name, sizeof name, "%zu values%s at %zu worker counts, from %s to %s",
        model->value_count, blocks, model->count_count,
        count_text(model->range[0], first), count_text(model->range[1], last));
    print_lines("  data", name);
}

static void print_model(const struct record_model *model)
{
    char text[160];

    snprintf(text, sizeof text, "%s, least squares of %s: %s", model->model,
             strcmp(model->objective, "log") == 0 ? "logs" : "differences",
             model->formula);
    print_lines("  model", text);
}

static void print_parameters(const struct record_model *model)
{
    const struct model *kind = model_find(model->model);

    for (size_t i = 0; i < model->parameter_count; i++) {
        const struct record_model_parameter *one = &model->parameters[i];
        const struct model_parameter *about = &kind->parameters[i];
        char label[24], value[16], interval[48];

        snprintf(label, sizeof label, "  %s", one->name);
        printf("%-*s%-9s%-24s %s%s\n", LABEL_WIDTH, label,
               number_format(one->value, value),
               interval_text(one->ci95, interval), about->about,
               about->is_rate ? ", /s" : "");
    }
}

static void print_peak(const struct record_model *model)
{
    const struct record_peak *peak = &model->peak;
    char text[320], at[16], whole[16], best[16], low[16];
    char interval[48], rates[48];

    number_format(peak->workers, at);
    interval_text(peak->ci95, interval);
    if (peak->identified)
        snprintf(text, sizeof text, "%s worker%s (%s%s): %s /s%s",
                 count_text(peak->whole_workers, whole),
                 peak->whole_workers == 1 ? "" : "s", at, interval,
                 number_format(peak->throughput_per_s, best),
                 interval_text(peak->throughput_ci95, rates));
    else if (isfinite(peak->ci95[0]) && !isfinite(peak->ci95[1]))
        snprintf(text, sizeof text, "not identified: N >= %s; %s",
                 number_format(peak->ci95[0], low), peak->reason);
    else if (isfinite(peak->workers))
        snprintf(text, sizeof text,
                 "not identified: %s (the model has it at %s workers%s)",
                 peak->reason, at, interval);
    else
        snprintf(text, sizeof text, "none: %s", peak->reason);
    print_lines("  peak", text);
}

static void print_fit(const struct record_model *model)
{
    char text[320], p[48] = "";

    if (model->misfit) {
        snprintf(text, sizeof text,
                 "MODEL MISFIT: %s; believe the measured points, and take the "
                 "intervals above for too narrow",
                 model->reason);
    } else if (isnan(model->lack_of_fit_p) && isnan(model->runs_z)) {
        snprintf(text, sizeof text,
                 "not tested: that takes several values of a count, or ten "
                 "counts");
    } else {
        if (isfinite(model->lack_of_fit_p))
            snprintf(p, sizeof p, " (lack of fit: p = %.2g)",
                     model->lack_of_fit_p);
        snprintf(text, sizeof text, "no misfit found%s", p);
    }
    print_lines("  fit", text);
}

static void print_outlook(const struct record_model *model)
{
    char text[240], last[16];
    double percent = 100 * model->last_error_ratio;

    if (fabs(percent) < 0.05)
        percent = 0; /* not -0.0 */
    count_text(model->range[1], last);
    if (isfinite(model->last_error_ratio))
        snprintf(text, sizeof text,
                 "fitted without %s workers, it is wrong about them by %+.1f "
                 "%%; past %s workers it is a guess",
                 last, percent, last);
    else
        snprintf(text, sizeof text,
                 "too few counts to try it without %s workers; past them it is "
                 "a guess",
                 last);
    print_lines("  outlook", text);
}

void fit_print(const struct record_model *model)
{
    print_title(model);
    print_model(model);
    print_parameters(model);
    print_peak(model);
    print_fit(model);
    print_outlook(model);
    for (size_t i = 0; i < model->warning_count; i++)
        print_lines("  warning", model->warnings[i]);
}
