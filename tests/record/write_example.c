/* SPDX-License-Identifier: MIT */
/* Writes the example: a document OUT.json and its journal OUT.jsonl, for
 * schema_test.py. Usage: write_example OUT.json BLOCKS [STOP_REASON] */
#include <stdio.h>
#include <stdlib.h>

#include "example.h"
#include "journal.h"

int main(int argc, char **argv)
{
    struct record_error error;
    struct record *record;
    struct journal *journal;
    char *path;
    bool is_written;

    if (argc < 3)
        return 2;
    record = example_record((size_t)atoi(argv[2]));
    if (argc > 3)
        facts_set_text(record->run, "stop_reason", argv[3]);
    path = journal_path_for(argv[1]);
    journal = journal_create(path, record, &error);
    is_written = journal != NULL &&
                 journal_append_case(journal, record, 4, &error) &&
                 record_summarize(record);
    if (is_written) {
        example_add_model(record);
        example_add_recommendation(record);
    }
    is_written = is_written && record_write(record, argv[1], &error);
    if (!is_written)
        fprintf(stderr, "write_example: %s\n", error.text);
    journal_close(journal);
    free(path);
    record_destroy(record);
    return is_written ? 0 : 1;
}
