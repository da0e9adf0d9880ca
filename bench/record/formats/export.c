/* SPDX-License-Identifier: MIT */
/* Helpers of the exporters. */
#include "export.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "utf8.h"

char *export_name(struct json_writer *writer, const struct record_case *one)
{
    char *name;

    if (asprintf(&name, "%s/backend=%s/workers=%zu", one->workload,
                 one->backend, one->workers) < 0) {
        writer->error = ENOMEM;
        return NULL;
    }
    utf8_clean(name);
    return name;
}

const struct record_summary *export_summary(const struct record *record,
                                            size_t case_index,
                                            const char *metric)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, metric, NO_CASE);

    return summary == NULL || isnan(summary->estimate) ? NULL : summary;
}

double export_half_width(const struct record_summary *summary)
{
    return (summary->ci95[1] - summary->ci95[0]) / 2;
}

bool export_moment(const struct record *record,
                   const struct record_sample *sample, char between,
                   char text[40])
{
    const char *started = facts_text(record->run, "started", "");
    struct tm utc = {0};
    double since = sample->started_s;
    time_t moment;
    char day[16], hour[16];

    if (strptime(started, "%Y-%m-%dT%H:%M:%S", &utc) == NULL ||
        !(since >= 0 && since < 1e9))
        return false;
    moment = timegm(&utc) + (time_t)since;
    if (gmtime_r(&moment, &utc) == NULL)
        return false;
    strftime(day, sizeof day, "%Y-%m-%d", &utc);
    strftime(hour, sizeof hour, "%H:%M:%S", &utc);
    snprintf(text, 40, "%s%c%s.%06d", day, between, hour,
             (int)((since - floor(since)) * 1e6));
    return true;
}

bool export_json(FILE *out, struct json_writer *writer)
{
    bool is_whole;

    json_end_line(writer);
    is_whole = writer->error == 0;
    if (is_whole)
        fwrite(writer->data, 1, writer->length, out);
    json_finish(writer);
    return is_whole;
}
