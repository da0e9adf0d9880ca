/* SPDX-License-Identifier: MIT */
/* A model as JSON: its parameters stand under their own names, and what is
 * known about each in objects with the same names. */
#include "record_json.h"

static void write_parameters(struct json_writer *writer,
                             const struct record_model *model)
{
    for (size_t i = 0; i < model->parameter_count; i++)
        json_number(writer, model->parameters[i].name,
                    model->parameters[i].value);
    json_open(writer, "ci95", '{');
    for (size_t i = 0; i < model->parameter_count; i++)
        record_write_interval(writer, model->parameters[i].name,
                              model->parameters[i].ci95);
    json_close(writer, '}');
    json_open(writer, "standard_errors", '{');
    for (size_t i = 0; i < model->parameter_count; i++)
        json_number(writer, model->parameters[i].name,
                    model->parameters[i].standard_error);
    json_close(writer, '}');
    json_open(writer, "t_ci95", '{');
    for (size_t i = 0; i < model->parameter_count; i++)
        record_write_interval(writer, model->parameters[i].name,
                              model->parameters[i].t_ci95);
    json_close(writer, '}');
}

static void write_peak(struct json_writer *writer,
                       const struct record_peak *peak)
{
    json_open(writer, "peak", '{');
    json_number(writer, "workers", peak->workers);
    json_number(writer, "throughput_per_s", peak->throughput_per_s);
    json_bool(writer, "identified", peak->identified);
    record_write_interval(writer, "ci95", peak->ci95);
    json_number(writer, "whole_workers", peak->whole_workers);
    record_write_interval(writer, "throughput_ci95", peak->throughput_ci95);
    json_text(writer, "reason", peak->reason);
    json_close(writer, '}');
}

static void write_candidates(struct json_writer *writer,
                             const struct record_model *model)
{
    json_open(writer, "candidates", '[');
    for (size_t i = 0; i < model->candidate_count; i++) {
        const struct record_candidate *one = &model->candidates[i];
        json_open(writer, NULL, '{');
        json_text(writer, "model", one->model);
        json_number(writer, "aicc", one->aicc);
        json_number(writer, "lack_of_fit_p", one->lack_of_fit_p);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void write_curve(struct json_writer *writer,
                        const struct record_model *model)
{
    json_open(writer, "curve", '[');
    for (size_t i = 0; i < model->curve_count; i++) {
        json_open(writer, NULL, '{');
        json_number(writer, "workers", model->curve[i].workers);
        json_number(writer, "throughput_per_s",
                    model->curve[i].throughput_per_s);
        record_write_interval(writer, "ci95", model->curve[i].ci95);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void write_quality(struct json_writer *writer,
                          const struct record_model *model)
{
    json_bool(writer, "misfit", model->misfit);
    json_text(writer, "reason", model->reason);
    record_write_interval(writer, "range", model->range);
    json_number(writer, "n_values", (double)model->value_count);
    json_number(writer, "n_counts", (double)model->count_count);
    json_number(writer, "n_blocks", (double)model->block_count);
    json_text(writer, "method", model->method);
    json_number(writer, "residual_error", model->residual_error);
    json_number(writer, "df", model->df);
    json_number(writer, "aicc", model->aicc);
    json_number(writer, "lack_of_fit_p", model->lack_of_fit_p);
    json_number(writer, "runs_z", model->runs_z);
    json_number(writer, "durbin_watson", model->durbin_watson);
    json_number(writer, "last_error_ratio", model->last_error_ratio);
}

static void write_model(struct json_writer *writer,
                        const struct record_model *model)
{
    json_open(writer, NULL, '{');
    json_text(writer, "workload", model->workload);
    json_text(writer, "backend", model->backend);
    json_text(writer, "model", model->model);
    json_text(writer, "formula", model->formula);
    json_text(writer, "objective", model->objective);
    write_parameters(writer, model);
    write_peak(writer, &model->peak);
    write_quality(writer, model);
    write_candidates(writer, model);
    write_curve(writer, model);
    json_open(writer, "warnings", '[');
    for (size_t i = 0; i < model->warning_count; i++)
        json_text(writer, NULL, model->warnings[i]);
    json_close(writer, ']');
    json_close(writer, '}');
}

void record_write_models(struct json_writer *writer,
                         const struct record *record)
{
    json_open(writer, "models", '[');
    for (size_t i = 0; i < record->model_count; i++) {
        json_break(writer);
        write_model(writer, &record->models[i]);
    }
    json_close(writer, ']');
}
