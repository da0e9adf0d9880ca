/* SPDX-License-Identifier: MIT */
/* New against old, a sentence for each backend and worker count: "slower: new
 * takes 1.09x [1.04, 1.15] the time of old, the serial loop". */
#include "findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "quantity.h"
#include "sides.h"

enum { NAME_CHARS = 40, NAME_TEXT = 4 * NAME_CHARS + 4 };

static bool say(const struct record *record,
                const struct record_comparison *one, struct findings *findings)
{
    const struct record_case *new_case = &record->cases[one->a];
    const struct record_workload *workload =
        record_workload(record, new_case->workload);
    struct finding *finding =
        findings_add(findings, (size_t)(workload - record->workloads));
    char new_name[NAME_TEXT], old_name[NAME_TEXT], workers[200], ratio[96];

    if (finding == NULL)
        return false;
    findings_plain(new_name, sizeof new_name, new_case->workload, NAME_CHARS);
    findings_plain(old_name, sizeof old_name, record->cases[one->b].workload,
                   NAME_CHARS);
    findings_workers(workers, sizeof workers, new_case->backend,
                     new_case->workers);
    quantity_text(finding->headline, sizeof finding->headline, QUANTITY_RATIO,
                  one->ratio);
    quantity_interval_text(ratio, sizeof ratio, QUANTITY_RATIO, one->ratio,
                           one->ci95);
    snprintf(finding->text, sizeof finding->text,
             "%.12s: %.140s takes %.90s the time of %.140s, %.90s",
             one->verdict, new_name, ratio, old_name, workers);
    return true;
}

bool findings_sides(const struct record *record, struct findings *findings)
{
    for (size_t i = 0; i < record->comparison_count; i++) {
        const struct record_comparison *one = &record->comparisons[i];

        if (sides_are(record, one) && one->verdict != NULL &&
            isfinite(one->ratio) && !say(record, one, findings))
            return false;
    }
    return true;
}
