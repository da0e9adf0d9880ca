/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "gnuplot.h"
#include "plots.h"

#define SAMPLE  PLOTS_TEST_FOLDER "/sample.json"
#define SAMPLES PLOTS_TEST_FOLDER "/samples.json"
#define LENGTHS PLOTS_TEST_FOLDER "/lengths.json"
#define TRACED  PLOTS_TEST_FOLDER "/traced.json"
#define ADVISED PLOTS_TEST_FOLDER "/advised.json"
#define GOLDEN  PLOTS_TEST_FOLDER "/golden/"

static bool has_gnuplot(void)
{
    char path[PATH_MAX], why[256];

    return gnuplot_find(path, sizeof path, why, sizeof why);
}

static void assert_same(const char *left, const char *right)
{
    size_t left_bytes, right_bytes;
    char *a = fixture_read(left, &left_bytes);
    char *b = fixture_read(right, &right_bytes);

    if (left_bytes != right_bytes || memcmp(a, b, left_bytes) != 0)
        fail_msg("%s is not %s", left, right);
    free(a);
    free(b);
}

static void scripts_and_data_are_the_golden_ones(void **state)
{
    static const char *const names[] = {"gil-1-sum_squares.gp",
                                        "gil-1-sum_squares.dat",
                                        "speedup-2-http_get.gp",
                                        "speedup-2-http_get.dat",
                                        "latency-1-sum_squares.gp",
                                        "latency-1-sum_squares.dat",
                                        "forest-1-json_parse.gp",
                                        "forest-1-json_parse.dat",
                                        "distribution-1-json_parse.gp",
                                        "distribution-1-json_parse.dat",
                                        "run_order-1-json_parse.gp",
                                        "run_order-1-json_parse.dat",
                                        "spectrum-1-json_parse.gp",
                                        "spectrum-1-json_parse.dat",
                                        "time_split-1-json_parse.gp",
                                        "time_split-1-json_parse.dat",
                                        "latency_throughput-1-json_parse.gp",
                                        "latency_throughput-1-json_parse.dat",
                                        "throughput-1-sleep.gp",
                                        "throughput-1-sleep.dat",
                                        "recommendation-1-sleep.gp",
                                        "recommendation-1-sleep.dat",
                                        "granularity-1-sum_squares.gp",
                                        "granularity-1-sum_squares.dat",
                                        "crossover-1-sum_squares.gp",
                                        "crossover-1-sum_squares.dat",
                                        "overhead-1-sum_squares.gp",
                                        "overhead-1-sum_squares.dat",
                                        "timeline-1-sleep.gp",
                                        "timeline-1-sleep.dat"};
    const struct fixture *fixture = *state;
    char golden[PATH_MAX];

    fixture_plot(SAMPLE, fixture_path(fixture, ""));
    fixture_plot(SAMPLES, fixture_path(fixture, ""));
    fixture_plot(LENGTHS, fixture_path(fixture, ""));
    fixture_plot(TRACED, fixture_path(fixture, ""));
    fixture_plot(ADVISED, fixture_path(fixture, "")); /* its throughput stays */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(golden, sizeof golden, GOLDEN "%s", names[i]);
        assert_same(fixture_path(fixture, names[i]), golden);
    }
}

/* Writes `source`, with `to` where it has `from`, to `path`. */
static void write_changed(const char *source, const char *path,
                          const char *from, const char *to)
{
    size_t bytes;
    char *whole = fixture_read(source, &bytes), *at = strstr(whole, from);
    size_t room = bytes + strlen(to) + 1;
    char *other = malloc(room);

    assert_non_null(at);
    assert_non_null(other);
    snprintf(other, room, "%.*s%s%s", (int)(at - whole), whole, to,
             at + strlen(from));
    fixture_write(path, other);
    free(other);
    free(whole);
}

static void write_otherwise(const char *path, const char *from, const char *to)
{
    write_changed(ADVISED, path, from, to);
}

/* The same with another goal in its advice. */
static void advise_otherwise(const char *path, const char *goal)
{
    write_otherwise(path, "\"goal\": \"knee\"", goal);
}

/* The figure's script has these words; without them NULL. */
static void assert_script(const struct fixture *fixture, const char *name,
                          const char *words, const char *no_words)
{
    size_t bytes;
    char *script = fixture_read(fixture_path(fixture, name), &bytes);

    if (strstr(script, words) == NULL || strstr(script, no_words) != NULL)
        fail_msg("%s: no \"%s\", or \"%s\"", name, words, no_words);
    free(script);
}

static void what_the_goal_asked_for_is_drawn(void **state)
{
    const struct fixture *fixture = *state;
    char record[PATH_MAX];

    snprintf(record, sizeof record, "%s", fixture_path(fixture, "asked.json"));
    advise_otherwise(record, "\"goal\": \"efficiency\", "
                             "\"min_efficiency_ratio\": 0.62");
    fixture_plot_as(record, fixture_path(fixture, ""), "svg");
    assert_script(fixture, "efficiency-1-sleep.gp", "asked for: 62 %", "kept");
    assert_script(fixture, "recommendation-1-sleep.gp", "(goal: efficiency)",
                  "shaded");
    advise_otherwise(record, "\"goal\": \"latency\", \"slo_s\": 0.0125, "
                             "\"slo_percentile\": 0.5");
    fixture_plot_as(record, fixture_path(fixture, ""), "svg");
    assert_script(fixture, "latency-1-sleep.gp", "asked for: 12.5 ms", "kept");
    assert_script(fixture, "recommendation-1-sleep.gp", "(goal: a latency)",
                  "shaded");
}

/* All that keep up with the rate do as much: nothing would be lost. */
static void advice_in_an_open_loop_is_about_its_times(void **state)
{
    const struct fixture *fixture = *state;
    char closed[PATH_MAX], open[PATH_MAX];

    snprintf(closed, sizeof closed, "%s", fixture_path(fixture, "closed.json"));
    snprintf(open, sizeof open, "%s", fixture_path(fixture, "open.json"));
    advise_otherwise(closed, "\"goal\": \"latency\", \"slo_s\": 0.0125, "
                             "\"slo_percentile\": 0.5");
    write_changed(closed, open, "\"run\": {",
                  "\"run\": {\"rate_per_s\": 100, ");
    fixture_plot_as(open, fixture_path(fixture, ""), "svg");
    assert_script(fixture, "recommendation-1-sleep.gp",
                  "Half of the tasks take at most", "Throughput lost");
    assert_script(fixture, "recommendation-1-sleep.gp", "asked for: 12.5 ms",
                  "shaded");
    assert_script(fixture, "recommendation-1-sleep.dat", "# set", "# band");
}

/* One worker did 50 a second, and four did 598. */
static void a_bound_below_what_was_measured_is_none(void **state)
{
    const struct fixture *fixture = *state;
    const char *record = fixture_path(fixture, "passed.json");

    fixture_plot_as(ADVISED, fixture_path(fixture, "kept"), "svg");
    assert_script(fixture, "kept/throughput-1-sleep.dat", "\"upper bound\"",
                  "NOT THERE");
    write_otherwise(record, "\"estimate\": 170.96274784120774",
                    "\"estimate\": 50");
    fixture_plot_as(record, fixture_path(fixture, "passed"), "svg");
    assert_script(fixture, "passed/throughput-1-sleep.dat", "thread",
                  "\"upper bound\"");
}

static void the_same_record_gives_the_same_bytes(void **state)
{
    static const char *const names[] = {
        "gil-1-sum_squares.svg", "gil-1-sum_squares-dark.png",
        "speedup-2-http_get-dark.svg", "latency-1-sum_squares.png",
        "gil-1-sum_squares.pdf"};
    const struct fixture *fixture = *state;
    char first[64], second[64];

    if (!has_gnuplot())
        skip();
    assert_int_equal(
        fixture_plot_as(SAMPLE, fixture_path(fixture, "a"), "svg,png,pdf"), 0);
    sleep(1); /* a time of day would differ */
    assert_int_equal(
        fixture_plot_as(SAMPLE, fixture_path(fixture, "b"), "svg,png,pdf"), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(first, sizeof first, "a/%s", names[i]);
        snprintf(second, sizeof second, "b/%s", names[i]);
        assert_same(fixture_path(fixture, first),
                    fixture_path(fixture, second));
    }
    const char *one = fixture_path(fixture, "one.html");
    const char *two = fixture_path(fixture, "two.html");
    assert_int_equal(fixture_report(SAMPLE, one), 0);
    assert_int_equal(fixture_report(SAMPLE, two), 0);
    assert_same(one, two);
}

static void without_gnuplot_scripts_are_written_and_the_code_is_2(void **state)
{
    const struct fixture *fixture = *state;
    char *path = strdup(getenv("PATH"));

    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(fixture_plot(SAMPLE, fixture_path(fixture, "")), 2);
    assert_true(fixture_exists(fixture_path(fixture, "gil-1-sum_squares.gp")));
    assert_false(
        fixture_exists(fixture_path(fixture, "gil-1-sum_squares.svg")));
    assert_int_equal(fixture_report(SAMPLE, fixture_path(fixture, "page.html")),
                     2);
    assert_true(fixture_exists(fixture_path(fixture, "page.html")));
    setenv("PATH", path, 1);
    free(path);
}

static void a_gnuplot_that_anybody_may_replace_is_not_run(void **state)
{
    const struct fixture *fixture = *state;
    char *path = strdup(getenv("PATH")), list[PATH_MAX], found[PATH_MAX];
    const char *trap = fixture_path(fixture, "gnuplot");
    char why[256];

    fixture_write(trap, "#!/bin/sh\ntouch PWNED\n");
    chmod(trap, 0755);
    chmod(fixture->folder, 0777);
    snprintf(list, sizeof list, "%s:%s", fixture->folder, path);
    setenv("PATH", list, 1);
    assert_false(gnuplot_find(found, sizeof found, why, sizeof why));
    assert_non_null(strstr(why, "anybody may replace"));

    chmod(fixture->folder, 0755);
    assert_true(gnuplot_find(found, sizeof found, why, sizeof why));

    assert_int_equal(chdir(fixture->folder), 0);
    snprintf(list, sizeof list, ":%s", path);
    setenv("PATH", list, 1);
    assert_false(gnuplot_find(found, sizeof found, why, sizeof why));
    assert_non_null(strstr(why, "relative"));
    assert_int_equal(chdir("/"), 0);
    setenv("PATH", path, 1);
    free(path);
}

static void nothing_of_the_user_is_overwritten(void **state)
{
    const struct fixture *fixture = *state;
    const char *picture = fixture_path(fixture, "gil-1-sum_squares.svg");
    const char *page = fixture_path(fixture, "page.html");
    size_t bytes;

    fixture_write(picture, "mine");
    assert_int_equal(fixture_plot(SAMPLE, fixture->folder), 2);
    char *content = fixture_read(picture, &bytes);
    assert_string_equal(content, "mine");
    free(content);

    fixture_write(page, "<!doctype html>mine");
    assert_int_equal(fixture_report(SAMPLE, page), 2);
    content = fixture_read(page, &bytes);
    assert_string_equal(content, "<!doctype html>mine");
    free(content);
}

static void bad_requests_end_with_code_2(void **state)
{
    const struct fixture *fixture = *state;
    const char *file = fixture_path(fixture, "file");

    fixture_write(file, "{\"schema\": 3}");
    assert_int_equal(fixture_plot(file, fixture->folder), 2);
    assert_int_equal(fixture_plot("/nonexistent", fixture->folder), 2);
    assert_int_equal(fixture_plot(SAMPLE, file), 2);
    assert_int_equal(fixture_report(SAMPLE, fixture->folder), 2);
    assert_int_equal(fixture_report(file, fixture_path(fixture, "a.html")), 2);
    assert_int_equal(fixture_report(SAMPLE, "/nonexistent/a.html"), 2);
    assert_false(fixture_exists(fixture_path(fixture, "a.html")));
}

/* What `plot --format ascii` prints, the caller's. */
static char *printed(const struct fixture *fixture, const char *record)
{
    char *argv[] = {"plot", (char *)record, "--format", "ascii", NULL};
    const char *path = fixture_path(fixture, "printed");
    size_t bytes;

    fflush(stdout);
    int screen = dup(STDOUT_FILENO);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(screen >= 0 && file >= 0);
    dup2(file, STDOUT_FILENO);
    int code = plot_command(4, argv);
    fflush(stdout);
    dup2(screen, STDOUT_FILENO);
    close(screen);
    close(file);
    assert_int_equal(code, 0);
    return fixture_read(path, &bytes);
}

static void a_terminal_gets_80_columns_of_text_without_colour(void **state)
{
    char *text = printed(*state, SAMPLES);
    size_t columns = 0;

    assert_non_null(strstr(text, "json_parse: How much faster"));
    assert_non_null(strstr(text, "# computing"));
    assert_null(strchr(text, '\x1b'));
    for (const char *at = text; *at != '\0'; at++) {
        columns =
            *at == '\n' ? 0 : columns + (((unsigned char)*at & 0xC0) != 0x80);
        assert_true(columns <= 80);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scripts_and_data_are_the_golden_ones,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_the_goal_asked_for_is_drawn,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            advice_in_an_open_loop_is_about_its_times, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(a_bound_below_what_was_measured_is_none,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_same_record_gives_the_same_bytes,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            without_gnuplot_scripts_are_written_and_the_code_is_2,
            fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_gnuplot_that_anybody_may_replace_is_not_run, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_terminal_gets_80_columns_of_text_without_colour, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(nothing_of_the_user_is_overwritten,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(bad_requests_end_with_code_2,
                                        fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
