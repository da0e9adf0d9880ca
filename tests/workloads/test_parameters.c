/* SPDX-License-Identifier: MIT */
/* From "name=value" to a value: what passes, and how the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nearest.h"
#include "parameters.h"
#include "workloads.h"

static const struct wl_parameter table[] = {
    {"n", "whole", "5", WL_INTEGER, 1, 1e6},
    {"wait_ms", "real", "0.5", WL_REAL, 0, 60},
    {"url", "text", "", WL_TEXT, 0, 0},
    {0},
};
static const struct wl_workload workload = {.name = "w", .parameters = table};

static struct wl_value values[3];
static char why[200];

static enum cf_status parse(const char *text)
{
    memset(why, 0, sizeof why);
    return wl_parameters_parse(&workload, &text, 1, values, why, sizeof why);
}

static void refused(const char *text, const char *line)
{
    assert_int_equal(parse(text), CF_INVALID);
    assert_string_equal(why, line);
}

static void every_table_is_sane(void **state)
{
    struct wl_value standard[16];

    (void)state;
    for (size_t i = 0; wl_at(i) != NULL; i++) {
        const struct wl_workload *w = wl_at(i);
        assert_int_equal(w->abi, WL_ABI);
        assert_int_equal(w->table_bytes, sizeof *w);
        assert_true(strlen(w->about) > 0 && strlen(w->limit) > 0);
        assert_true(w->task != NULL && w->prepare != NULL && w->verify != NULL);
        assert_true(wl_parameter_count(w) <= 8);
        if (wl_parameters_parse(w, NULL, 0, standard, why, sizeof why) != CF_OK)
            fail_msg("%s", why);
        for (size_t k = 0; k < wl_parameter_count(w); k++) {
            const struct wl_parameter *p = &w->parameters[k];
            assert_true(strlen(p->about) > 0);
            assert_true(p->minimum <= p->maximum && p->maximum < 0x1p53);
        }
    }
}

static void values_come_in_the_order_of_the_table(void **state)
{
    const char *texts[] = {"url=http://a/?b=c", "n=7", "n=1e3"};

    (void)state;
    assert_int_equal(
        wl_parameters_parse(&workload, texts, 3, values, why, sizeof why),
        CF_OK);
    assert_true(values[0].number == 1000); /* the last one counts */
    assert_string_equal(values[0].text, "1e3");
    assert_true(values[1].number == 0.5);
    assert_string_equal(values[2].text, "http://a/?b=c");
}

static void limits_themselves_are_allowed(void **state)
{
    (void)state;
    assert_int_equal(parse("n=1"), CF_OK);
    assert_int_equal(parse("n=1000000"), CF_OK);
    assert_int_equal(parse("wait_ms=0"), CF_OK);
    assert_int_equal(parse("wait_ms=6e1"), CF_OK);
    assert_int_equal(parse("url="), CF_OK);
}

static void a_wrong_name_gets_the_nearest_right_one(void **state)
{
    static const struct wl_workload bare = {.name = "bare"};
    const char *text = "n=1";

    (void)state;
    refused("wiat_ms=3", "no parameter 'wiat_ms': did you mean 'wait_ms'?");
    refused("wait=3", "no parameter 'wait': did you mean 'wait_ms'?");
    refused("depth=3", "no parameter 'depth': it has n, wait_ms, url");
    refused("=3", "no parameter '': it has n, wait_ms, url");
    refused("", "no parameter '': it has n, wait_ms, url");
    refused("n", "parameter n: no value: write n=5");
    assert_int_equal(
        wl_parameters_parse(&bare, &text, 1, values, why, sizeof why),
        CF_INVALID);
    assert_string_equal(why, "no parameter 'n': it has none");
}

static void what_is_no_number_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",    "abc", "nan", "-nan",  "inf",   "0x10",     " 5",
        "5 ",  "5\n", "1e",  "--5",   "1.2.3", "5k",       "1,5",
        "5=5", "+",   "e5",  "1e5e5", "٣",     "infinity",
    };
    char text[64], line[200];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text, "wait_ms=%s", wrong[i]);
        assert_int_equal(parse(text), CF_INVALID);
        assert_non_null(strstr(why, ": not a number"));
        snprintf(text, sizeof text, "n=%s", wrong[i]);
        assert_int_equal(parse(text), CF_INVALID);
        assert_non_null(strstr(why, ": not a whole number"));
    }
    snprintf(line, sizeof line, "parameter n=%s: not a whole number", "1.5");
    refused("n=1.5", line);
}

static void what_is_outside_its_limits_is_refused(void **state)
{
    (void)state;
    refused("n=0", "parameter n=0: must be from 1 to 1000000");
    refused("n=-1", "parameter n=-1: must be from 1 to 1000000");
    refused("n=1e999", "parameter n=1e999: must be from 1 to 1000000");
    refused("n=-1e999", "parameter n=-1e999: must be from 1 to 1000000");
    refused("wait_ms=60.01", "parameter wait_ms=60.01: must be from 0 to 60");
}

static void a_refusal_is_one_printable_line(void **state)
{
    static char text[100000];

    (void)state;
    memset(text, '`', sizeof text - 1);
    assert_int_equal(parse(text), CF_INVALID);
    assert_true(strlen(why) < 120);
    text[1] = '=';
    text[0] = 'n';
    assert_int_equal(parse(text), CF_INVALID);
    assert_true(strlen(why) < 120);
    refused("n=\033[2J\n\r\t\x7f\xc2\x9b",
            "parameter n=?[2J??????: not a whole number");
}

static void a_refusal_fits_any_buffer(void **state)
{
    const char *text = "n=abc";
    char small[9] = "12345678";

    (void)state;
    for (size_t room = 0; room < sizeof small; room++) {
        memset(small, '!', sizeof small);
        assert_int_equal(
            wl_parameters_parse(&workload, &text, 1, values, small, room),
            CF_INVALID);
        assert_int_equal(small[room], '!');
    }
}

static void a_table_with_a_wrong_standard_value_is_refused(void **state)
{
    static const struct wl_parameter wrong[] = {
        {"n", "whole", "0", WL_INTEGER, 1, 2}, {0}};
    static const struct wl_workload forged = {.name = "forged",
                                              .parameters = wrong};

    (void)state;
    assert_int_equal(
        wl_parameters_parse(&forged, NULL, 0, values, why, sizeof why),
        CF_INVALID);
    assert_string_equal(why, "parameter n=0: must be from 1 to 2");
}

static void the_nearest_word_is_no_wild_guess(void **state)
{
    static const char *const words[] = {"serial", "thread", "process", "gil"};
    static const struct {
        const char *wrong, *right;
    } pairs[] = {
        {"thraed", "thread"},     {"threads", "thread"},
        {"proc", "process"},      {"seral", "serial"},
        {"gli", "gil"},           {"x", NULL},
        {"fiber", NULL},          {"", NULL},
        {"processprocess", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct wl_nearest nearest = wl_nearest_to(pairs[i].wrong);
        for (size_t k = 0; k < 4; k++)
            wl_nearest_offer(&nearest, words[k]);
        if (pairs[i].right == NULL)
            assert_null(nearest.best);
        else
            assert_string_equal(nearest.best, pairs[i].right);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_sane),
        cmocka_unit_test(values_come_in_the_order_of_the_table),
        cmocka_unit_test(limits_themselves_are_allowed),
        cmocka_unit_test(a_wrong_name_gets_the_nearest_right_one),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(what_is_outside_its_limits_is_refused),
        cmocka_unit_test(a_refusal_is_one_printable_line),
        cmocka_unit_test(a_refusal_fits_any_buffer),
        cmocka_unit_test(a_table_with_a_wrong_standard_value_is_refused),
        cmocka_unit_test(the_nearest_word_is_no_wild_guess),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
