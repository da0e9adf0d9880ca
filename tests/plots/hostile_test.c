/* SPDX-License-Identifier: MIT */
/*
 * A forged record whose every text is one label: each label tries to have a
 * shell make the file PWNED, by a route that is known to work where user text
 * becomes gnuplot script. The pictures must still come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "figure.h"
#include "fixture.h"
#include "gnuplot.h"

static const char *const labels[] = {
    "`touch PWNED`",
    "'; system('touch PWNED'); '",
    "\"; system(\"touch PWNED\"); \"",
    "x'\n!touch PWNED\nset title 'x",
    "<touch PWNED",
    "|touch PWNED",
    "$data\nEOD\n!touch PWNED\n\n\n1 2\n",
    "@system(\"touch PWNED\")",
    "x\\\n!touch PWNED",
    "{/Symbol a}_b^c %s %n %d ~ @ # \\\" \\` \\n",
    "<script>document.title='PWNED'</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>]]>--></style><!--",
    "\xE2\x80\xAE\xE2\x80\x8B\x1B[2J\x07",
};

/* Is there a file PWNED in any folder that gnuplot could have been in? */
static void assert_unharmed(const struct fixture *fixture)
{
    assert_false(fixture_exists(fixture_path(fixture, "PWNED")));
    assert_false(fixture_exists(fixture_path(fixture, "out/PWNED")));
    assert_false(fixture_exists("PWNED"));
}

static bool has_gnuplot(void)
{
    char path[PATH_MAX], why[256];

    return gnuplot_find(path, sizeof path, why, sizeof why);
}

static int when_drawn(void)
{
    return has_gnuplot() ? 0 : 2;
}

static void plot(const struct fixture *fixture, const char *label,
                 const char *formats)
{
    const char *record = fixture_path(fixture, "forged.json");

    fixture_forge(record, label);
    assert_int_equal(
        fixture_plot_as(record, fixture_path(fixture, "out"), formats),
        when_drawn());
    assert_unharmed(fixture);
}

/* The figures of a page are those of plot() in other sizes, so what differs is
 * the page. */
static void report(const struct fixture *fixture, const char *label)
{
    const char *record = fixture_path(fixture, "forged.json");

    fixture_forge(record, label);
    assert_int_equal(fixture_report(record, fixture_path(fixture, "page.html")),
                     when_drawn());
    assert_unharmed(fixture);
}

/* The user's own start-up files are a route as well. */
static int setup(void **state)
{
    int result = fixture_setup(state);
    const struct fixture *fixture = *state;

    if (result == 0) {
        setenv("HOME", fixture->folder, 1);
        setenv("GNUPLOT_LIB", fixture->folder, 1);
        fixture_write(fixture_path(fixture, ".gnuplot"),
                      "system(\"touch PWNED\")\n");
        result = chdir(fixture->folder);
    }
    return result;
}

static int teardown(void **state)
{
    return chdir("/") != 0 ? -1 : fixture_teardown(state);
}

/* A figure that is left out would try no label. (One is of records with two
 * sides; its rows are those of the forest.) */
static void every_figure_is_tried(void **state)
{
    const struct fixture *fixture = *state;
    char stem[PATH_MAX], path[PATH_MAX + 8];

    plot(fixture, "plain", "svg");
    for (size_t i = 0; figures[i] != NULL; i++) {
        if (strcmp(figures[i]->name, "versus") == 0)
            continue;
        snprintf(stem, sizeof stem, "out/%s-%d-plain", figures[i]->name,
                 figures[i]->is_of_lengths ? 2 : 1);
        if (figures[i]->is_of_lengths)
            strcat(stem, "-grain");
        snprintf(path, sizeof path, "%s.gp", stem);
        if (!fixture_exists(fixture_path(fixture, path)))
            fail_msg("%s is not drawn", path);
    }
}

static void no_label_reaches_a_shell(void **state)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        plot(*state, labels[i], "svg");
    plot(*state, labels[0], "png,pdf,ascii");
}

static void no_file_name_reaches_a_shell(void **state)
{
    const struct fixture *fixture = *state;
    char record[PATH_MAX], folder[PATH_MAX], page[PATH_MAX];

    snprintf(record, sizeof record, "%s/`touch PWNED`.json", fixture->folder);
    snprintf(folder, sizeof folder, "%s/'\n!touch PWNED\n\"", fixture->folder);
    snprintf(page, sizeof page, "%s/<`touch PWNED`>.html", fixture->folder);
    fixture_forge(record, "plain");
    assert_int_equal(fixture_plot_as(record, folder, "svg"), when_drawn());
    assert_int_equal(fixture_report(record, page), when_drawn());
    strcat(folder, "/PWNED");
    assert_false(fixture_exists(folder));
    assert_unharmed(fixture);
}

static void a_label_of_100000_characters_is_cut(void **state)
{
    enum { CHARS = 100000 };
    const struct fixture *fixture = *state;
    char *label = malloc(CHARS + 1);
    size_t bytes;

    assert_non_null(label);
    memset(label, '<', CHARS);
    label[CHARS] = '\0';
    report(fixture, label);
    char *page = fixture_read(fixture_path(fixture, "page.html"), &bytes);
    assert_true(bytes < 2000000);
    assert_null(strstr(page, "<<"));
    free(page);
    free(label);
}

static void a_page_holds_no_markup_of_a_label(void **state)
{
    const struct fixture *fixture = *state;
    size_t bytes;

    report(fixture, "<script>alert(1)</script>\"onload='x'");
    char *page = fixture_read(fixture_path(fixture, "page.html"), &bytes);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "\"onload"));
    assert_null(strstr(page, "='x'"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_figure_is_tried, setup, teardown),
        cmocka_unit_test_setup_teardown(no_label_reaches_a_shell, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_file_name_reaches_a_shell, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_label_of_100000_characters_is_cut,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_holds_no_markup_of_a_label,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
