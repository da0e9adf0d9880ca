/* SPDX-License-Identifier: MIT */
/* A file of another tool, or a table of N and X: imported, and fitted. */
#include "fuzz.h"

#include "formats.h"
#include "record_memory.h"
#include "scaling.h"

/* Beyond that a fit takes long without going anywhere new. */
enum { VALUES_MAX = 400, SERIES_MAX = 2 };

static void fit_series(const struct series_list *list)
{
    struct record *record = record_create();

    for (size_t i = 0; record != NULL && i < list->count && i < SERIES_MAX;
         i++) {
        const struct series *series = &list->series[i];
        struct record_model *model = record_add_model(record);
        if (model != NULL && series->count <= VALUES_MAX)
            (void)scaling_fit(series->values, series->count,
                              &(struct scaling_request){0}, model);
    }
    record_destroy(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = file_of(data, bytes);
    struct series_list series = {0};
    struct record_error error;
    struct record *record;
    const char *reason;

    record_destroy(formats_import(path, &error));
    record = NULL;
    if (formats_read_values(path, &record, &series, &error)) {
        if (record != NULL && record->sample_count <= VALUES_MAX &&
            record->case_count <= 16)
            (void)scaling_fit_record(record, &(struct scaling_request){0},
                                     &reason);
        else if (record == NULL)
            fit_series(&series);
    }
    series_finish(&series);
    record_destroy(record);
    return 0;
}
