/* SPDX-License-Identifier: MIT */
/*
 * Each allocation fails in turn while a record is read, computed and written:
 * what is done says whether it came off, and why it did not. The leak
 * sanitizer, where the test runs under it, sees that nothing is lost. (What GSL
 * and cJSON allocate themselves does not fail.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "details.h"
#include "example.h"
#include "findings.h"
#include "formats/formats.h"
#include "injection.h"
#include "journal.h"
#include "trace.h"

static char document[512], journal[512], table[512], output[512];
static struct record *example;
static struct record_error error;
static const struct export_format *format; /* the one that is tried */

static void add_trace(void)
{
    struct record_span span = {.worker = 0, .started_s = 1, .finished_s = 2};

    assert_true(trace_offer(example, &(struct record_trace){.case_index = 1,
                                                            .elapsed_s = 0.2,
                                                            .tasks = 1,
                                                            .spans = &span,
                                                            .span_count = 1}));
}

static int write_files(void **state)
{
    (void)state;
    snprintf(document, sizeof document, "%s", scratch("in.json"));
    snprintf(journal, sizeof journal, "%s", scratch("in.jsonl"));
    snprintf(table, sizeof table, "%s", scratch("in.csv"));
    spill(table, "1 98\n2 190\n", 11);
    snprintf(output, sizeof output, "%s", scratch("out"));
    example = example_record(3);
    assert_true(record_summarize(example));
    example_add_recommendation(example);
    example_add_model(example);
    add_trace();
    assert_true(record_write(example, document, &error));
    struct journal *open = journal_create(journal, example, &error);
    assert_non_null(open);
    journal_close(open);
    return 0;
}

static int destroy_example(void **state)
{
    (void)state;
    record_destroy(example);
    return 0;
}

/* --- what is done, each of it apart --- */

static bool read_document(void)
{
    struct record *record = record_read(document, &error);
    record_destroy(record);
    return record != NULL;
}

static bool read_journal(void)
{
    struct record *record = record_read(journal, &error);
    record_destroy(record);
    return record != NULL;
}

static bool write_document(void)
{
    return record_write(example, output, &error);
}

static bool write_journal(void)
{
    struct journal *open;

    unlink(output);
    open = journal_create(output, example, &error);
    bool is_done = open != NULL &&
                   journal_append(open, example, &example->samples[0], &error);
    journal_close(open);
    return is_done;
}

static bool import_document(void)
{
    struct record *record = formats_import(document, &error);
    record_destroy(record);
    return record != NULL;
}

static bool import_table(void)
{
    struct record *record = formats_import(table, &error);
    record_destroy(record);
    return record != NULL;
}

static bool export_example(void)
{
    bool is_done = formats_export(example, format, output, &error);

    assert_false(is_done && has_allocation_failed()); /* half a file */
    return is_done;
}

static bool say(bool is_done)
{
    snprintf(error.text, sizeof error.text, "out of memory");
    return is_done;
}

static bool summarize(void)
{
    return say(record_summarize(example));
}

static bool collect_details(void)
{
    struct details details;
    bool is_done = details_collect(example, &details);
    if (is_done)
        details_finish(&details);
    return say(is_done);
}

/* Fills findings anew. */
typedef bool find_function(const struct record *record,
                           struct findings *findings);

static bool find_by(find_function *finds)
{
    struct findings findings = {0};
    bool is_done = finds(example, &findings);

    findings_finish(&findings);
    return is_done;
}

static bool find(void)
{
    return say(find_by(findings_answers) && find_by(findings_notes) &&
               find_by(findings_sides));
}

/* `does` until it needs no further allocation. */
static void assert_survives(bool (*does)(void))
{
    long n = 0;

    assert_true(does()); /* and what is made once for all is there */
    do {
        memset(&error, 0, sizeof error);
        fail_allocation(++n, false);
        bool is_done = does();
        fail_no_allocation();
        assert_true(is_done || has_allocation_failed());
        assert_true(is_done || error.text[0] != '\0');
    } while (has_allocation_failed());
    assert_true(n > 1); /* they were ours */
    print_message("%ld allocations failed in turn\n", n - 1);
}

static void reading_says_that_there_is_no_memory(void **state)
{
    (void)state;
    assert_survives(read_document);
    assert_survives(read_journal);
    assert_survives(import_document);
    assert_survives(import_table);
}

static void writing_says_that_there_is_no_memory(void **state)
{
    (void)state;
    assert_survives(write_document);
    assert_survives(write_journal);
}

static void exporting_says_that_there_is_no_memory(void **state)
{
    (void)state;
    for (format = export_formats; format->name != NULL; format++)
        if (strcmp(format->name, "md") != 0) /* needs none of ours */
            assert_survives(export_example);
}

static void computing_says_that_there_is_no_memory(void **state)
{
    (void)state;
    assert_survives(collect_details);
    assert_survives(find);
    assert_survives(summarize);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_says_that_there_is_no_memory),
        cmocka_unit_test(writing_says_that_there_is_no_memory),
        cmocka_unit_test(exporting_says_that_there_is_no_memory),
        cmocka_unit_test(computing_says_that_there_is_no_memory),
    };
    return cmocka_run_group_tests(tests, write_files, destroy_example);
}
