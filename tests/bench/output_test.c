/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[] = "/tmp/cfbench-output-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void a_name_becomes_a_plain_file_name(void **state)
{
    static const char hostile[] = "../a b`c\n$(x)\"<script>";
    char *path = output_default(hostile);

    (void)state;
    assert_non_null(path);
    assert_int_equal(strncmp(path, "cfbench-..-a-b-c-", 17), 0);
    assert_null(strpbrk(path, "/ `\n$()\"<>"));
    free(path);
}

static void a_name_of_any_length_fits(void **state)
{
    char name[100001];
    char *path;

    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    path = output_default(name);
    assert_non_null(path);
    assert_true(strlen(path) < 120);
    free(path);
}

static void a_new_file_in_a_folder_that_is_there_is_fine(void **state)
{
    (void)state;
    assert_true(output_check("new.json", false));
    assert_true(output_check("./new.json", false));
}

static void what_is_no_place_for_a_record_is_refused(void **state)
{
    (void)state;
    assert_false(output_check("", false));
    assert_false(output_check("-", true));
    assert_false(output_check(".", true));
    assert_false(output_check("/tmp/", true));
    assert_false(output_check("absent/new.json", true));
    assert_false(output_check("/dev/null", true));
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_false(output_check("pipe", true));
    unlink("pipe");
}

static void a_file_that_is_no_record_needs_force(void **state)
{
    FILE *letter = fopen("letter", "we");

    (void)state;
    assert_non_null(letter);
    fputs("{\"dear\": \"reader\"}", letter);
    fclose(letter);
    assert_false(output_check("letter", false));
    assert_true(output_check("letter", true));
    unlink("letter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_becomes_a_plain_file_name),
        cmocka_unit_test(a_name_of_any_length_fits),
        cmocka_unit_test(a_new_file_in_a_folder_that_is_there_is_fine),
        cmocka_unit_test(what_is_no_place_for_a_record_is_refused),
        cmocka_unit_test(a_file_that_is_no_record_needs_force),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
