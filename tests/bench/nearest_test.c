/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include "check.h"

static const char *meant(const char *typed)
{
    static const char *const words[] = {"run", "list", "report", "plot", "env"};
    struct nearest nearest = nearest_start(typed);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        nearest_offer(&nearest, words[i]);
    return nearest.best ? nearest.best : "nothing";
}

static void a_slip_of_the_hand_is_understood(void **state)
{
    (void)state;
    assert_string_equal(meant("rnu"), "run");      /* swapped  */
    assert_string_equal(meant("lists"), "list");   /* too many */
    assert_string_equal(meant("repot"), "report"); /* missing  */
    assert_string_equal(meant("plox"), "plot");    /* wrong    */
}

static void a_word_begun_is_understood(void **state)
{
    (void)state;
    assert_string_equal(meant("rep"), "report");
}

static void what_is_far_from_all_gets_no_guess(void **state)
{
    (void)state;
    assert_string_equal(meant("frobnicate"), "nothing");
    assert_string_equal(meant(""), "nothing");
    assert_string_equal(meant("x"), "nothing");
    assert_string_equal(meant("elf"), "nothing"); /* two of three letters */
}

static void a_long_word_does_no_harm(void **state)
{
    char word[5000];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof word; i++)
        word[i] = 'r';
    word[sizeof word - 1] = '\0';
    assert_string_equal(meant(word), "nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_hand_is_understood),
        cmocka_unit_test(a_word_begun_is_understood),
        cmocka_unit_test(what_is_far_from_all_gets_no_guess),
        cmocka_unit_test(a_long_word_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
