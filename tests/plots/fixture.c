/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plots.h"

int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    if (fixture == NULL)
        return -1;
    strcpy(fixture->folder, "/tmp/cfbench-plots-XXXXXX");
    *state = fixture;
    return mkdtemp(fixture->folder) == NULL ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *status, int flag,
                      struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    int result = nftw(fixture->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);

    free(fixture);
    return result;
}

const char *fixture_path(const struct fixture *fixture, const char *name)
{
    static char paths[4][PATH_MAX];
    static size_t turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", fixture->folder, name);
    return path;
}

char *fixture_read(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "re");
    char *content = NULL;

    assert_non_null(file);
    *bytes = 0;
    FILE *memory = open_memstream(&content, bytes);
    assert_non_null(memory);
    for (int c; (c = getc(file)) != EOF;)
        putc(c, memory);
    fclose(file);
    fclose(memory);
    return content;
}

void fixture_write(const char *path, const char *content)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(content, file);
    assert_int_equal(fclose(file), 0);
}

bool fixture_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void put_json(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\')
            fprintf(out, "\\u%04x", (unsigned char)*text);
        else
            putc(*text, out);
}

void fixture_forge(const char *path, const char *label)
{
    static const char mark[] = "LABEL";
    size_t bytes;
    char *content = fixture_read(PLOTS_TEST_FOLDER "/hostile.json", &bytes);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    const char *rest = content;
    for (const char *at; (at = strstr(rest, mark)) != NULL;
         rest = at + sizeof mark - 1) {
        fwrite(rest, 1, (size_t)(at - rest), file);
        put_json(file, label);
    }
    fputs(rest, file);
    assert_int_equal(fclose(file), 0);
    free(content);
}

int fixture_plot(const char *input, const char *folder)
{
    char *argv[] = {"plot", (char *)input, "-o", (char *)folder, NULL};

    return plot_command(4, argv);
}

int fixture_plot_as(const char *input, const char *folder, const char *formats)
{
    char *argv[] = {"plot",     (char *)input,   "-o", (char *)folder,
                    "--format", (char *)formats, NULL};

    return plot_command(6, argv);
}

int fixture_report(const char *input, const char *output)
{
    char *argv[] = {"report", (char *)input, "-o", (char *)output, NULL};

    return report_command(4, argv);
}
