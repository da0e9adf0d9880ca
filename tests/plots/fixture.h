/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PLOTS_FIXTURE_H
#define TESTS_PLOTS_FIXTURE_H

/* What the tests of plots share: a folder of their own, files in it, and a
 * record in which every text is a label of the test's choice. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct fixture {
    char folder[PATH_MAX / 4];
};

/* cmocka's setup and teardown: a new folder in *state, and its end. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* PATH of a file in the folder; lent until the next call but three. */
const char *fixture_path(const struct fixture *fixture, const char *name);

/* A file's content with a NUL behind it, the caller's to free; fails the test
 * where there is none. */
char *fixture_read(const char *path, size_t *bytes);
void fixture_write(const char *path, const char *content);
bool fixture_exists(const char *path);

/* Writes hostile.json with `label` in place of every text to `path`. */
void fixture_forge(const char *path, const char *label);

/* Run a command of cfbench: "plot" or "report". */
int fixture_plot(const char *input, const char *folder);
int fixture_plot_as(const char *input, const char *folder, const char *formats);
int fixture_report(const char *input, const char *output);

#endif
