/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <string.h>

#include "check.h"

static void a_terminal_is_given_no_control_character(void **state)
{
    char safe[64];

    (void)state;
    assert_string_equal(say_safe("a\033[31m\x7f\n", safe, sizeof safe),
                        "a?[31m??");
    /* U+009B, which some terminals obey as ESC [, and U+0080, U+009F */
    assert_string_equal(say_safe("a\xc2\x9b"
                                 "31m",
                                 safe, sizeof safe),
                        "a?31m");
    assert_string_equal(say_safe("\xc2\x80\xc2\x9f", safe, sizeof safe), "??");
    assert_string_equal(say_safe("\xc2\xa0\xc3\xa9", safe, sizeof safe),
                        "\xc2\xa0\xc3\xa9");
}

/* They would turn around the verdict beside a name. */
static void a_name_does_not_turn_its_line_around(void **state)
{
    static const char *const turning[] = {
        "\xd8\x9c",     "\xe2\x80\x8e", "\xe2\x80\x8f",
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
        "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"};
    static const char plain[] = "\xd8\x9b\xe2\x80\x8d\xe2\x80\xa7\xe2\x80\xaf"
                                "\xe2\x81\xa5\xe2\x82\xa6\xd7\x90";
    char safe[64];

    (void)state;
    for (size_t i = 0; i < sizeof turning / sizeof turning[0]; i++)
        assert_string_equal(say_safe(turning[i], safe, sizeof safe), "?");
    assert_string_equal(say_safe(plain, safe, sizeof safe), plain);
}

static void bytes_of_no_character_are_not_shown(void **state)
{
    char safe[64];

    (void)state;
    assert_string_equal(say_safe("\x9b"
                                 "31m\xc3",
                                 safe, sizeof safe),
                        "?31m?");
}

static void what_is_too_long_ends_after_a_whole_character(void **state)
{
    char safe[9];

    (void)state;
    assert_string_equal(say_safe("12345678", safe, sizeof safe), "12345678");
    assert_string_equal(say_safe("123456789", safe, sizeof safe), "12345...");
    /* of the letters of two bytes, two fit before the dots */
    assert_string_equal(
        say_safe("1\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", safe, sizeof safe),
        "1\xc3\xa9\xc3\xa9...");
    assert_string_equal(
        say_safe("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", safe, sizeof safe),
        "\xe2\x82\xac...");
}

static void a_cell_is_as_wide_as_its_characters(void **state)
{
    char cell[4 * 4 + 1];

    (void)state;
    assert_string_equal(say_cell("\xc3\xa9\xc3\xa9", 4, 4, cell),
                        "\xc3\xa9\xc3\xa9  ");
    assert_string_equal(say_cell("12\xc2\x9b\xc3\xa9"
                                 "5",
                                 4, 4, cell),
                        "12?\xc3\xa9");
    assert_string_equal(say_cell("1", 0, 4, cell), "1");
    /* U+8A08, and U+1F680: two columns each */
    assert_string_equal(say_cell("1\xe8\xa8\x88", 4, 4, cell),
                        "1\xe8\xa8\x88 ");
    assert_string_equal(say_cell("123\xe8\xa8\x88", 4, 4, cell), "123 ");
    assert_string_equal(say_cell("\xf0\x9f\x9a\x80\xe8\xa8\x88"
                                 "5",
                                 0, 4, cell),
                        "\xf0\x9f\x9a\x80\xe8\xa8\x88");
    assert_int_equal(say_width("\xe8\xa8\x88\xe2\x82\xac"), 3);
    assert_int_equal(say_width("\xc3\xa9\x9b"
                               "3"),
                     3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_is_given_no_control_character),
        cmocka_unit_test(a_name_does_not_turn_its_line_around),
        cmocka_unit_test(bytes_of_no_character_are_not_shown),
        cmocka_unit_test(what_is_too_long_ends_after_a_whole_character),
        cmocka_unit_test(a_cell_is_as_wide_as_its_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
