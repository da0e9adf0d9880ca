/* SPDX-License-Identifier: MIT */
#ifndef CFI_LAST_ERROR_H
#define CFI_LAST_ERROR_H

#include <cf/status.h>

/*
 * Notes why a call of this thread fails, for cf_last_error(); returns `status`
 * for `return cfi_fail(...)`. The text is one line without a full stop, cut
 * at 255 bytes. cfi_fail_errno() notes errno as well and adds its words.
 */
enum cf_status cfi_fail(enum cf_status status, const char *format, ...)
    CF_PRINTF(2, 3);
enum cf_status cfi_fail_errno(enum cf_status status, const char *format, ...)
    CF_PRINTF(2, 3);

/* For who fails since what is noted has: its text behind `what`, its errno. */
enum cf_status cfi_fail_by_that(enum cf_status status, const char *what);

/* What is noted, to be noted again after a call whose failure fails nothing. */
struct cfi_noted {
    enum cf_status status;
    int system_errno;
    char text[256];
};
struct cfi_noted cfi_noted(void);
void cfi_note_again(const struct cfi_noted *noted);

#endif
