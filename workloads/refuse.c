/* SPDX-License-Identifier: MIT */
/* One place where text of unknown origin becomes harmless for a terminal. */
#include "refuse.h"

#include <stdarg.h>
#include <stdio.h>

enum cf_status wl_refuse(char *why, size_t why_bytes, enum cf_status status,
                         const char *format, ...)
{
    va_list arguments;

    if (why_bytes == 0)
        return status;
    why[0] = '\0';
    va_start(arguments, format);
    vsnprintf(why, why_bytes, format, arguments);
    va_end(arguments);
    for (char *c = why; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return status;
}
