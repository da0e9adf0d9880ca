/* SPDX-License-Identifier: MIT */
/* compile_record JOURNAL OUTPUT: reads the runner's journal, computes its
 * summaries and comparisons, and writes the record. */
#include <stdio.h>

#include "record.h"

int main(int argc, char **argv)
{
    struct record_error error;

    if (argc != 3) {
        fprintf(stderr, "usage: compile_record JOURNAL OUTPUT\n");
        return 2;
    }
    struct record *record = record_read(argv[1], &error);
    bool is_written = record != NULL && record_write(record, argv[2], &error);
    if (!is_written)
        fprintf(stderr, "compile_record: %s\n", error.text);
    record_destroy(record);
    return is_written ? 0 : 2;
}
