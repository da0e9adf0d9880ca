/* SPDX-License-Identifier: MIT */
/* A journal holds what has been appended, at any moment. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "example.h"
#include "journal.h"

static char path[512];
static struct record_error error;

static int fresh_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch("out.jsonl"));
    unlink(path);
    memset(&error, 0, sizeof error);
    return 0;
}

/* The journal of a run that has gone through the example's samples. */
static void write_journal(struct record *record)
{
    size_t samples = record->sample_count;
    struct journal *journal;

    record->sample_count = 0; /* as when the run begins */
    journal = journal_create(path, record, &error);
    record->sample_count = samples;
    assert_non_null(journal);
    for (size_t i = 0; i < samples; i++)
        assert_true(
            journal_append(journal, record, &record->samples[i], &error));
    journal_close(journal);
}

static void it_stands_beside_the_output(void **state)
{
    char *beside = journal_path_for("a.b/out.json");

    (void)state;
    assert_string_equal(beside, "a.b/out.jsonl");
    free(beside);
    beside = journal_path_for("out");
    assert_string_equal(beside, "out.jsonl");
    free(beside);
}

static void it_is_read_like_the_document(void **state)
{
    struct record *record = example_record(6), *read;

    (void)state;
    write_journal(record);
    read = record_read(path, &error);
    assert_non_null(read);
    assert_true(read->from_journal);
    assert_int_equal(read->sample_count, record->sample_count);
    assert_int_equal(read->case_count, record->case_count);
    assert_true(read->samples[5].elapsed_s == record->samples[5].elapsed_s);
    assert_string_equal(facts_text(read->tool, "build.cc", ""), "gcc \"12\"");
    assert_true(read->summary_count > 0); /* summarized on the way */
    assert_true(record_is_record(path));
    record_destroy(read);
    record_destroy(record);
}

/* A sanitizer takes a minute to read a journal as often as it has bytes. */
#ifdef __SANITIZE_ADDRESS__
enum { EACH = 13 };
#else
enum { EACH = 1 };
#endif

/* Is byte `cut` far from the end of a line? */
static bool is_between(size_t cut, const char *bytes, size_t length)
{
    size_t first = cut > 2 ? cut - 2 : 0;
    size_t end = cut + 3 < length ? cut + 3 : length;

    return memchr(bytes + first, '\n', end - first) == NULL;
}

static void cut_at_any_byte_it_is_a_prefix_or_an_error(void **state)
{
    struct record *record = example_record(1);
    size_t length, head, whole = 0;
    char *bytes;

    (void)state;
    write_journal(record);
    bytes = slurp(path, &length);
    head = (size_t)(strchr(bytes, '\n') - bytes);
    for (size_t cut = 0; cut <= length; cut++) {
        struct record *read;
        whole += cut > head && bytes[cut] == '\n'; /* but for its line feed */
        if (is_between(cut, bytes, length) && cut % EACH != 0)
            continue;
        spill(path, bytes, cut);
        read = record_read(path, &error);
        if (cut < head) {
            assert_null(read);
            assert_non_null(strstr(error.text, "out.jsonl: "));
        } else {
            assert_non_null(read);
            assert_int_equal(read->sample_count, whole);
        }
        record_destroy(read);
    }
    assert_int_equal(whole, record->sample_count);
    free(bytes);
    record_destroy(record);
}

static void damage_in_its_middle_is_refused(void **state)
{
    struct record *record = example_record(2);
    size_t length;
    char *bytes, *second;

    (void)state;
    write_journal(record);
    bytes = slurp(path, &length);
    second = strchr(bytes, '\n') + 1;
    memset(second, '#', 5);
    spill(path, bytes, length);
    assert_null(record_read(path, &error));
    assert_non_null(strstr(error.text, "damaged at byte"));
    free(bytes);
    record_destroy(record);
}

static void a_case_that_failed_keeps_its_reason(void **state)
{
    struct record *record = example_record(1), *read;
    struct journal *journal = journal_create(path, record, &error);

    (void)state;
    record->cases[2].status = CASE_FAILED;
    record->cases[2].reason = strdup("it crashed");
    assert_true(journal_append_case(journal, record, 2, &error));
    journal_close(journal);
    read = record_read(path, &error);
    assert_non_null(read);
    assert_int_equal(read->case_count, 5);
    assert_int_equal(read->cases[2].status, CASE_FAILED);
    assert_string_equal(read->cases[2].reason, "it crashed");
    assert_int_equal(read->sample_count, record->sample_count);
    record_destroy(read);
    record_destroy(record);
}

static void a_resumed_run_goes_on_from_what_was_kept(void **state)
{
    struct record *record = example_record(3), *kept;
    struct journal *journal;
    size_t length;
    char *bytes;

    (void)state;
    write_journal(record);
    bytes = slurp(path, &length);
    spill(path, bytes, length - 10); /* as a kill would leave it */
    free(bytes);
    kept = record_read(path, &error);
    assert_int_equal(kept->sample_count, record->sample_count - 1);
    journal = journal_create(path, kept, &error);
    assert_non_null(journal);
    assert_true(journal_append(
        journal, record, &record->samples[record->sample_count - 1], &error));
    journal_close(journal);
    record_destroy(kept);
    kept = record_read(path, &error);
    assert_int_equal(kept->sample_count, record->sample_count);
    record_destroy(kept);
    record_destroy(record);
}

static void only_a_journal_of_ours_is_replaced(void **state)
{
    struct record *record = example_record(1);

    (void)state;
    spill(path, "precious", 8);
    assert_null(journal_create(path, record, &error));
    assert_non_null(strstr(error.text, "in the way"));
    assert_true(record_write(record, path, &error)); /* a document */
    assert_null(journal_create(path, record, &error));
    assert_non_null(strstr(error.text, "in the way"));
    record_destroy(record);
}

static void two_runs_cannot_share_one(void **state)
{
    struct record *record = example_record(1);
    struct journal *first = journal_create(path, record, &error);

    (void)state;
    assert_non_null(first);
    assert_null(journal_create(path, record, &error));
    assert_non_null(strstr(error.text, "another run"));
    journal_close(first);
    first = journal_create(path, record, &error);
    assert_non_null(first);
    journal_close(first);
    record_destroy(record);
}

static void it_goes_when_the_document_is_there(void **state)
{
    struct record *record = example_record(1);

    (void)state;
    write_journal(record);
    assert_true(journal_remove(path, &error));
    assert_int_equal(access(path, F_OK), -1);
    assert_true(journal_remove(path, &error)); /* absent already */
    record_destroy(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_beside_the_output),
        cmocka_unit_test_setup(it_is_read_like_the_document, fresh_path),
        cmocka_unit_test_setup(cut_at_any_byte_it_is_a_prefix_or_an_error,
                               fresh_path),
        cmocka_unit_test_setup(damage_in_its_middle_is_refused, fresh_path),
        cmocka_unit_test_setup(a_case_that_failed_keeps_its_reason, fresh_path),
        cmocka_unit_test_setup(a_resumed_run_goes_on_from_what_was_kept,
                               fresh_path),
        cmocka_unit_test_setup(only_a_journal_of_ours_is_replaced, fresh_path),
        cmocka_unit_test_setup(two_runs_cannot_share_one, fresh_path),
        cmocka_unit_test_setup(it_goes_when_the_document_is_there, fresh_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
