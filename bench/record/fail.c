/* SPDX-License-Identifier: MIT */
/* One line about what failed: paths and file contents in it are untrusted. */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* So much of a path fits beside the reason. */
#define PATH_SHOWN 240

bool fail(struct record_error *error, const char *path, const char *format, ...)
{
    size_t length = strlen(path);
    bool is_long = length > PATH_SHOWN;
    size_t used;
    va_list arguments;

    if (error == NULL)
        return false;
    used = (size_t)snprintf(error->text, sizeof error->text,
                            "%s%s: ", is_long ? "..." : "",
                            is_long ? path + length - PATH_SHOWN : path);
    va_start(arguments, format);
    vsnprintf(error->text + used, sizeof error->text - used, format, arguments);
    va_end(arguments);
    utf8_clean(error->text);
    return false;
}
