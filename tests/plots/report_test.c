/* SPDX-License-Identifier: MIT */
/* The forms of the report and what travels in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "fixture.h"
#include "plots.h"
#include "sha256.h"

#define SAMPLE  PLOTS_TEST_FOLDER "/sample.json"
#define SAMPLES PLOTS_TEST_FOLDER "/samples.json"

/* The report of `record` in the form of that name; gnuplot may be missing. */
static char *report_of(const struct fixture *fixture, const char *record,
                       const char *name)
{
    const char *path = fixture_path(fixture, name);
    size_t bytes;

    assert_in_range(fixture_report(record, path), 0, 2);
    return fixture_read(path, &bytes);
}

static void markdown_has_the_answers_and_the_tables(void **state)
{
    char *page = report_of(*state, SAMPLE, "page.md");

    assert_non_null(strstr(page, "\n- **1.98x** sum_squares: 2 threads"));
    assert_non_null(strstr(page, "\n| thread | 2 | 490 /s [485, 495] |"));
    assert_non_null(strstr(page, "\n| mpi | 2 | skipped: built without MPI |"));
    assert_non_null(strstr(page, "cfbench run sum_squares -j 1,2"));
    free(page);
}

static void a_label_cannot_write_markdown(void **state)
{
    const struct fixture *fixture = *state;
    const char *record = fixture_path(fixture, "forged.json");

    fixture_forge(record, "a | b\n# c\n`d` <e> @f [g](h) **i**");
    char *page = report_of(fixture, record, "page.md");
    char *command = strstr(page, "## How to repeat"); /* a code block */
    assert_non_null(command);
    assert_null(strstr(command, "\n# c"));
    *command = '\0';
    assert_null(strstr(page, "| b"));
    assert_null(strstr(page, "\n# c"));
    assert_null(strstr(page, "<e>"));
    assert_null(strstr(page, "@f "));
    assert_null(strstr(page, "[g](h)"));
    assert_null(strstr(page, "**i"));
    free(page);
}

/* Where gnuplot is missing a page names no figure at all. */
static void what_failed_is_not_to_be_measured_again(void **state)
{
    const struct fixture *fixture = *state;
    const char *record = fixture_path(fixture, "failed.json");
    char *page;

    fixture_write(
        record,
        "{\n\"schema\": {\"name\": \"cfbench.record\", \"version\": \"1.0\"},\n"
        "\"tool\": {}, \"run\": {}, \"env\": {},\n"
        "\"workloads\": [\n{\"id\": \"w\", \"class\": \"cpu\", \"about\": "
        "\"\", "
        "\"params\": {}, \"tasks\": 8}\n],\n"
        "\"cases\": [\n{\"id\": \"c1\", \"workload\": \"w\", \"backend\": "
        "\"thread\", \"workers\": 2, \"params\": {}, \"tasks\": 8, \"status\": "
        "\"failed\", \"reason\": \"task 5: wrong result\"}\n],\n"
        "\"samples\": [\n],\n\"summaries\": [\n]\n}\n");
    page = report_of(fixture, record, "page.html");
    assert_non_null(strstr(page, "failed: task 5: wrong result"));
    assert_null(strstr(page, "Not in this record"));
    free(page);
}

static void json_has_the_numbers_of_the_page(void **state)
{
    char *page = report_of(*state, SAMPLE, "page.json");
    cJSON *json = cJSON_Parse(page);

    assert_non_null(json);
    const cJSON *record =
        cJSON_GetArrayItem(cJSON_GetObjectItem(json, "records"), 0);
    const cJSON *workload =
        cJSON_GetArrayItem(cJSON_GetObjectItem(record, "workloads"), 0);
    const cJSON *one =
        cJSON_GetArrayItem(cJSON_GetObjectItem(workload, "cases"), 2);
    const cJSON *rate =
        cJSON_GetArrayItem(cJSON_GetObjectItem(one, "summaries"), 0);
    assert_string_equal(cJSON_GetObjectItem(one, "backend")->valuestring,
                        "thread");
    assert_float_equal(cJSON_GetObjectItem(rate, "estimate")->valuedouble, 490,
                       1e-9);
    cJSON_Delete(json);
    free(page);
}

static void json_has_the_python_users_answer(void **state)
{
    char *page = report_of(
        *state, PLOTS_TEST_FOLDER "/../../results/reference/demo.json",
        "page.json");
    cJSON *json = cJSON_Parse(page);

    assert_non_null(json);
    const cJSON *record =
        cJSON_GetArrayItem(cJSON_GetObjectItem(json, "records"), 0);
    const cJSON *answers =
        cJSON_GetObjectItem(cJSON_GetObjectItem(record, "python"), "answers");
    assert_true(cJSON_GetArraySize(answers) >= 4);
    assert_non_null(strstr(cJSON_GetArrayItem(answers, 0)->valuestring,
                           "in CPython 3.11.2 (GIL on)"));
    cJSON_Delete(json);
    free(page);
}

/* Decodes an address in place, as a browser would; ends at its quote. */
static size_t decode(char *address)
{
    char *to = address;

    for (const char *at = address; *at != '\''; at++)
        if (*at == '%') {
            char digits[3] = {at[1], at[2], '\0'};
            *to++ = (char)strtol(digits, NULL, 16);
            at += 2;
        } else if (strncmp(at, "&amp;", 5) == 0) {
            *to++ = '&';
            at += 4;
        } else {
            *to++ = *at;
        }
    return (size_t)(to - address);
}

static void a_page_carries_its_record_byte_for_byte(void **state)
{
    static const char start[] = "href='data:application/json,";
    char *page = report_of(*state, SAMPLES, "page.html");
    char *address = strstr(page, start);
    size_t bytes;
    char *record = fixture_read(SAMPLES, &bytes);

    assert_non_null(address);
    assert_int_equal(decode(address + sizeof start - 1), bytes);
    assert_memory_equal(address + sizeof start - 1, record, bytes);
    free(record);
    free(page);
}

static void a_large_record_is_named_by_its_hash(void **state)
{
    const struct fixture *fixture = *state;
    const char *path = fixture_path(fixture, "large.json");
    size_t bytes;
    char *record = fixture_read(SAMPLE, &bytes);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fwrite(record, 1, bytes, file);
    for (int i = 0; i < 1 << 20; i++)
        putc(' ', file);
    assert_int_equal(fclose(file), 0);
    free(record);
    char *page = report_of(fixture, path, "large.html");
    assert_null(strstr(page, "data:application/json"));
    assert_non_null(strstr(page, "large.json: the record, too large"));
    assert_non_null(strstr(page, "SHA-256 <code>"));
    free(page);
}

static void sha256_is_that_of_the_standard(void **state)
{
    struct sha256 hash;
    char text[SHA256_TEXT];

    (void)state;
    sha256_begin(&hash);
    sha256_add(&hash, "abc", 3);
    sha256_end(&hash, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
    sha256_begin(&hash);
    for (int i = 0; i < 1000000; i++)
        sha256_add(&hash, "a", 1);
    sha256_end(&hash, text);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67"
                              "f1809a48a497200e046d39ccc7112cd0");
}

static void two_records_begin_with_what_differs(void **state)
{
    const char *path = fixture_path(*state, "two.md");
    char *argv[] = {"report", SAMPLE, SAMPLES, "-o", (char *)path, NULL};
    size_t bytes;

    assert_int_equal(report_command(5, argv), 0);
    char *page = fixture_read(path, &bytes);
    assert_non_null(strstr(page, "# 2 records side by side"));
    assert_non_null(strstr(page, "| Workload | sample.json | samples.json |"));
    assert_non_null(strstr(page, "not compared"));
    free(page);
}

/* SAMPLE, with another value of a parameter, to `path`. */
static void write_other(const char *path)
{
    static const char from[] = "\"n\": 1000000", to[] = "\"n\": 2000000";
    size_t bytes;
    char *whole = fixture_read(SAMPLE, &bytes), *at = strstr(whole, from);

    assert_non_null(at);
    memcpy(at, to, strlen(to));
    fixture_write(path, whole);
    free(whole);
}

/* Twice the work beside half of the throughput is no slower machine. */
static void other_parameters_are_told_beside_the_first_record(void **state)
{
    const char *path = fixture_path(*state, "two.md");
    const char *other = fixture_path(*state, "other.json");
    char *argv[] = {"report", SAMPLE, (char *)other, "-o", (char *)path, NULL};
    size_t bytes;

    write_other(other);
    assert_int_equal(report_command(5, argv), 0);
    char *page = fixture_read(path, &bytes);
    assert_non_null(strstr(page, "\n| sum_squares, n | 1000000 | 2000000 |\n"));
    assert_non_null(strstr(page, "| n=2000000, "));
    assert_null(strstr(page, "n=1000000, "));
    free(page);
}

static void records_of_one_name_are_told_apart_by_their_folders(void **state)
{
    const char *folders[] = {"old", "new"};
    char records[2][PATH_MAX], path[PATH_MAX];
    char *argv[] = {"report", records[0], records[1], SAMPLES,
                    "-o",     path,       NULL};
    size_t bytes;

    snprintf(path, sizeof path, "%s", fixture_path(*state, "two.md"));
    for (int i = 0; i < 2; i++) {
        char *sample = fixture_read(SAMPLE, &bytes);

        assert_int_equal(mkdir(fixture_path(*state, folders[i]), 0700), 0);
        snprintf(records[i], sizeof records[i], "%s/r.json",
                 fixture_path(*state, folders[i]));
        fixture_write(records[i], sample);
        free(sample);
    }
    assert_int_equal(report_command(6, argv), 0);
    char *page = fixture_read(path, &bytes);
    assert_non_null(
        strstr(page, "| Workload | old/r.json | new/r.json | samples.json |"));
    free(page);
}

/* A record of one case has nothing to set apart. */
static void a_record_without_the_figure_leaves_no_gap(void **state)
{
    const char *path = fixture_path(*state, "two.html");
    const char *small = fixture_path(*state, "small.json");
    char *argv[] = {"report", SAMPLE, (char *)small, "-o", (char *)path, NULL};
    size_t bytes;

    fixture_write(
        small,
        "{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.0\"},"
        "\"tool\":{},\"run\":{},\"env\":{},\"workloads\":[{\"id\":"
        "\"sum_squares\",\"class\":\"cpu\",\"about\":\"\",\"params\":{},"
        "\"tasks\":1}],\"cases\":[{\"id\":\"c1\",\"workload\":"
        "\"sum_squares\",\"backend\":\"thread\",\"workers\":1,\"params\":{},"
        "\"tasks\":1,\"status\":\"measured\",\"reason\":null}],"
        "\"samples\":[],\"summaries\":[]}");
    assert_int_equal(report_command(5, argv) & ~2, 0); /* 2: no gnuplot */
    char *page = fixture_read(path, &bytes);
    assert_non_null(strstr(page, "<td class=\"text\">not compared</td>"));
    assert_null(strstr(page, "<p class=\"class\">small.json</p>"));
    free(page);
}

/* The page of SAMPLE with `to` where it has `from`; the caller's. */
static char *page_with(const struct fixture *fixture, const char *from,
                       const char *to)
{
    const char *path = fixture_path(fixture, "method.html");
    const char *other = fixture_path(fixture, "method.json");
    char *argv[] = {"report", (char *)other, "-o", (char *)path, NULL};
    size_t bytes;
    char *whole = fixture_read(SAMPLE, &bytes), *at = strstr(whole, from);
    char *changed = malloc(bytes + strlen(to) + 1);

    assert_non_null(at);
    assert_non_null(changed);
    sprintf(changed, "%.*s%s%s", (int)(at - whole), whole, to,
            at + strlen(from));
    fixture_write(other, changed);
    free(changed);
    free(whole);
    assert_int_equal(report_command(4, argv) & ~2, 0); /* 2: no gnuplot */
    return fixture_read(path, &bytes);
}

static void the_method_is_that_of_the_record(void **state)
{
    char *page = page_with(*state, "\"tool\": {", "\"tool\": {");

    assert_non_null(strstr(page, "all cases once in a random order"));
    assert_non_null(strstr(page, "on logarithms at 95 %, from 20 blocks"));
    free(page);
    page = page_with(*state, "\"stop_reason\": \"blocks\"",
                     "\"stop_reason\": \"precision\"");
    assert_non_null(strstr(page, "on logarithms at 97 %, which covers 95 %"));
    free(page);
    page =
        page_with(*state, "\"order\": \"random\"", "\"order\": \"sequential\"");
    assert_non_null(strstr(page, "all cases once in the order of the list"));
    assert_null(strstr(page, "random order"));
    free(page);
}

/* What cfbench does is not said of a time that it did not take. */
static void of_another_tool_no_method_of_ours_is_told(void **state)
{
    char *page =
        page_with(*state, "\"tool\": {", "\"tool\": {\"name\": \"import\", ");

    assert_non_null(strstr(page, "Another tool measured, one case after"));
    assert_null(strstr(page, "in a fresh process"));
    assert_null(strstr(page, "random order"));
    assert_null(strstr(page, "block by block"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(markdown_has_the_answers_and_the_tables,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_label_cannot_write_markdown,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_failed_is_not_to_be_measured_again,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(json_has_the_numbers_of_the_page,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(json_has_the_python_users_answer,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_page_carries_its_record_byte_for_byte,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_large_record_is_named_by_its_hash,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test(sha256_is_that_of_the_standard),
        cmocka_unit_test_setup_teardown(two_records_begin_with_what_differs,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_method_is_that_of_the_record,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            of_another_tool_no_method_of_ours_is_told, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            records_of_one_name_are_told_apart_by_their_folders, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_record_without_the_figure_leaves_no_gap, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            other_parameters_are_told_beside_the_first_record, fixture_setup,
            fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
