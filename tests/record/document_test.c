/* SPDX-License-Identifier: MIT */
/* A record goes to disk and comes back, or nothing happens and one line says
 * why. */
#include "document_file.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void write_example(size_t blocks)
{
    struct record *record = example_record(blocks);

    assert_true(record_summarize(record));
    example_add_recommendation(record);
    assert_true(record_write(record, path, &error));
    record_destroy(record);
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
