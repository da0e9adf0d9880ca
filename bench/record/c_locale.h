/* SPDX-License-Identifier: MIT */
#ifndef RECORD_C_LOCALE_H
#define RECORD_C_LOCALE_H

#include <locale.h>

/*
 * Numbers in files have a decimal point whatever the user's locale says:
 * between enter and leave this thread (and no other) prints and parses as in
 * the "C" locale. enter() returns what leave() puts back.
 */
locale_t c_locale_enter(void);
void c_locale_leave(locale_t before);

#endif
