/* SPDX-License-Identifier: MIT */
/*
 * A number is written in three steps: its size chooses a scale (a factor and
 * the unit that goes with it), the scaled size chooses the decimals, and both
 * then serve the estimate and the ends of its interval alike, so that the
 * three can be compared at a glance.
 */
#include "quantity.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

enum { NUMBER_BYTES = 24, DECIMALS_MAX = 5 };

struct scale {
    double factor;
    const char *unit; /* with the blank before it */
    int decimals;
};

/* Three digits, counted after rounding; two between 0.1 and 1. */
static int decimals_for(double scaled)
{
    if (scaled >= 99.95)
        return 0;
    if (scaled >= 9.995)
        return 1;
    if (scaled >= 0.0995 || !(scaled > DBL_MIN))
        return 2;
    return 2 - (int)floor(log10(scaled));
}

static struct scale scale_of_rate(double value)
{
    struct scale scale = {1, " /s", 0};

    if (value >= 9999.5e9)
        scale = (struct scale){1e-12, "T /s", 0};
    else if (value >= 9999.5e6)
        scale = (struct scale){1e-9, "G /s", 0};
    else if (value >= 9999.5e3)
        scale = (struct scale){1e-6, "M /s", 0};
    else if (value >= 9999.5)
        scale = (struct scale){1e-3, "k /s", 0};
    scale.decimals = decimals_for(value * scale.factor);
    return scale;
}

static struct scale scale_of_seconds(double value)
{
    struct scale scale = {1e9, " ns", 0};

    if (value >= 0.9995)
        scale = (struct scale){1, " s", 0};
    else if (value >= 0.9995e-3)
        scale = (struct scale){1e3, " ms", 0};
    else if (value >= 0.9995e-6)
        scale = (struct scale){1e6, " \302\265s", 0};
    scale.decimals = decimals_for(value * scale.factor);
    return scale;
}

/* A difference, which may be negative, has the scale of its size. */
static struct scale scale_of(enum quantity quantity, double value)
{
    double size = fabs(value);

    switch (quantity) {
    case QUANTITY_PERCENT:
        return (struct scale){100, " %", size < 0.0995 ? 1 : 0};
    case QUANTITY_RATE:
        return scale_of_rate(size);
    case QUANTITY_SECONDS:
        return scale_of_seconds(size);
    case QUANTITY_COUNT:
        return (struct scale){1, "", 0};
    case QUANTITY_RATIO:
        break;
    }
    return (struct scale){1, "x", decimals_for(size)};
}

/* Beyond all scales in powers of ten: not with hundreds of digits, nor with more
 * than an interval has room for on a terminal. Counts, which have no unit, are
 * whole as long as a double is. An end that is near 0 beside its estimate is
 * not 0. */
static const char *number(char text[NUMBER_BYTES], const struct scale *scale,
                          double value)
{
    double scaled = value * scale->factor;
    double most = scale->unit[0] == '\0' ? 0x1p53 : 1e6;
    bool is_lost =
        scaled != 0 && fabs(scaled) < 0.5 * pow(10, -scale->decimals);

    if (scale->decimals > DECIMALS_MAX || is_lost)
        snprintf(text, NUMBER_BYTES, "%.2g", scaled);
    else if (fabs(scaled) < most)
        snprintf(text, NUMBER_BYTES, "%.*f", scale->decimals, scaled);
    else
        snprintf(text, NUMBER_BYTES, "%.3g", scaled);
    return text;
}

void quantity_text(char *text, size_t text_bytes, enum quantity quantity,
                   double value)
{
    quantity_interval_text(text, text_bytes, quantity, value,
                           (const double[]){NAN, NAN});
}

void quantity_interval_text(char *text, size_t text_bytes,
                            enum quantity quantity, double estimate,
                            const double interval[2])
{
    struct scale scale = scale_of(quantity, estimate);

    char value[NUMBER_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES];

    if (!isfinite(estimate))
        snprintf(text, text_bytes, "-");
    else if (!isfinite(interval[0]) || !isfinite(interval[1]))
        snprintf(text, text_bytes, "%s%s", number(value, &scale, estimate),
                 scale.unit);
    else
        snprintf(text, text_bytes, "%s%s [%s, %s]",
                 number(value, &scale, estimate), scale.unit,
                 number(low, &scale, interval[0]),
                 number(high, &scale, interval[1]));
}
