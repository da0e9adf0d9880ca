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
    int64_t peak_bytes;
    uint64_t fault_address;
    bool is_out_of_memory;
    enum cf_rung rung;      /* where it went further than the word tells */
    void *object;           /* the embedder's, beside a result too       */
    cf_destructor *destroy; /* called for it once; NULL: nothing to do   */
    const char *message;    /* into `texts` */
    const char *file;       /* into `texts` */
    char *backtrace;        /* on the heap, NULL: none */
    char texts[];           /* message, NUL, file, NUL */
};

/*
 * How a task ended: its result's bytes (CF_OK), or an error (anything else;
 * NULL where the status says it all, or no memory was left for more). In 16
 * bytes, since every future has one; a result has less than 2^48.
 */
struct cfi_outcome {
    union {
        void *result;            /* CF_OK; when empty, room or NULL */
        struct cfi_error *error; /* any other status, and an object */
    };
    uint64_t result_bytes : 48;
    enum cf_status status : 8;
    bool is_heap : 1;   /* `result` is to be freed */
    bool is_object : 1; /* the result is what `error` holds */
};

/* Gives an empty outcome a result. */
static inline void cfi_outcome_set(struct cfi_outcome *outcome, void *result,
                                   size_t result_bytes, bool is_heap)
{
    *outcome = (struct cfi_outcome){
        .result = result,
        .result_bytes = result_bytes & (((uint64_t)1 << 48) - 1),
        .status = CF_OK,
        .is_heap = is_heap,
    };
}

static inline void cfi_outcome_set_object(struct cfi_outcome *outcome,
                                          struct cfi_error *holder)
{
    outcome->error = holder;
    outcome->is_object = true;
}

/* What an outcome that is CF_OK has for a result; NULL when empty. */
static inline void *cfi_outcome_result(const struct cfi_outcome *outcome)
{
    if (outcome->is_object)
        return outcome->error->object;
    return outcome->result_bytes > 0 ? outcome->result : NULL;
}

/* Why it has no result, if that is known; or what holds an object. */
static inline struct cfi_error *
cfi_outcome_error(const struct cfi_outcome *outcome)
{
    return outcome->status != CF_OK || outcome->is_object ? outcome->error
                                                          : NULL;
}

/* An error block with copies of both texts (either may be NULL), everything
 * else zero. NULL without memory. destroy() takes NULL. */
struct cfi_error *cfi_error_create(const char *message, const char *file);
void cfi_error_destroy(struct cfi_error *error);

/* Sets an error of `status`; a message is formatted from what follows. What
 * was there is dropped. Without memory the status alone stays. */
void cfi_outcome_fail(struct cfi_outcome *outcome, enum cf_status status,
                      int code, const char *format, ...) CF_PRINTF(4, 5);

/* Frees what it holds and makes it an empty CF_OK. The second is for one that
 * mostly is. */
void cfi_outcome_clear(struct cfi_outcome *outcome);
static inline void cfi_outcome_empty(struct cfi_outcome *outcome)
{
    if (outcome->result != NULL || outcome->status != CF_OK)
        cfi_outcome_clear(outcome);
}

#endif
