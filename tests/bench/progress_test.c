/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

/* What the bar writes to a terminal that is standard error; the reader's. */
static void read_bar(const char *label, char *text, size_t text_bytes)
{
    const struct progress_step step = {.label = label};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    int before = dup(STDERR_FILENO), end;
    struct progress *progress;
    ssize_t got;

    assert_true(terminal >= 0 && grantpt(terminal) == 0 &&
                unlockpt(terminal) == 0);
    end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(end >= 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    dup2(end, STDERR_FILENO);
    progress = progress_create(1, 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_has_nothing_that_a_terminal_obeys),
        cmocka_unit_test(a_label_is_cut_by_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
