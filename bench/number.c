/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing numbers. The program never calls setlocale(), so strtod()
 * and printf() mean a decimal point whatever the user's environment says.
 */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse(const char *text, int base, uint64_t *value)
{
    char *end;

    if (!isxdigit((unsigned char)text[0])) /* no sign, no blank */
        return false;
    errno = 0;
    *value = strtoull(text, &end, base);
    return errno == 0 && *end == '\0';
}

bool number_whole(const char *text, uint64_t minimum, uint64_t maximum,
                  uint64_t *value)
{
    uint64_t number;

    if (!parse(text, 10, &number) || number < minimum || number > maximum)
        return false;
    *value = number;
    return true;
}

bool number_seed(const char *text, uint64_t *value)
{
    if (strncmp(text, "0x", 2) == 0)
        return parse(text + 2, 16, value);
    return parse(text, 10, value);
}

bool number_positive(const char *text, double *number)
{
    char *end;
    double given;

    if (!isdigit((unsigned char)text[0]))
        return false;
    given = strtod(text, &end);
    if (*end != '\0' || !isfinite(given) || given <= 0)
        return false;
    *number = given;
    return true;
}

bool number_duration(const char *text, double *seconds)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1},      {"s", 1},  {"ms", 1e-3},
                 {"us", 1e-6}, {"m", 60}, {"h", 3600}};
    const double year_s = 366 * 86400.0;
    char *end;
    double number;

    if (!isdigit((unsigned char)text[0]))
        return false;
    number = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        number *= units[i].seconds;
        if (!isfinite(number) || number <= 0 || number > year_s)
            return false;
        *seconds = number;
        return true;
    }
    return false;
}

bool number_ratio(const char *text, double *ratio)
{
    char *end;
    double number;

    if (!isdigit((unsigned char)text[0]))
        return false;
    number = strtod(text, &end);
    if (strcmp(end, "%") == 0)
        number /= 100;
    else if (*end != '\0')
        return false;
    if (!(number > 0 && number <= 1))
        return false;
    *ratio = number;
    return true;
}

char *number_format_duration(double seconds, char text[16])
{
    unsigned whole;

    if (!(seconds >= 0) || seconds > 1e9)
        seconds = 0;
    whole = (unsigned)(seconds + 0.5);
    if (whole < 60)
        snprintf(text, 16, "%us", whole);
    else if (whole < 3600)
        snprintf(text, 16, "%um%02us", whole / 60, whole % 60);
    else
        snprintf(text, 16, "%uh%02um", whole / 3600, whole % 3600 / 60);
    return text;
}

char *number_format(double number, char text[16])
{
    if (!isfinite(number))
        snprintf(text, 16, "-");
    else if (number >= 99.95 && number < 1e7)
        snprintf(text, 16, "%.0f", number);
    else
        snprintf(text, 16, "%#.3g", number);
    return text;
}

char *number_format_decimals(double number, int decimals, char text[16])
{
    double size = fabs(number);

    if (size == 0 || (size >= 0.0995 && size < 1e6))
        snprintf(text, 16, "%.*f", decimals, number);
    else
        snprintf(text, 16, "%.3g", number);
    return text;
}
