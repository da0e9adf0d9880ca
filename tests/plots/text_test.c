/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "axes.h"
#include "caption.h"
#include "text.h"

typedef void (*writer)(FILE *out, const char *text, size_t max_chars);

/* What a writer makes of a text must be `expected`. */
static void check(writer write, const char *text, size_t max_chars,
                  const char *expected)
{
    char *made = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&made, &bytes);

    assert_non_null(memory);
    write(memory, text, max_chars);
    fclose(memory);
    assert_string_equal(made, expected);
    free(made);
}

static void html_has_no_markup_of_a_label(void **state)
{
    (void)state;
    check(text_to_html, "<b a='x' c=\"y\">&", 99,
          "&lt;b a=&#39;x&#39; c=&quot;y&quot;&gt;&amp;");
}

static void a_data_column_cannot_be_left(void **state)
{
    (void)state;
    check(text_to_data, "a\"b\nc\\n`d`", 99,
          "\"a\xE2\x80\xB3"
          "b c\\\\n`d`\"");
    check(text_to_data, NULL, 99, "\"\"");
}

static void broken_and_invisible_characters_are_replaced(void **state)
{
    (void)state;
    check(text_to_terminal, "a\x1B[31m\x7F", 99,
          "a\xEF\xBF\xBD[31m\xEF\xBF\xBD");
    check(text_to_terminal, "\xC0\xAF|\xED\xA0\x80|\xF5", 99,
          "\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"
          "\xEF\xBF\xBD");
    check(text_to_terminal,
          "a\xE2\x80\xAE"
          "b\xE2\x80\x8B\xC2\x9B",
          99,
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD\xEF\xBF\xBD");
    check(text_to_terminal, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 99,
          "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
}

static void a_long_text_ends_in_an_ellipsis(void **state)
{
    (void)state;
    check(text_to_terminal, "abcdef", 6, "abcdef");
    check(text_to_terminal, "abcdefg", 6, "abcde\xE2\x80\xA6");
    check(text_to_terminal, "\xC3\xA9\xC3\xA9\xC3\xA9", 2,
          "\xC3\xA9\xE2\x80\xA6");
    /* U+8A08 is as wide as two letters, which a page leaves to its reader. */
    check(text_to_terminal, "\xE8\xA8\x88\xE8\xA8\x88", 4,
          "\xE8\xA8\x88\xE8\xA8\x88");
    check(text_to_data, "a\xE8\xA8\x88\xE8\xA8\x88", 4,
          "\"a\xE8\xA8\x88\xE2\x80\xA6\"");
    check(text_to_html, "\xE8\xA8\x88\xE8\xA8\x88\xE8\xA8\x88", 3,
          "\xE8\xA8\x88\xE8\xA8\x88\xE8\xA8\x88");
}

static void a_file_name_has_plain_letters_alone(void **state)
{
    char slug[96], tiny[12];

    (void)state;
    text_slug(slug, sizeof slug, "gil", 3, "../A b`;\n\"\xC3\xA9");
    assert_string_equal(slug, "gil-3----a-b------");
    text_slug(tiny, sizeof tiny, "speedup", 1, "sum_squares");
    assert_int_equal(strlen(tiny), sizeof tiny - 1);
}

static void labels_are_spread_around_their_places(void **state)
{
    double places[] = {0.5, 0.5, 0.1, 1.0, 0.99};

    (void)state;
    axis_spread(places, 5, 0.1);
    assert_float_equal(places[2], 0.1, 1e-9);
    assert_float_equal(places[0], 0.45, 1e-9);
    assert_float_equal(places[1], 0.55, 1e-9);
    assert_float_equal(places[3], 1.0, 1e-9);
    assert_float_equal(places[4], 0.9, 1e-9);
}

/* "10.18 ms" has no room beside the axis, where it stood as "0.18 ms", and ticks
 * of 100.02 % and 100.04 % were both "100 %". */
static void ticks_are_told_apart_and_short(void **state)
{
    static const struct {
        enum quantity quantity;
        double low, high;
    } ranges[] = {
        {QUANTITY_SECONDS, 0.01004, 0.01018}, {QUANTITY_SECONDS, 0.1, 0.1003},
        {QUANTITY_SECONDS, 3.21e-6, 3.22e-6}, {QUANTITY_SECONDS, 59.99, 60.01},
        {QUANTITY_PERCENT, 0.9994, 1.0006},   {QUANTITY_PERCENT, 1, 1},
        {QUANTITY_RATE, 12344, 12345},        {QUANTITY_RATE, 0, 1.8e-4},
        {QUANTITY_SECONDS, 4.5e-9, 4.6e-9},   {QUANTITY_SECONDS, 0, 9e-7},
        {QUANTITY_SECONDS, 35900, 36100},     {QUANTITY_COUNT, 0, 40000}};

    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        char text[32], before[32] = "";
        struct axis axis;

        axis_of_range(&axis, ranges[i].quantity, ranges[i].low, ranges[i].high);
        assert_true(axis.low <= ranges[i].low && axis.high > ranges[i].high);
        assert_true(axis.tick_count >= 3);
        for (size_t k = 0; k < axis.tick_count; k++) {
            caption_tick(text, sizeof text, ranges[i].quantity, axis.ticks[k]);
            assert_string_not_equal(text, before);
            assert_true(strlen(text) <= strlen("100.1 %%"));
            strcpy(before, text);
        }
    }
}

static void ticks_have_the_unit_that_a_reader_expects(void **state)
{
    static const struct {
        enum quantity quantity;
        double value;
        const char *text;
    } ticks[] = {{QUANTITY_SECONDS, 4.5e-9, "4.5 ns"},
                 {QUANTITY_SECONDS, 2e-7, "200 ns"},
                 {QUANTITY_SECONDS, 1e-6, "1 µs"},
                 {QUANTITY_SECONDS, 36000, "36000 s"},
                 {QUANTITY_SECONDS, -2e-9, "-2 ns"},
                 {QUANTITY_SECONDS, 0, "0"},
                 {QUANTITY_RATE, 1.5e-4, "1.5e-4"},
                 {QUANTITY_RATE, 0.0015, "0.0015"},
                 {QUANTITY_COUNT, 20000, "20000"},
                 {QUANTITY_RATIO, 10000, "10000x"}};

    (void)state;
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        char text[32];

        caption_tick(text, sizeof text, ticks[i].quantity, ticks[i].value);
        assert_string_equal(text, ticks[i].text);
    }
}

static void ticks_of_rates_have_a_fitting_unit(void **state)
{
    static const struct {
        double value;
        const char *text;
    } ticks[] = {{800, "800"},  {2e4, "20k"}, {5e6, "5M"},
                 {2e10, "20G"}, {4e12, "4T"}, {0, "0"}};
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        caption_tick(text, sizeof text, QUANTITY_RATE, ticks[i].value);
        assert_string_equal(text, ticks[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_has_no_markup_of_a_label),
        cmocka_unit_test(a_data_column_cannot_be_left),
        cmocka_unit_test(broken_and_invisible_characters_are_replaced),
        cmocka_unit_test(a_long_text_ends_in_an_ellipsis),
        cmocka_unit_test(a_file_name_has_plain_letters_alone),
        cmocka_unit_test(labels_are_spread_around_their_places),
        cmocka_unit_test(ticks_are_told_apart_and_short),
        cmocka_unit_test(ticks_of_rates_have_a_fitting_unit),
        cmocka_unit_test(ticks_have_the_unit_that_a_reader_expects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
