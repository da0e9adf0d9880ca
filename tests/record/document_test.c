/* SPDX-License-Identifier: MIT */
/* A record goes to disk and comes back, or nothing happens and one line says
 * why. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "example.h"

#define HEAD                                                                   \
    "{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.0\"},"           \
    "\"workloads\":[{\"id\":\"w\",\"class\":\"cpu\"}],"                        \
    "\"cases\":[{\"id\":\"c\",\"workload\":\"w\",\"backend\":\"thread\","      \
    "\"workers\":1,\"status\":\"measured\"}],"
#define SAMPLE(member) HEAD "\"samples\":[{\"case\":\"c\"," member "}]}"

static char path[512];
static struct record_error error;

static int fresh_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch("out.json"));
    unlink(path);
    memset(&error, 0, sizeof error);
    return 0;
}

static void write_example(size_t blocks)
{
    struct record *record = example_record(blocks);

    assert_true(record_summarize(record));
    example_add_recommendation(record);
    assert_true(record_write(record, path, &error));
    record_destroy(record);
}

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

/* There is an error, it is one line, and it names the file. */
static void assert_one_line(void)
{
    assert_true(error.text[0] != '\0');
    assert_null(strchr(error.text, '\n'));
    assert_non_null(strstr(error.text, "out.json: "));
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

static void a_record_read_back_is_written_as_the_same_bytes(void **state)
{
    size_t length, again_length;
    struct record *record;
    char *bytes, *again;

    (void)state;
    write_example(7);
    bytes = slurp(path, &length);
    record = record_read(path, &error);
    assert_non_null(record);
    assert_false(record->from_journal);
    assert_true(record_write(record, path, &error));
    again = slurp(path, &again_length);
    assert_int_equal(length, again_length);
    assert_memory_equal(bytes, again, length);
    record_destroy(record);
    free(bytes);
    free(again);
}

static void what_was_written_is_what_is_read(void **state)
{
    struct record *record;

    (void)state;
    write_example(6);
    record = record_read(path, &error);
    assert_non_null(record);
    assert_int_equal(record->case_count, 5);
    assert_int_equal(record->sample_count, 27);
    assert_int_equal(record->cases[4].status, CASE_FAILED);
    assert_string_equal(record->cases[4].reason, "a worker died of signal 9");
    assert_string_equal(record->workloads[0].parameters[2].value, "007");
    assert_string_equal(record->workloads[0].parameters[0].value, "100000");
    assert_true(isnan(record->samples[2].elapsed_s));
    assert_true(record->samples[3].elapsed_s == 0.100);
    assert_int_equal(histogram_total(record->samples[3].latency.histogram), 64);
    assert_string_equal(facts_text(record->tool, "build.cc", ""), "gcc \"12\"");
    assert_true(isnan(facts_number(record->env, "cpu.quota_cpus", NAN)));
    record_destroy(record);
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

static void unknown_keys_and_another_layout_are_no_trouble(void **state)
{
    static const char text[] =
        " {\n\t\"news\": [[{}]], \"samples\" : [ { \"news\": 1e3,"
        " \"elapsed_s\" :0.5, \"case\":\"c\" } ,\n{\"case\":\"c\"}\r\n ] ,"
        "\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.7\"},"
        "\"cases\":[{\"id\":\"c\",\"workload\":\"w\",\"backend\":\"thread\","
        "\"workers\":1,\"status\":\"measured\"}],"
        "\"workloads\":[{\"id\":\"w\",\"class\":\"cpu\"}]}";
    struct record *record;

    (void)state;
    spill(path, text, strlen(text));
    record = record_read(path, &error);
    assert_non_null(record);
    assert_int_equal(record->sample_count, 2);
    assert_true(record->samples[0].elapsed_s == 0.5);
    assert_true(isnan(record->samples[1].elapsed_s));
    record_destroy(record);
}

static void what_is_not_a_file_is_neither_read_nor_replaced(void **state)
{
    struct record *record = example_record(1);

    (void)state;
    assert_null(record_read(path, &error)); /* absent */
    assert_one_line();
    assert_int_equal(mkdir(path, 0777), 0);
    assert_null(record_read(path, &error));
    assert_one_line();
    assert_false(record_is_record(path));
    assert_false(record_is_record("/dev/zero"));
    assert_false(record_write(record, path, &error));
    assert_non_null(strstr(error.text, "directory"));
    assert_int_equal(rmdir(path), 0);
    assert_false(record_write(record, "/dev/full", &error));
    assert_non_null(strstr(error.text, "/dev/full: "));
    assert_false(record_write(record, "/nowhere/out.json", &error));
    assert_one_line();
    assert_false(record_write(record, "/tmp/", &error));
    assert_false(record_write(record, "", &error));
    record_destroy(record);
}

static void a_path_with_a_line_feed_gives_one_line(void **state)
{
    (void)state;
    assert_null(record_read("no\nsuch\x1b[31m", &error));
    assert_null(strchr(error.text, '\n'));
    assert_null(strchr(error.text, '\x1b'));
}

static void the_mode_follows_the_umask_or_the_old_file(void **state)
{
    struct stat status;
    mode_t before = umask(027);

    (void)state;
    write_example(1);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(chmod(path, 0600), 0);
    write_example(2);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    umask(before);
}

static void a_link_planted_for_the_temporary_is_not_followed(void **state)
{
    char temporary[64], planted[512], victim[512];
    size_t length;
    char *bytes;

    (void)state;
    snprintf(victim, sizeof victim, "%s", scratch("victim"));
    spill(victim, "precious", 8);
    snprintf(temporary, sizeof temporary, ".cfbench-%ld-0.tmp", (long)getpid());
    snprintf(planted, sizeof planted, "%s", scratch(temporary));
    assert_int_equal(symlink(victim, planted), 0);
    write_example(1);
    assert_true(record_is_record(path));
    bytes = slurp(victim, &length);
    assert_int_equal(length, 8);
    free(bytes);
    unlink(planted);
}

/* Runs in a child with a small file-size limit, SIGXFSZ as it comes. */
static int write_under_a_limit(void)
{
    struct record *record = example_record(20);

    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
    if (record_write(record, path, &error))
        return 1;
    record_destroy(record);
    return strstr(error.text, strerror(EFBIG)) != NULL ? 0 : 2;
}

static void a_file_size_limit_is_an_error_and_leaves_the_old_file(void **state)
{
    size_t length, length_after;
    char *bytes, *after;
    int status;
    pid_t child;

    (void)state;
    write_example(1);
    bytes = slurp(path, &length);
    child = fork();
    if (child == 0)
        _exit(write_under_a_limit());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    after = slurp(path, &length_after);
    assert_int_equal(length, length_after);
    assert_memory_equal(bytes, after, length);
    free(bytes);
    free(after);
}

/* Makes and sets a locale that has a decimal comma. */
static bool set_comma_locale(void)
{
    char locale[600];
    char *arguments[] = {"localedef", "--no-archive", "-i",   "de_DE",
                         "-f",        "UTF-8",        locale, NULL};
    int status;
    pid_t child = fork();

    snprintf(locale, sizeof locale, "%s", scratch("de_DE.UTF-8"));
    if (child == 0) {
        execvp("localedef", arguments);
        _exit(127);
    }
    waitpid(child, &status, 0);
    *strrchr(locale, '/') = '\0';
    setenv("LOCPATH", locale, 1);
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void numbers_have_a_point_where_people_write_a_comma(void **state)
{
    char value[16];
    struct record *record;

    (void)state;
    if (!set_comma_locale())
        skip(); /* no locale sources here */
    snprintf(value, sizeof value, "%.1f", 0.5);
    assert_string_equal(value, "0,5");
    write_example(6);
    record = record_read(path, &error);
    assert_non_null(record);
    assert_true(record->samples[3].elapsed_s == 0.100);
    assert_string_equal(record->workloads[0].parameters[1].value, "0.1");
    snprintf(value, sizeof value, "%.1f", 0.5);
    assert_string_equal(value, "0,5"); /* and theirs is theirs again */
    record_destroy(record);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_record_read_back_is_written_as_the_same_bytes,
                               fresh_path),
        cmocka_unit_test_setup(what_was_written_is_what_is_read, fresh_path),
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
        cmocka_unit_test_setup(unknown_keys_and_another_layout_are_no_trouble,
                               fresh_path),
        cmocka_unit_test_setup(what_is_not_a_file_is_neither_read_nor_replaced,
                               fresh_path),
        cmocka_unit_test_setup(a_path_with_a_line_feed_gives_one_line,
                               fresh_path),
        cmocka_unit_test_setup(the_mode_follows_the_umask_or_the_old_file,
                               fresh_path),
        cmocka_unit_test_setup(a_link_planted_for_the_temporary_is_not_followed,
                               fresh_path),
        cmocka_unit_test_setup(
            a_file_size_limit_is_an_error_and_leaves_the_old_file, fresh_path),
        cmocka_unit_test_setup(numbers_have_a_point_where_people_write_a_comma,
                               fresh_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
