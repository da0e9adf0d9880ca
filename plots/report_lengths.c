/* SPDX-License-Identifier: MIT */
/*
 * The table of a workload whose tasks come in several lengths: a row for each
 * backend, worker count and length.
 */
#include "report.h"

#include <math.h>

#include "grain.h"

static void put_value(struct page *page, enum quantity quantity, double value,
                      const double interval[2])
{
    char text[128];

    quantity_interval_text(text, sizeof text, quantity, value, interval);
    fprintf(page->out, "<td>%s</td>", text);
}

/* Where half of the time is well spent; once, in the lane's first row. */
static void put_half(struct page *page, const struct grain_lane *lane, size_t i)
{
    char text[64] = "";

    if (i == 0)
        quantity_text(text, sizeof text, QUANTITY_SECONDS, lane->metg_s);
    fprintf(page->out, "<td>%s%s</td>",
            i > 0                             ? ""
            : lane->metg_place == GRAIN_BELOW ? "below "
            : lane->metg_place == GRAIN_ABOVE ? "above "
                                              : "",
            text);
}

static void put_lane(struct page *page, const struct grain_lane *lane)
{
    for (size_t i = 0; i < lane->count; i++) {
        const struct grain_point *point = &lane->points[i];
        fprintf(page->out, "<tr%s><th scope=\"row\">",
                i == 0 ? " class=\"first\"" : "");
        report_name(page, lane->backend);
        fprintf(page->out, "</th><td>%zu</td>", lane->workers);
        put_value(page, QUANTITY_SECONDS, point->task_s,
                  (const double[]){NAN, NAN});
        put_value(page, QUANTITY_PERCENT, point->efficiency,
                  point->efficiency_ci95);
        put_value(page, QUANTITY_SECONDS, point->overhead_s,
                  point->overhead_ci95);
        put_half(page, lane, i);
        fprintf(page->out, "<td>%zu</td></tr>\n", point->block_count);
    }
}

void report_lengths(struct page *page, size_t index)
{
    struct grain grain;

    if (!grain_collect(&page->details, index, &grain))
        return;
    fputs("<h3>Numbers</h3>\n<div class=\"scroll\" role=\"region\" "
          "tabindex=\"0\" aria-label=\"Numbers of ",
          page->out);
    report_name(page, report_workload_name(page->record, index));
    report_landmark(page);
    fputs("\">\n<table>\n<caption>Mean over blocks with its 95 % interval in "
          "brackets. A task's length is that in the plain loop; efficiency is "
          "the speed-up over it, per worker; added is what a worker spends on "
          "a task beyond its length.</caption>\n<thead><tr>"
          "<th scope=\"col\">Backend</th><th scope=\"col\">Workers</th>"
          "<th scope=\"col\">Task</th><th scope=\"col\">Efficiency</th>"
          "<th scope=\"col\">Added to a task</th>"
          "<th scope=\"col\">50 % from</th><th scope=\"col\">Blocks</th>"
          "</tr></thead>\n<tbody>\n",
          page->out);
    for (size_t i = 0; i < grain.lane_count; i++)
        put_lane(page, &grain.lanes[i]);
    fputs("</tbody>\n</table>\n</div>\n", page->out);
    grain_finish(&grain);
}
