/* SPDX-License-Identifier: MIT */
#ifndef CFI_OUTCOME_H
#define CFI_OUTCOME_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/future.h>
#include <cf/status.h>

/* Why a task has no result; one block with its texts behind it. Beside a
 * result it holds the object that is the result. */
struct cfi_error {
    int code;
    int line;
    int signal;
    int exit_code;
    int64_t pid;
    enum cf_rung rung;      /* where it went further than the word tells */
    void *object;           /* the embedder's, beside a result too       */
    cf_destructor *destroy; /* called for it once; NULL: nothing to do   */
    const char *message;    /* into `texts` */
    const char *file;       /* into `texts` */
    char texts[];           /* message, NUL, file, NUL */
};

/*
 * How a task ended: its result's bytes (CF_OK), or an error (anything else;
 * NULL where the status says it all, or no memory was left for more).
 */
struct cfi_outcome {
    enum cf_status status;
    bool is_heap; /* `result` is to be freed */
    size_t result_bytes;
    void *result; /* NULL when empty */
    struct cfi_error *error;
};

/* An error block with copies of both texts (either may be NULL), everything
 * else zero. NULL without memory. Freed with free(). */
struct cfi_error *cfi_error_create(const char *message, const char *file);

/* Sets an error of `status`; a message is formatted from what follows. What
 * was there is dropped. Without memory the status alone stays. */
void cfi_outcome_fail(struct cfi_outcome *outcome, enum cf_status status,
                      int code, const char *format, ...) CF_PRINTF(4, 5);

/* Frees what it holds and makes it an empty CF_OK. */
void cfi_outcome_clear(struct cfi_outcome *outcome);

#endif
