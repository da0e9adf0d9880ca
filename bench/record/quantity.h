/* SPDX-License-Identifier: MIT */
#ifndef RECORD_QUANTITY_H
#define RECORD_QUANTITY_H

#include <stddef.h>

/*
 * Numbers as people read them: three or so significant digits and a unit that
 * fits. The same number is written the same way in a table, a sentence and a
 * tick. What is not finite is "-".
 */
enum quantity {
    QUANTITY_RATIO,   /* 1.97x */
    QUANTITY_PERCENT, /* of a ratio: 98 % */
    QUANTITY_RATE,    /* 412 /s, 12.3k /s */
    QUANTITY_SECONDS, /* 2.41 ms */
    QUANTITY_COUNT,   /* 12 */
};

/* Writes the value alone. */
void quantity_text(char *text, size_t text_bytes, enum quantity quantity,
                   double value);

/* Writes the estimate and its interval, "1.97x [1.95, 1.98]", in one unit;
 * without the interval where it is unknown. */
void quantity_interval_text(char *text, size_t text_bytes,
                            enum quantity quantity, double estimate,
                            const double interval[2]);

#endif
