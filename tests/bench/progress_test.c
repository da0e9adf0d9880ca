/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"

/* What the bar writes to a terminal that is standard error; the reader's. With
 * 0 columns it does not tell its width. */
static void read_bar_within(unsigned short columns, const char *label,
                            char *text, size_t text_bytes)
{
    const struct winsize size = {.ws_row = 24, .ws_col = columns};
    const struct progress_step step = {.label = label};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    int before = dup(STDERR_FILENO), end;
    struct progress *progress;
    ssize_t got;

    assert_true(terminal >= 0 && grantpt(terminal) == 0 &&
                unlockpt(terminal) == 0);
    end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(end >= 0);
    assert_int_equal(ioctl(end, TIOCSWINSZ, &size), 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    dup2(end, STDERR_FILENO);
    progress = progress_create(1, 1, INFINITY);
    progress_start(progress, &step);
    got = read(terminal, text, text_bytes - 1);
    progress_destroy(progress);
    dup2(before, STDERR_FILENO);
    close(end);
    close(before);
    close(terminal);
    assert_true(got > 0);
    text[got] = '\0';
}

static void read_bar(const char *label, char *text, size_t text_bytes)
{
    read_bar_within(0, label, text, text_bytes);
}

/* The last column is left free: some terminals wrap there. */
static void no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    for (unsigned short columns = 1; columns <= 100; columns++) {
        char bar[1024], *end;

        read_bar_within(columns, "sleep thread 4", bar, sizeof bar);
        assert_true(bar[0] == '\r');
        end = strchr(bar, '\033');
        assert_non_null(end);
        assert_true(end - bar - 1 < columns);
        if (columns == 20)
            assert_true(strncmp(bar, "\r  0%  block 1/1  sl\033", 21) == 0);
    }
}

static void a_label_has_nothing_that_a_terminal_obeys(void **state)
{
    char bar[1024];

    (void)state;
    read_bar("cmd:\033[31mEVIL\xc2\x9b thread 4", bar, sizeof bar);
    assert_non_null(strstr(bar, "cmd:?[31mEVIL? thread 4 "));
    assert_null(strstr(bar, "\033[31m"));
}

static void a_label_is_cut_by_characters(void **state)
{
    char bar[1024];

    (void)state;
    read_bar(
        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 23456789012345678\xc3\xa9\xc3\xa9"
        "5",
        bar, sizeof bar);
    assert_non_null(strstr(bar, " 23456789012345678\xc3\xa9\xc3\xa9 "));
}

/* Ten blocks of two cases; what is said, without a terminal, after the first,
 * in which each sample took 5 s. */
static void read_first_line(double budget_s, bool are_given_up, char *text,
                            size_t text_bytes)
{
    struct progress *progress = progress_create(2, 10, budget_s);
    int before = dup(STDERR_FILENO), ends[2];
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    for (size_t i = 0; i < 20; i++)
        progress_expect(progress, i % 2);
    for (size_t i = 0; i < 2; i++) {
        const struct progress_step step = {.case_index = i, .label = "case"};

        progress_start(progress, &step);
        progress_end(progress, &step, 5);
        if (are_given_up)
            progress_give_up(progress, i);
        else
            progress_measured(progress, i, 5);
    }
    progress_block(progress, 0);
    progress_destroy(progress);
    got = read(ends[0], text, text_bytes - 1);
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[0]);
    close(ends[1]);
    assert_true(got > 0);
    text[got] = '\0';
}

static void the_time_left_is_within_the_budget(void **state)
{
    char line[200];

    (void)state;
    read_first_line(INFINITY, false, line, sizeof line);
    assert_string_equal(line, "block 1 of 10 done, 10s so far, 1m30s left\n");
    read_first_line(25, false, line, sizeof line);
    assert_string_equal(line, "block 1 of 10 done, 10s so far, 15s left\n");
    read_first_line(8, false, line, sizeof line);
    assert_string_equal(line, "block 1 of 10 done, 10s so far, 0s left\n");
}

static void where_every_case_failed_nothing_is_precise(void **state)
{
    char line[200];

    (void)state;
    read_first_line(INFINITY, true, line, sizeof line);
    assert_string_equal(line, "block 1 of 10 done, 10s so far, 0s left\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(a_label_has_nothing_that_a_terminal_obeys),
        cmocka_unit_test(a_label_is_cut_by_characters),
        cmocka_unit_test(the_time_left_is_within_the_budget),
        cmocka_unit_test(where_every_case_failed_nothing_is_precise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
