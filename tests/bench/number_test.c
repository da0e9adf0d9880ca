/* SPDX-License-Identifier: MIT */
#include "number.h"

#include "check.h"

static double seconds(const char *typed)
{
    double value;

    return number_duration(typed, &value) ? value : -1;
}

static void times_have_units(void **state)
{
    (void)state;
    assert_float_equal(seconds("90"), 90, 0);
    assert_float_equal(seconds("90s"), 90, 0);
    assert_float_equal(seconds("500ms"), 0.5, 1e-12);
    assert_float_equal(seconds("1.5m"), 90, 0);
    assert_float_equal(seconds("2h"), 7200, 0);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {"",   "s",     "-1s", "0",   "0s",
                                        "1d", "1e999", "nan", "inf", "5 s"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_float_equal(seconds(wrong[i]), -1, 0);
}

static void seeds_are_decimal_or_hexadecimal(void **state)
{
    uint64_t seed;

    (void)state;
    assert_true(number_seed("0x9e37", &seed));
    assert_int_equal(seed, 0x9e37);
    assert_true(number_seed("18446744073709551615", &seed));
    assert_false(number_seed("18446744073709551616", &seed));
    assert_false(number_seed("-1", &seed));
    assert_false(number_seed("0x", &seed));
    assert_false(number_seed("ab", &seed));
}

static void ratios_may_be_percentages(void **state)
{
    static const char *const wrong[] = {"",    "0",   "0%",  "101%", "1.1",
                                        "-1%", "5x",  "5 %", "nan",  "inf",
                                        "%",   "5%%", " 5%"};
    double ratio;

    (void)state;
    assert_true(number_ratio("5%", &ratio) && ratio == 0.05);
    assert_true(number_ratio("0.02", &ratio) && ratio == 0.02);
    assert_true(number_ratio("100%", &ratio) && ratio == 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(number_ratio(wrong[i], &ratio));
}

static void numbers_are_written_for_people(void **state)
{
    char text[16];

    (void)state;
    assert_string_equal(number_format_duration(5.2, text), "5s");
    assert_string_equal(number_format_duration(65, text), "1m05s");
    assert_string_equal(number_format_duration(7500, text), "2h05m");
    assert_string_equal(number_format(0.01234, text), "0.0123");
    assert_string_equal(number_format(98.04, text), "98.0");
    assert_string_equal(number_format(99.97, text), "100");
    assert_string_equal(number_format(12345.6, text), "12346");
    assert_string_equal(number_format_decimals(1.0404, 3, text), "1.040");
    assert_string_equal(number_format_decimals(0, 3, text), "0.000");
    assert_string_equal(number_format_decimals(0.00041234, 3, text),
                        "0.000412");
    assert_string_equal(number_format_decimals(2e7, 1, text), "2e+07");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_units),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(ratios_may_be_percentages),
        cmocka_unit_test(seeds_are_decimal_or_hexadecimal),
        cmocka_unit_test(numbers_are_written_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
