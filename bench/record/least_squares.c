/* SPDX-License-Identifier: MIT */
/*
 * The search by GSL (gsl_multifit_nlinear, trust region with Levenberg and
 * Marquardt's step, More's scaling, QR). Parameters that make no sense get
 * residuals so large that the step is taken back, and are never the end.
 */
#include "least_squares.h"

#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit_nlinear.h>

#define STEPS_AT_MOST 200
#define SENSELESS     1e10

/* The model's rates at the free parameters of a GSL vector. */
struct view {
    const struct least_squares *search;
    double parameters[MODEL_PARAMETERS];
};

static void take(struct view *view, const gsl_vector *x)
{
    size_t next = 0;

    for (size_t i = 0; i < view->search->model->parameter_count; i++) {
        if (view->search->is_free[i])
            view->parameters[i] = gsl_vector_get(x, next++);
    }
}

/* The residual at a point, and how y changes with the rate. */
static double residual_at(const struct view *view, size_t i, double *gradient,
                          double *slope)
{
    const struct least_squares *search = view->search;
    double rate =
        search->model->rate(search->host, view->parameters,
                            search->points->points[i].workers, gradient);

    if (!(rate > 0) || !isfinite(rate)) {
        *slope = 0;
        return SENSELESS;
    }
    *slope = search->points->objective == OBJECTIVE_LOG ? 1 / rate : 1;
    return points_y(search->points, rate) - search->points->points[i].y;
}

static int residuals(const gsl_vector *x, void *data, gsl_vector *f)
{
    struct view *view = data;
    double gradient[MODEL_PARAMETERS], slope;

    take(view, x);
    for (size_t i = 0; i < f->size; i++)
        gsl_vector_set(f, i, residual_at(view, i, gradient, &slope));
    return GSL_SUCCESS;
}

static int jacobian(const gsl_vector *x, void *data, gsl_matrix *j)
{
    struct view *view = data;
    const struct least_squares *search = view->search;

    take(view, x);
    for (size_t i = 0; i < j->size1; i++) {
        double gradient[MODEL_PARAMETERS] = {0}, slope;
        size_t next = 0;
        residual_at(view, i, gradient, &slope);
        for (size_t k = 0; k < search->model->parameter_count; k++) {
            if (search->is_free[k])
                gsl_matrix_set(j, i, next++,
                               slope == 0 ? 0 : slope * gradient[k]);
        }
    }
    return GSL_SUCCESS;
}

static size_t free_count(const struct least_squares *search)
{
    size_t count = 0;

    for (size_t i = 0; i < search->model->parameter_count; i++)
        count += search->is_free[i];
    return count;
}

static gsl_multifit_nlinear_workspace *workspace(struct least_squares *search,
                                                 size_t free)
{
    gsl_multifit_nlinear_parameters how =
        gsl_multifit_nlinear_default_parameters();

    if (search->workspaces[free] == NULL)
        search->workspaces[free] = gsl_multifit_nlinear_alloc(
            gsl_multifit_nlinear_trust, &how, search->points->count, free);
    return search->workspaces[free];
}

void least_squares_finish(struct least_squares *search)
{
    for (size_t i = 0; i <= MODEL_PARAMETERS; i++) {
        gsl_multifit_nlinear_free(search->workspaces[i]);
        search->workspaces[i] = NULL;
    }
}

double least_squares_at(const struct least_squares *search,
                        const double *parameters)
{
    struct view view = {search, {0}};
    double sum = 0, gradient[MODEL_PARAMETERS], slope;

    for (size_t i = 0; i < search->model->parameter_count; i++)
        view.parameters[i] = parameters[i];
    for (size_t i = 0; i < search->points->count; i++) {
        double residual = residual_at(&view, i, gradient, &slope);
        if (residual == SENSELESS)
            return INFINITY;
        sum += search->points->points[i].weight * residual * residual;
    }
    return sum;
}

/* Hands the problem to GSL at the parameters given; `room` holds weights and
 * free parameters. NULL without memory. */
static gsl_multifit_nlinear_workspace *set_up(struct least_squares *search,
                                              struct view *view,
                                              const double *parameters,
                                              gsl_multifit_nlinear_fdf *problem)
{
    size_t n = search->points->count, p = free_count(search), next = 0;
    gsl_multifit_nlinear_workspace *work =
        p == 0 || p > n ? NULL : workspace(search, p);
    gsl_vector *weights = work == NULL ? NULL : gsl_vector_alloc(n);
    double start[MODEL_PARAMETERS];
    gsl_vector_view x;

    if (weights == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        gsl_vector_set(weights, i, search->points->points[i].weight);
    *view = (struct view){search, {0}};
    for (size_t i = 0; i < search->model->parameter_count; i++) {
        view->parameters[i] = parameters[i];
        if (search->is_free[i])
            start[next++] = parameters[i];
    }
    x = gsl_vector_view_array(start, p);
    *problem = (gsl_multifit_nlinear_fdf){
        .f = residuals, .df = jacobian, .n = n, .p = p, .params = view};
    gsl_multifit_nlinear_winit(&x.vector, weights, problem, work);
    gsl_vector_free(weights); /* GSL has taken their roots */
    return work;
}

double least_squares_search(struct least_squares *search, double *parameters)
{
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    gsl_multifit_nlinear_fdf problem;
    struct view view;
    gsl_multifit_nlinear_workspace *work =
        set_up(search, &view, parameters, &problem);
    int info;

    if (work != NULL) {
        gsl_multifit_nlinear_driver(STEPS_AT_MOST, 1e-11, 1e-14, 0, NULL, NULL,
                                    &info, work);
        take(&view, work->x);
        for (size_t i = 0; i < search->model->parameter_count; i++)
            parameters[i] = view.parameters[i];
    }
    gsl_set_error_handler(before);
    return work == NULL && free_count(search) > 0
               ? INFINITY
               : least_squares_at(search, parameters);
}

static void invert(const gsl_matrix *normal, const bool *is_free,
                   size_t parameter_count, double *diagonal,
                   double covariance[MODEL_PARAMETERS][MODEL_PARAMETERS])
{
    size_t row = 0;

    for (size_t i = 0; i < parameter_count; i++) {
        size_t column = 0;
        for (size_t j = 0; j < parameter_count; j++) {
            if (is_free[i] && is_free[j])
                covariance[i][j] = gsl_matrix_get(normal, row, column) /
                                   (diagonal[row] * diagonal[column]);
            column += is_free[j];
        }
        row += is_free[i];
    }
}

bool least_squares_covariance(
    struct least_squares *search, const double *parameters,
    double covariance[MODEL_PARAMETERS][MODEL_PARAMETERS])
{
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    size_t p = free_count(search);
    double diagonal[MODEL_PARAMETERS];
    struct view view;
    gsl_multifit_nlinear_fdf problem;
    gsl_multifit_nlinear_workspace *work =
        set_up(search, &view, parameters, &problem);
    gsl_matrix *normal = work == NULL ? NULL : gsl_matrix_alloc(p, p);
    bool is_told = normal != NULL;

    for (size_t i = 0; i < MODEL_PARAMETERS; i++)
        for (size_t j = 0; j < MODEL_PARAMETERS; j++)
            covariance[i][j] = 0;
    if (is_told) {
        /* columns of length one first: they differ by many orders */
        gsl_matrix *j = gsl_multifit_nlinear_jac(work);
        for (size_t k = 0; k < p; k++) {
            gsl_vector_view column = gsl_matrix_column(j, k);
            diagonal[k] = gsl_blas_dnrm2(&column.vector);
            is_told = is_told && diagonal[k] > 0;
            gsl_vector_scale(&column.vector, 1 / diagonal[k]);
        }
        is_told = is_told &&
                  gsl_multifit_nlinear_covar(j, 1e-12, normal) == GSL_SUCCESS;
    }
    if (is_told)
        invert(normal, search->is_free, search->model->parameter_count,
               diagonal, covariance);
    for (size_t i = 0; i < search->model->parameter_count; i++)
        is_told = is_told && (!search->is_free[i] || covariance[i][i] > 0);
    gsl_matrix_free(normal);
    gsl_set_error_handler(before);
    return is_told;
}
