/* SPDX-License-Identifier: MIT */
/*
 * The C locale for one thread: setlocale() would change it under the feet of
 * all others. glibc's "C" locale is a constant object, so newlocale() neither
 * allocates nor fails for it; were it to fail, the locale stays as it is.
 */
#include "c_locale.h"

locale_t c_locale_enter(void)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    return uselocale(c);
}

void c_locale_leave(locale_t before)
{
    locale_t c = uselocale(before);

    if (c != before && c != LC_GLOBAL_LOCALE)
        freelocale(c);
}
