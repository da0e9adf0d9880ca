/* SPDX-License-Identifier: MIT */
/* A document that is malformed, by damage or on purpose, is no danger, and one
 * line says what is wrong with it. */
#include "document_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                   \
    "{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.0\"},"           \
    "\"workloads\":[{\"id\":\"w\",\"class\":\"cpu\"}],"                        \
    "\"cases\":[{\"id\":\"c\",\"workload\":\"w\",\"backend\":\"thread\","      \
    "\"workers\":1,\"status\":\"measured\"}],"
#define SAMPLE(member) HEAD "\"samples\":[{\"case\":\"c\"," member "}]}"

static size_t fewer(size_t *count, size_t most)
{
    size_t before = *count;

    *count = before < most ? before : most;
    return before;
}

/* One of everything, so that every byte of it can be tried. */
static void write_small_example(void)
{
    struct record *record = example_record(1);
    size_t samples, summaries, comparisons;

    assert_true(record_summarize(record));
    example_add_recommendation(record);
    samples = fewer(&record->sample_count, 2);
    summaries = fewer(&record->summary_count, 2);
    comparisons = fewer(&record->comparison_count, 1);
    assert_true(record_write(record, path, &error));
    record->sample_count = samples;
    record->summary_count = summaries;
    record->comparison_count = comparisons;
    record_destroy(record);
}

static void assert_refused(const char *bytes, size_t length,
                           const char *expected)
{
    spill(path, bytes, length);
    memset(&error, 0, sizeof error);
    assert_null(record_read(path, &error));
    assert_one_line();
    if (strstr(error.text, expected) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, expected);
}

/* Cuts the document everywhere. Without its last byte, the line feed, it is
 * still whole. */
static void a_document_cut_at_any_byte_is_refused(void **state)
{
    size_t length;
    char *bytes;

    (void)state;
    write_small_example();
    bytes = slurp(path, &length);
    for (size_t cut = 0; cut < length - 1; cut++) {
        spill(path, bytes, cut);
        memset(&error, 0, sizeof error);
        assert_null(record_read(path, &error));
        assert_one_line();
        if (cut > 0)
            assert_non_null(strstr(error.text, "byte"));
    }
    free(bytes);
}

/* Any one byte replaced: an error or a record, and in any case the end. */
static void a_document_with_any_byte_changed_is_no_danger(void **state)
{
    static const char others[] = {'\0', '"', '-', '9', '}', '\xff'};
    size_t length;
    char *bytes;

    (void)state;
    write_small_example();
    bytes = slurp(path, &length);
    for (size_t at = 0; at < length; at++) {
        char before = bytes[at];
        bytes[at] = others[at % sizeof others];
        spill(path, bytes, length);
        record_destroy(record_read(path, &error));
        bytes[at] = before;
    }
    free(bytes);
}

static const struct {
    const char *text;
    const char *says;
} hostile[] = {
    {"", "empty"},
    {" \n", "not a cfbench record"},
    {"null", "not a cfbench record"},
    {"[]", "not a cfbench record"},
    {"{}", "not a cfbench record"},
    {"{\"results\": [{\"times\": [1, 2]}]}", "not a cfbench record"},
    {"\xef\xbb\xbf{}", "not a cfbench record"},
    {"\xff\xfe{\0}\0", "not a cfbench record"},
    {"{\"schema\":1,\"samples\":[]}", "not a cfbench record"},
    {"{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"2.0\"},"
     "\"samples\":[]}",
     "newer cfbench: its schema is 2.0"},
    {"{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"\"},"
     "\"samples\":[]}",
     "no version"},
    {HEAD "\"samples\":[]} trailing", "something follows"},
    {HEAD "\"samples\":[],\"samples\":[]}", "twice"},
    {HEAD "\"samples\":[],}", "damaged at byte"},
    {HEAD "\"samples\":{}}", "not a list"},
    {HEAD "\"samples\":[1]}", "not an object"},
    {HEAD "\"samples\":[{}]}", "case of the sample"},
    {HEAD "\"samples\":[{\"case\":\"other\"}]}", "not the id of a case"},
    {HEAD "\"samples\":[{\"case\":7}]}", "not the id of a case"},
    {HEAD "\"run\":[],\"samples\":[]}", "\"run\" is not an object"},
    {SAMPLE("\"elapsed_s\":NaN"), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":Infinity"), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":-Infinity"), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":1e999"), "too large"},
    {SAMPLE("\"elapsed_s\":-1e999"), "too large"},
    {SAMPLE("\"elapsed_s\":-1"), "elapsed_s of the sample"},
    {SAMPLE("\"elapsed_s\":\"1\""), "elapsed_s of the sample"},
    {SAMPLE("\"elapsed_s\":[1]"), "elapsed_s of the sample"},
    {SAMPLE("\"elapsed_s\":01"), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":1."), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":.5"), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":0x10"), "damaged at byte"},
    {SAMPLE("\"elapsed_s\":1,5"), "damaged at byte"},
    {SAMPLE("\"block\":-1"), "block of the sample"},
    {SAMPLE("\"block\":1.5"), "block of the sample"},
    {SAMPLE("\"tasks\":9007199254740993"), "tasks of the sample"},
    {SAMPLE("\"tasks\":true"), "tasks of the sample"},
    {SAMPLE("\"verified\":1"), "verified of the sample"},
    {SAMPLE("\"reason\":1"), "reason of the sample"},
    {SAMPLE("\"reason\":\"\\u0000\""), "NUL"},
    {SAMPLE("\"reason\":\"\\ud800\""), "damaged at byte"},
    {SAMPLE("\"reason\":\"\\x\""), "not an escape"},
    {SAMPLE("\"reason\":\"a\nb\""), "control character"},
    {SAMPLE("\"reason\":\"\xc0\xaf\""), "not UTF-8"},
    {SAMPLE("\"reason\":\"\xed\xa0\x80\""), "not UTF-8"},
    {SAMPLE("\"cpu\":7"), "cpu of the sample"},
    {SAMPLE("\"cpu\":{\"user_s\":-1}"), "user_s of the sample"},
    {SAMPLE("\"news\":\"\\udc00\""), "not readable"},
    {SAMPLE("\"latency\":{\"n\":1,\"hist\":[[1]]}"), "hist of the sample"},
    {SAMPLE("\"latency\":{\"n\":1,\"hist\":[[2,1],[1,1]]}"), "ascending"},
    {SAMPLE("\"latency\":{\"n\":1,\"hist\":\"x\"}"), "hist of the sample"},
    {SAMPLE("\"latency\":{\"n\":1,\"hist\":[[1e300,1]]}"), "hist of the"},
    {HEAD "\"samples\":[],\"summaries\":[{\"case\":\"c\",\"metric\":\"m\","
          "\"ci95\":[1]}]}",
     "ci95 of the summary"},
    {HEAD "\"samples\":[],\"comparisons\":[{\"a\":\"c\",\"b\":\"c\","
          "\"metric\":\"m\",\"verdict\":\"better\"}]}",
     "verdict of the comparison"},
};

static void hostile_text_is_refused_in_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        assert_refused(hostile[i].text, strlen(hostile[i].text),
                       hostile[i].says);
}

static void ids_that_stand_twice_or_nowhere_are_refused(void **state)
{
    static const char twice[] =
        "{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.0\"},"
        "\"workloads\":[{\"id\":\"w\",\"class\":\"cpu\"},"
        "{\"id\":\"w\",\"class\":\"io\"}],\"samples\":[]}";
    static const char nowhere[] =
        "{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.0\"},"
        "\"cases\":[{\"id\":\"c\",\"workload\":\"w\",\"backend\":\"b\","
        "\"status\":\"measured\"}],\"samples\":[]}";

    (void)state;
    assert_refused(twice, strlen(twice), "id of the workload at byte");
    assert_refused(nowhere, strlen(nowhere), "not in the list of workloads");
}

static void a_nul_byte_is_refused(void **state)
{
    char text[] = SAMPLE("\"block\": 1");

    (void)state;
    *strstr(text, " 1") = '\0';
    assert_refused(text, sizeof text - 1, "damaged at byte");
}

static void deep_nesting_is_refused_and_not_followed(void **state)
{
    size_t depth = 1000000;
    char *text = malloc(depth + 8);

    (void)state;
    memcpy(text, "{\"a\":", 5);
    memset(text + 5, '[', depth);
    assert_refused(text, depth + 5, "nested too deep");
    free(text);
}

static void a_number_of_ten_thousand_digits_is_refused(void **state)
{
    char *text = malloc(20000);
    int used = sprintf(text, "{\"schema\":");

    (void)state;
    memset(text + used, '7', 10000);
    strcpy(text + used + 10000, "}");
    assert_refused(text, strlen(text), "too long");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_document_cut_at_any_byte_is_refused,
                               fresh_path),
        cmocka_unit_test_setup(a_document_with_any_byte_changed_is_no_danger,
                               fresh_path),
        cmocka_unit_test_setup(hostile_text_is_refused_in_one_line, fresh_path),
        cmocka_unit_test_setup(ids_that_stand_twice_or_nowhere_are_refused,
                               fresh_path),
        cmocka_unit_test_setup(a_nul_byte_is_refused, fresh_path),
        cmocka_unit_test_setup(deep_nesting_is_refused_and_not_followed,
                               fresh_path),
        cmocka_unit_test_setup(a_number_of_ten_thousand_digits_is_refused,
                               fresh_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
