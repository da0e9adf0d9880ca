/* SPDX-License-Identifier: MIT */
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* The list as text, "1,2,4". */
static const char *text_of(const struct workers *workers)
{
    static char text[2048];
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < workers->length && length < 2000; i++)
        length += (size_t)sprintf(text + length, "%s%zu", i ? "," : "",
                                  workers->counts[i]);
    return text;
}

static const char *parsed(const char *typed)
{
    struct workers workers;
    char why[160];

    if (!workers_parse(typed, &workers, why, sizeof why))
        return "refused";
    return text_of(&workers);
}

static void lists_ranges_and_powers_are_read(void **state)
{
    (void)state;
    assert_string_equal(parsed("4"), "4");
    assert_string_equal(parsed("1,2,4"), "1,2,4");
    assert_string_equal(parsed("1..8"), "1,2,3,4,5,6,7,8");
    assert_string_equal(parsed("pow2:64"), "1,2,4,8,16,32,64");
    assert_string_equal(parsed("pow2:6,3..4"), "1,2,3,4");
}

static void a_list_is_sorted_and_has_each_count_once(void **state)
{
    (void)state;
    assert_string_equal(parsed("8,2,2,1..3"), "1,2,3,8");
}

static void what_is_no_count_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",     "0",      "-1",    "1e9",        "abc",   ",",     "1,",
        ",1",   "1,,2",   "8..1",  "1..",        "..8",   "0..3",  "+1",
        " 1",   "1 ",     "0x10",  "1000000000", "65537", "pow2:", "pow2:0",
        "1...", "1..2..", "auto,", "pow2:1e3",   "4.0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_string_equal(parsed(wrong[i]), "refused");
}

static void too_many_points_are_refused_at_once(void **state)
{
    struct workers workers;
    char why[160];
    char *points = malloc(600000);
    size_t length = 0;

    (void)state;
    for (int i = 1; i <= 60000; i++)
        length += (size_t)sprintf(points + length, "%d,", i);
    points[length - 1] = '\0';
    assert_false(workers_parse(points, &workers, why, sizeof why));
    assert_string_equal(why, "more than 256 worker counts");
    assert_false(workers_parse("1..65536", &workers, why, sizeof why));
    free(points);
}

static void a_refusal_names_the_part_that_is_wrong(void **state)
{
    struct workers workers;
    char why[160];

    (void)state;
    assert_false(workers_parse("1,2,x4", &workers, why, sizeof why));
    assert_non_null(strstr(why, "\"x4\""));
}

static const char *automatic(bool is_waiting, size_t usable, size_t cores)
{
    struct workers workers;

    workers_auto(is_waiting, usable, cores, &workers);
    return text_of(&workers);
}

static void auto_goes_to_twice_the_usable_cpus(void **state)
{
    (void)state;
    assert_string_equal(automatic(false, 2, 2), "1,2,4");
    assert_string_equal(automatic(false, 1, 1), "1,2");
    assert_string_equal(automatic(false, 6, 3), "1,2,3,4,6,8");
    assert_string_equal(automatic(false, 8, 64), "1,2,4,8,16");
}

static void auto_for_waiting_work_goes_to_64(void **state)
{
    (void)state;
    assert_string_equal(automatic(true, 2, 2), "1,4,16,64");
}

static void a_list_never_goes_past_the_tasks(void **state)
{
    struct workers workers;

    (void)state;
    workers_auto(true, 2, 2, &workers);
    workers_limit(&workers, 20);
    assert_string_equal(text_of(&workers), "1,4,16");
}

static size_t tasks_for(const char *typed)
{
    struct workers workers;
    char why[160];

    assert_true(workers_parse(typed, &workers, why, sizeof why));
    return workers_even_tasks(&workers, 64);
}

static void tasks_deal_out_evenly_where_they_can(void **state)
{
    (void)state;
    assert_int_equal(tasks_for("1,2,4"), 64);
    assert_int_equal(tasks_for("3"), 66);
    assert_int_equal(tasks_for("1..6"), 120);
    assert_int_equal(tasks_for("128"), 128);
    assert_int_equal(tasks_for("1..64"), 64);
    assert_int_equal(tasks_for("1999,2000"), 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_ranges_and_powers_are_read),
        cmocka_unit_test(a_list_is_sorted_and_has_each_count_once),
        cmocka_unit_test(what_is_no_count_is_refused),
        cmocka_unit_test(too_many_points_are_refused_at_once),
        cmocka_unit_test(a_refusal_names_the_part_that_is_wrong),
        cmocka_unit_test(auto_goes_to_twice_the_usable_cpus),
        cmocka_unit_test(auto_for_waiting_work_goes_to_64),
        cmocka_unit_test(a_list_never_goes_past_the_tasks),
        cmocka_unit_test(tasks_deal_out_evenly_where_they_can),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
