/* SPDX-License-Identifier: MIT */
/* Facts are found where they were put. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"

static void a_path_goes_through_objects(void **state)
{
    struct facts *facts = facts_create();

    (void)state;
    assert_true(facts_set_text(facts, "cpu.model", "first"));
    assert_true(facts_set_number(facts, "cpu.cores", 4));
    assert_true(facts_set_bool(facts, "cpu.smt", true));
    assert_true(facts_set_text(facts, "cpu.model", "second"));
    assert_string_equal(facts_text(facts, "cpu.model", ""), "second");
    assert_true(facts_number(facts, "cpu.cores", 0) == 4);
    assert_true(facts_bool(facts, "cpu.smt", false));
    facts_destroy(facts);
}

static void what_is_absent_or_of_another_type_is_the_fallback(void **state)
{
    struct facts *facts = facts_create();

    (void)state;
    facts_set_number(facts, "n", INFINITY);
    facts_set_text(facts, "text", "7");
    assert_true(facts_number(facts, "n", -1) == -1);
    assert_true(facts_number(facts, "text", -1) == -1);
    assert_string_equal(facts_text(facts, "text.inside", "no"), "no");
    assert_null(facts_text(facts, "absent", NULL));
    assert_true(facts_bool(facts, "absent", true));
    assert_int_equal(facts_count(facts, "text"), 0);
    assert_null(facts_object_at(facts, "text", 0));
    facts_destroy(facts);
}

static void lists_grow_and_lend_their_objects(void **state)
{
    struct facts *facts = facts_create();

    (void)state;
    assert_true(facts_add_text(facts, "argv", "cfbench"));
    assert_true(facts_add_text(facts, "argv", "run"));
    assert_int_equal(facts_count(facts, "argv"), 2);
    assert_string_equal(facts_text_at(facts, "argv", 1, ""), "run");
    assert_string_equal(facts_text_at(facts, "argv", 2, "none"), "none");
    assert_true(facts_set_text(facts_add_object(facts, "env.checks"), "id",
                               "governor"));
    assert_string_equal(
        facts_text(facts_object_at(facts, "env.checks", 0), "id", ""),
        "governor");
    assert_null(facts_object_at(facts, "env.checks", 1));
    facts_destroy(facts);
}

static void members_can_be_listed_as_text(void **state)
{
    struct facts *facts = facts_create();
    char value[16];

    (void)state;
    facts_set_text(facts, "mem.kind", "a text too long for the room");
    facts_set_number(facts, "mem.total_bytes", 1.5);
    facts_set_bool(facts, "mem.ecc", false);
    assert_string_equal(facts_member(facts, "mem", 0, value, sizeof value),
                        "kind");
    assert_string_equal(value, "a text too long");
    assert_string_equal(facts_member(facts, "mem", 1, value, sizeof value),
                        "total_bytes");
    assert_string_equal(value, "1.5");
    assert_string_equal(facts_member(facts, "mem", 2, value, sizeof value),
                        "ecc");
    assert_string_equal(value, "false");
    assert_null(facts_member(facts, "mem", 3, value, sizeof value));
    assert_string_equal(facts_member(facts, "", 0, value, sizeof value), "mem");
    facts_destroy(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_goes_through_objects),
        cmocka_unit_test(what_is_absent_or_of_another_type_is_the_fallback),
        cmocka_unit_test(lists_grow_and_lend_their_objects),
        cmocka_unit_test(members_can_be_listed_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
