/* SPDX-License-Identifier: MIT */
/* The small parts of a command: words as text, and holes in them. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "fill.h"
#include "launch.h"
#include "quote.h"

static void words_come_back_as_they_were(void **state)
{
    char *words[] = {"plain",  "",      "two words", "it's", "'",
                     "a\\b",   "x'\\'", "\t\n",      "{}",   "$HOME",
                     "'' ' '", " ",     "\x80\xff"};
    size_t count = sizeof words / sizeof *words, found;
    char *text = quote_join(words, count);
    char **back = quote_split(text, &found);

    (void)state;
    assert_non_null(back);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(back[i], words[i]);
    assert_null(back[count]);
    free(back);
    free(text);
}

static void the_text_is_what_a_shell_reads(void **state)
{
    char *words[] = {"xz", "-T{workers}", "it's"};
    char *text = quote_join(words, 3);

    (void)state;
    assert_string_equal(text, "xz -T{workers} 'it'\\''s'");
    free(text);
}

static void no_words_are_no_text(void **state)
{
    char *text = quote_join(NULL, 0);
    size_t count = 1;
    char **words = quote_split(text, &count);

    (void)state;
    assert_string_equal(text, "");
    assert_int_equal(count, 0);
    free(words);
    free(text);
}

static void an_open_quote_is_no_list_of_words(void **state)
{
    size_t count;

    (void)state;
    assert_null(quote_split("one 'two", &count));
}

static void each_hole_is_filled_and_what_fills_it_is_not(void **state)
{
    char *filled = fill("{}/{}.{workers}", FILL_INPUT, "{}{workers}");

    (void)state;
    assert_string_equal(filled, "{}{workers}/{}{workers}.{workers}");
    free(filled);
    filled = fill("{}{}", FILL_INPUT, "");
    assert_string_equal(filled, "");
    free(filled);
}

static void leading_assignments_are_no_command(void **state)
{
    char *words[] = {"A=1", "_b2=", "cmd", "C=3"};
    char *none[] = {"=1", "1A=2", "-o=3"};

    (void)state;
    assert_int_equal(launch_assignments(words, 4), 2);
    assert_int_equal(launch_assignments(none, 3), 0);
    assert_int_equal(launch_assignments(none + 1, 2), 0);
}

static void an_assignment_replaces_what_is_there(void **state)
{
    char *words[] = {"CFBENCH_TEST=new"};
    size_t found = 0;
    char **environment;

    (void)state;
    setenv("CFBENCH_TEST", "old", 1);
    environment = launch_environment(words, 1);
    for (size_t i = 0; environment[i] != NULL; i++)
        if (strncmp(environment[i], "CFBENCH_TEST=", 13) == 0) {
            assert_string_equal(environment[i], "CFBENCH_TEST=new");
            found++;
        }
    assert_int_equal(found, 1);
    free(environment);
}

static struct launch_end launch(char *script, int64_t timeout_ns, char *output,
                                size_t room)
{
    char *argv[] = {"sh", "-c", script, NULL}, *environment[] = {NULL};
    const struct launch_request request = {.program = "/bin/sh",
                                           .argv = argv,
                                           .environment = environment,
                                           .timeout_ns = timeout_ns,
                                           .output = output,
                                           .output_room = room};

    return launch_run(&request);
}

static void output_is_kept_up_to_its_room(void **state)
{
    char output[8];
    struct launch_end end =
        launch("echo out; echo err >&2; echo more", 0, output, sizeof output);

    (void)state;
    assert_int_equal(end.error, 0);
    assert_int_equal(end.status, 0);
    assert_int_equal(end.output_bytes, 8);
    assert_memory_equal(output, "out\nerr\n", 8);
}

static void a_command_over_its_time_is_killed(void **state)
{
    struct launch_end end = launch("sleep 50; exit 0", 50000000, NULL, 0);

    (void)state;
    assert_true(end.is_timed_out);
    assert_int_equal(end.status, 9);
}

static void what_cannot_be_started_says_why(void **state)
{
    char *argv[] = {"x", NULL}, text[200];
    const struct launch_request request = {
        .program = "/nowhere/x", .argv = argv, .environment = argv + 1};
    struct launch_end end = launch_run(&request);

    (void)state;
    assert_string_equal(launch_describe(&end, text, sizeof text),
                        "could not be started: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_back_as_they_were),
        cmocka_unit_test(the_text_is_what_a_shell_reads),
        cmocka_unit_test(no_words_are_no_text),
        cmocka_unit_test(an_open_quote_is_no_list_of_words),
        cmocka_unit_test(each_hole_is_filled_and_what_fills_it_is_not),
        cmocka_unit_test(leading_assignments_are_no_command),
        cmocka_unit_test(an_assignment_replaces_what_is_there),
        cmocka_unit_test(output_is_kept_up_to_its_room),
        cmocka_unit_test(a_command_over_its_time_is_killed),
        cmocka_unit_test(what_cannot_be_started_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
