/* SPDX-License-Identifier: MIT */
/*
 * Where the workers' time goes, a bar for each case; details.h says what the
 * parts are.
 */
#include "figure.h"

#include <string.h>

static const char *const part_names[ROW_PARTS] = {"computing", "overhead",
                                                  "waiting", "no task"};

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct panel *panel = &drawing->panels[0];
    struct rows *rows = &panel->rows;

    panel->shape = SHAPE_ROWS;
    panel->title = "Of all workers' time";
    rows->style = ROW_PARTED;
    rows->quantity = QUANTITY_PERCENT;
    rows->part_names = part_names;
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        struct time_split split;
        struct row *row;
        if (strcmp(one->workload, subject->workload->id) != 0 ||
            !details_time_split(subject->details, i, &split))
            continue;
        row = rows_add(rows, one->backend, one->workers);
        if (row == NULL)
            continue;
        row->parts[0] = split.busy;
        row->parts[1] = split.overhead;
        row->parts[2] = split.waiting;
        row->parts[3] = split.idle;
    }
    if (rows->count == 0)
        return false;
    rows_sort(rows);
    strcpy(drawing->note,
           "Computing: CPU time as in the serial loop; overhead: "
           "beyond it; waiting: in a task.");
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_time_split = {
    .name = "time_split",
    .question = "What do the workers do with their time?",
    .about = "A bar for each case: the shares of the workers' time spent "
             "computing, on overhead, waiting inside a task, and without one.",
    .compose = compose,
    .needs = "cfbench run -b serial,thread,process -j auto",
};
