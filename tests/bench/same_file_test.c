/* SPDX-License-Identifier: MIT */
#include "same_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[] = "/tmp/cfbench-same-XXXXXX";

/*
 *      there  hard    one file
 *      soft -> there
 *      end -> sub/loose -> ../absent
 *      circle -> circle
 */
static int make_folder(void **state)
{
    FILE *file;

    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    file = fopen("there", "we");
    return file != NULL && fclose(file) == 0 && link("there", "hard") == 0 &&
                   symlink("there", "soft") == 0 && mkdir("sub", 0700) == 0 &&
                   symlink("../absent", "sub/loose") == 0 &&
                   symlink("sub/loose", "end") == 0 &&
                   symlink("circle", "circle") == 0
               ? 0
               : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"there",     "hard", "soft",
                                        "sub/loose", "end",  "circle"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    return rmdir("sub") == 0 && chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void a_file_is_the_same_by_any_spelling_or_link(void **state)
{
    char whole[64];

    (void)state;
    snprintf(whole, sizeof whole, "%s/there", folder);
    assert_true(same_file("there", "there"));
    assert_true(same_file("there", "./sub/../there"));
    assert_true(same_file("there", whole));
    assert_true(same_file("there", "hard"));
    assert_true(same_file("soft", "there"));
}

static void so_is_one_that_is_not_there_yet(void **state)
{
    char whole[64];

    (void)state;
    snprintf(whole, sizeof whole, "%s//absent", folder);
    assert_true(same_file("absent", "absent"));
    assert_true(same_file("absent", "sub/../absent"));
    assert_true(same_file("absent", whole));
    assert_true(same_file("absent", "end"));
    assert_true(same_file("sub/loose", "end"));
}

static void others_are_not(void **state)
{
    (void)state;
    assert_false(same_file("there", "absent"));
    assert_false(same_file("absent", "absen"));
    assert_false(same_file("sub/absent", "absent"));
    assert_false(same_file("sub", "."));
}

static void what_leads_nowhere_is_the_same_as_nothing(void **state)
{
    char *far = malloc(100001);

    (void)state;
    assert_non_null(far);
    memset(far, 'x', 100000);
    far[100000] = '\0';
    assert_false(same_file("circle", "circle"));
    assert_false(same_file("", ""));
    assert_false(same_file("no/where", "no/where"));
    assert_false(same_file(far, far));
    far[300] = '\0'; /* longer than a name may be */
    assert_false(same_file(far, far));
    free(far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_the_same_by_any_spelling_or_link),
        cmocka_unit_test(so_is_one_that_is_not_there_yet),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(what_leads_nowhere_is_the_same_as_nothing),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
