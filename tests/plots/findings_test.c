/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "findings.h"
#include "quantity.h"

static int read_sample(void **state)
{
    struct record_error error;

    *state = record_read(PLOTS_TEST_FOLDER "/sample.json", &error);
    return *state == NULL ? -1 : 0;
}

static int forget_sample(void **state)
{
    record_destroy(*state);
    return 0;
}

static void an_answer_names_workers_interval_and_base(void **state)
{
    struct findings answers;

    assert_true(findings_answers(*state, &answers));
    assert_int_equal(answers.count, 2);
    assert_string_equal(answers.list[0].text,
                        "sum_squares: 2 threads 1.98x [1.96, 2.00] over one "
                        "thread; under a GIL 0.99x [0.98, 1.00]");
    assert_string_equal(answers.list[0].headline, "1.98x");
    assert_string_equal(answers.list[1].text,
                        "http_get: 16 threads 15.2x [15.0, 15.4] over one "
                        "thread");
    findings_finish(&answers);
}

static void the_fastest_is_named_with_what_it_beats(void **state)
{
    struct finding fastest;

    assert_true(findings_fastest(*state, 0, &fastest));
    assert_string_equal(
        fastest.text,
        "Best measured: 2 threads, 490 /s [485, 495]. Not told apart: 2 "
        "processes, 1.02x [1.00, 1.03] its time. Slower: 2 threads under a "
        "GIL, 2.00x [1.96, 2.04] its time.");
    assert_false(findings_fastest(*state, 1, &fastest));
    assert_true(findings_winner(*state, 0, &fastest));
    assert_string_equal(fastest.text,
                        "Best measured: 2 threads, 490 /s [485, 495]; next 2 "
                        "processes, 1.02x [1.00, 1.03] its time (not told "
                        "apart).");
}

/* Of a model that misses the last count by `error`. */
static void assert_outlook(double error, const char *sentence)
{
    struct record_model model = {.backend = "thread",
                                 .model = "amdahl",
                                 .lack_of_fit_p = NAN,
                                 .last_error_ratio = error};
    struct record record = {.models = &model, .model_count = 1};
    struct finding finding;

    assert_true(findings_model(&record, 0, &finding));
    if (strcmp(finding.text, sentence) != 0)
        fail_msg("%s, not %s", finding.text, sentence);
}

#define NOT_TESTED "thread: amdahl. Whether it fits was not tested."
#define MISSED     NOT_TESTED " Without the last count it would have missed it by "

static void a_model_that_says_too_little_tells_by_how_much(void **state)
{
    (void)state;
    assert_outlook(-0.184, MISSED "-18 %.");
    assert_outlook(0.498, MISSED "+50 %.");
    assert_outlook(-0.001, MISSED "+0 %.");
    assert_outlook(NAN, NOT_TESTED);
}

static bool says(const struct findings *notes, const char *text)
{
    for (size_t i = 0; i < notes->count; i++)
        if (strstr(notes->list[i].text, text) != NULL)
            return true;
    return false;
}

static void notes_tell_what_to_doubt(void **state)
{
    struct findings notes;

    assert_true(findings_notes(*state, &notes));
    assert_true(says(&notes, "1 of 12 cases skipped: built without MPI"));
    assert_true(says(&notes, "Other guests share the cores; look at steal"));
    findings_finish(&notes);
}

static void a_name_is_cut_and_holds_no_control_bytes(void **state)
{
    char text[64];

    (void)state;
    findings_plain(text, sizeof text, "a\x1B[0m\n\xFF", 40);
    assert_string_equal(text, "a?[0m??");
    findings_plain(text, sizeof text, "abcdef", 3);
    assert_string_equal(text, "abc\xE2\x80\xA6");
}

static void check(enum quantity quantity, double value, const char *expected)
{
    char text[64];

    quantity_text(text, sizeof text, quantity, value);
    assert_string_equal(text, expected);
}

static void quantities_have_three_digits_and_a_fitting_unit(void **state)
{
    char text[64];

    (void)state;
    check(QUANTITY_RATIO, 1.9749, "1.97x");
    check(QUANTITY_PERCENT, 0.987, "99 %");
    check(QUANTITY_RATE, 482.4, "482 /s");
    check(QUANTITY_RATE, 12345, "12.3k /s");
    check(QUANTITY_RATE, 9999.6, "10.0k /s");
    check(QUANTITY_RATE, 2.5e10, "25.0G /s");
    check(QUANTITY_RATE, 4e15, "4000T /s");
    check(QUANTITY_RATE, 1e300, "1e+288T /s");
    check(QUANTITY_RATE, 0.72, "0.72 /s"); /* two between 0.1 and 1 */
    check(QUANTITY_RATE, 0.0994, "0.0994 /s");
    check(QUANTITY_RATE, 0.0067, "0.00670 /s");
    check(QUANTITY_RATE, 0.000334, "0.00033 /s"); /* and below 0.001 */
    check(QUANTITY_RATE, 3.34e-5, "3.3e-05 /s");
    check(QUANTITY_RATE, 0, "0.00 /s");
    check(QUANTITY_RATIO, 0.0123, "0.0123x");
    check(QUANTITY_RATIO, 1e300, "1e+300x");
    check(QUANTITY_SECONDS, 0.00241, "2.41 ms");
    check(QUANTITY_SECONDS, 2.5e-6, "2.50 \302\265s");
    check(QUANTITY_SECONDS, -4.18e-6, "-4.18 \302\265s");
    check(QUANTITY_RATIO, -12.34, "-12.3x");
    check(QUANTITY_PERCENT, -0.987, "-99 %");
    check(QUANTITY_COUNT, 1234567, "1234567");
    check(QUANTITY_COUNT, 9e300, "9e+300");
    check(QUANTITY_SECONDS, NAN, "-");
    quantity_interval_text(text, sizeof text, QUANTITY_SECONDS, 0.0041,
                           (const double[]){0.00399, 0.0042});
    assert_string_equal(text, "4.10 ms [3.99, 4.20]");
    quantity_interval_text(text, sizeof text, QUANTITY_RATE, 0.0067,
                           (const double[]){0.0066, 0.0068});
    assert_string_equal(text, "0.00670 /s [0.00660, 0.00680]");
    quantity_interval_text(text, sizeof text, QUANTITY_RATIO, 1.67,
                           (const double[]){0.000416, 6733.72});
    assert_string_equal(text, "1.67x [0.00042, 6733.72]"); /* nothing is 0 */
    quantity_interval_text(text, sizeof text, QUANTITY_SECONDS, 3.1e-6,
                           (const double[]){-2e-9, 0});
    assert_string_equal(text, "3.10 \302\265s [-0.002, 0.00]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_names_workers_interval_and_base),
        cmocka_unit_test(the_fastest_is_named_with_what_it_beats),
        cmocka_unit_test(a_model_that_says_too_little_tells_by_how_much),
        cmocka_unit_test(notes_tell_what_to_doubt),
        cmocka_unit_test(a_name_is_cut_and_holds_no_control_bytes),
        cmocka_unit_test(quantities_have_three_digits_and_a_fitting_unit),
    };

    return cmocka_run_group_tests(tests, read_sample, forget_sample);
}
