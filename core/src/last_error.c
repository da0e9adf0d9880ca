/* SPDX-License-Identifier: MIT */
/* The text and errno behind the last failing call, one of each per thread:
 * the library prints nothing, so this is where a caller finds the reason. */
#include "last_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local struct cfi_noted last;

struct cfi_noted cfi_noted(void)
{
    return last;
}

void cfi_note_again(const struct cfi_noted *noted)
{
    last = *noted;
}

enum cf_status cfi_fail(enum cf_status status, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(last.text, sizeof last.text, format, list);
    va_end(list);
    last.status = status;
    last.system_errno = 0;
    return status;
}

enum cf_status cfi_fail_errno(enum cf_status status, const char *format, ...)
{
    int system_errno = errno;
    va_list list;

    va_start(list, format);
    int length = vsnprintf(last.text, sizeof last.text, format, list);
    va_end(list);
    if (length >= 0 && (size_t)length < sizeof last.text) {
        char words[128];
        snprintf(last.text + length, sizeof last.text - (size_t)length, ": %s",
                 strerror_r(system_errno, words, sizeof words));
    }
    last.status = status;
    last.system_errno = system_errno;
    return status;
}

enum cf_status cfi_fail_by_that(enum cf_status status, const char *what)
{
    struct cfi_noted that = last;

    cfi_fail(status, "%s: %s", what, that.text);
    last.system_errno = that.system_errno;
    return status;
}

struct cf_last_error cf_last_error(void)
{
    return (struct cf_last_error){last.status, last.system_errno, last.text};
}
