/* SPDX-License-Identifier: MIT */
#include "document_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char path[512];
struct record_error error;

int fresh_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch("out.json"));
    unlink(path);
    memset(&error, 0, sizeof error);
    return 0;
}

void assert_one_line(void)
{
    assert_true(error.text[0] != '\0');
    assert_null(strchr(error.text, '\n'));
    assert_non_null(strstr(error.text, "out.json: "));
}
