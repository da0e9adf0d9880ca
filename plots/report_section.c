/* SPDX-License-Identifier: MIT */
/*
 * While a section is written, the page's record is the part that the section is
 * about: else each of thousands of sections would walk the whole record.
 */
#include "report.h"

#include <string.h>

#include "part.h"

static bool has_failed(struct page *page)
{
    if (page->error.text[0] == '\0')
        strcpy(page->error.text, "out of memory");
    return false;
}

bool report_section_begin(struct page *page, size_t workload)
{
    const struct record *part = record_part(page->parts, workload);

    page->whole = page->record;
    page->whole_details = page->details;
    if (part == page->record)
        return true;
    if (part == NULL || !details_collect(part, &page->details)) {
        page->details = page->whole_details;
        return has_failed(page);
    }
    page->record = part;
    return true;
}

void report_section_end(struct page *page)
{
    if (page->record == page->whole)
        return;
    details_finish(&page->details);
    page->record = page->whole;
    page->details = page->whole_details;
}
