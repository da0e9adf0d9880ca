/* SPDX-License-Identifier: MIT */
/*
 * Writes the report of a forged record to the path in its argument, for a
 * browser to look at: every text tries to become markup.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"

static const char label[] =
    "</title><script>document.title='PWNED';console.log(1)</script>"
    "<img src=http://127.0.0.1:9/x onerror=alert(1)>\" onload=\"alert(1)";

int main(int argc, char **argv)
{
    char record[PATH_MAX];

    if (argc != 2)
        return 1;
    snprintf(record, sizeof record, "%s.json", argv[1]);
    fixture_forge(record, label);
    return fixture_report(record, argv[1]);
}
