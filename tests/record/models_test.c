/* SPDX-License-Identifier: MIT */
/* The models of a record: one for each curve, and read back as they were or not
 * at all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "example.h"
#include "record_memory.h"
#include "scaling.h"

static void a_record_has_a_model_for_each_curve(void **state)
{
    static const struct scaling_request request = {0};
    struct record *record = example_record(6);
    const char *reason;

    (void)state;
    assert_true(scaling_fit_record(record, &request, &reason));
    assert_int_equal(record->model_count, 0); /* two counts at most */
    assert_non_null(strstr(reason, "too few worker counts"));
    for (size_t workers = 3; workers <= 8; workers++) {
        struct record_case *one = record_add_case(record);
        char id[8];
        snprintf(id, sizeof id, "d%zu", workers);
        one->id = strdup(id);
        one->workload = strdup("sum_squares");
        one->backend = strdup("thread");
        one->workers = workers;
        one->tasks = 64;
        for (size_t block = 0; block < 6; block++)
            example_sample(record, record->case_count - 1, block,
                           0.101 / (double)workers *
                               (1 + 0.01 * (double)((block + workers) % 3)));
    }
    assert_true(scaling_fit_record(record, &request, &reason));
    assert_null(reason);
    assert_int_equal(record->model_count, 1);
    assert_string_equal(record->models[0].backend, "thread");
    assert_string_equal(record->models[0].model, "linear");
    assert_int_equal(record->models[0].count_count, 8);
    assert_int_equal(record->models[0].block_count, 6);
    record_destroy(record);
}

static void models_are_read_back_as_they_were(void **state)
{
    char path[512];
    size_t length, again_length;
    struct record_error error;
    struct record *record = example_record(3), *back;
    char *bytes, *again;

    (void)state;
    snprintf(path, sizeof path, "%s", scratch("models.json"));
    example_add_model(record);
    assert_true(record_write(record, path, &error));
    bytes = slurp(path, &length);
    back = record_read(path, &error);
    assert_non_null(back);
    assert_int_equal(back->model_count, 1);
    assert_int_equal(back->models[0].parameter_count, 3);
    assert_true(back->models[0].parameters[2].value ==
                record->models[0].parameters[2].value);
    assert_true(record_write(back, path, &error));
    again = slurp(path, &again_length);
    assert_int_equal(length, again_length);
    assert_memory_equal(bytes, again, length);
    free(bytes);
    free(again);
    record_destroy(back);
    record_destroy(record);
}

/* Writes the example with `from` replaced once by `to`; it must be refused. */
static void assert_refused(const char *from, const char *to)
{
    char path[512];
    size_t length;
    struct record_error error = {{0}};
    struct record *record = example_record(1);
    char *bytes, *at, *spoiled;

    snprintf(path, sizeof path, "%s", scratch("models.json"));
    example_add_model(record);
    assert_true(record_write(record, path, &error));
    record_destroy(record);
    bytes = slurp(path, &length);
    at = strstr(bytes, from);
    assert_non_null(at);
    spoiled = calloc(1, length + strlen(to) + 1);
    memcpy(spoiled, bytes, (size_t)(at - bytes));
    strcat(strcat(spoiled, to), at + strlen(from));
    spill(path, spoiled, strlen(spoiled));
    assert_null(record_read(path, &error));
    assert_non_null(strstr(error.text, "model"));
    free(bytes);
    free(spoiled);
}

static void damaged_models_are_refused(void **state)
{
    (void)state;
    assert_refused("\"objective\": \"log\"", "\"objective\": 7");
    assert_refused("\"candidates\": [{", "\"candidates\": [[1], {");
    assert_refused("\"curve\": [{", "\"curve\": [3, {");
    assert_refused("\"warnings\": []", "\"warnings\": [1]");
    assert_refused("\"gamma\": ", "\"cap_per_s\": 1, \"gamma\": ");
    assert_refused("\"peak\": {", "\"peak\": 3, \"top\": {");
}

/* Of flat curves of five counts, those that an F test takes for the USL. */
static void no_peak_is_sure_where_few_values_could_not_be_weighed(void **state)
{
    static const struct scaling_request request = {0};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    size_t unweighed = 0;

    (void)state;
    for (size_t i = 0; i < 1500; i++) {
        struct scaling_value values[5];
        struct record_model model = {0};

        for (size_t k = 0; k < 5; k++)
            values[k] = (struct scaling_value){
                1 << k, 100 * exp(gsl_ran_gaussian(random, 0.03)), NO_BLOCK};
        assert_int_equal(scaling_fit(values, 5, &request, &model),
                         SCALING_FITTED);
        if (strcmp(model.model, "usl") == 0 && isnan(model.aicc)) {
            unweighed++;
            assert_false(model.peak.identified);
            assert_non_null(model.peak.reason);
        }
        record_finish_model(&model);
    }
    gsl_rng_free(random);
    printf("%zu of 1500 flat curves are taken for the USL\n", unweighed);
    assert_true(unweighed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_has_a_model_for_each_curve),
        cmocka_unit_test(models_are_read_back_as_they_were),
        cmocka_unit_test(no_peak_is_sure_where_few_values_could_not_be_weighed),
        cmocka_unit_test(damaged_models_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
