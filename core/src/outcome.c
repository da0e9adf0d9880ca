/* SPDX-License-Identifier: MIT */
/* How a task ended, as plain data: the same whether the task ran in a thread
 * or its outcome came through a ring from a worker process. */
#include "outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"

struct cfi_error *cfi_error_create(const char *message, const char *file)
{
    if (message == NULL)
        message = "";
    if (file == NULL)
        file = "";
    size_t message_bytes = strlen(message) + 1, file_bytes = strlen(file) + 1;
    struct cfi_error *error =
        calloc(1, sizeof *error + message_bytes + file_bytes);
    if (error == NULL)
        return NULL;
    error->message = memcpy(error->texts, message, message_bytes);
    error->file = memcpy(error->texts + message_bytes, file, file_bytes);
    return error;
}

void cfi_error_destroy(struct cfi_error *error)
{
    if (error == NULL)
        return;
    if (error->destroy != NULL)
        error->destroy(error->object);
    free(error->backtrace);
    free(error);
}

void cfi_outcome_clear(struct cfi_outcome *outcome)
{
    struct cfi_error *error = cfi_outcome_error(outcome);

    if (outcome->is_heap)
        cfi_heap_give(outcome->result);
    cfi_error_destroy(error);
    *outcome = (struct cfi_outcome){.status = CF_OK};
}

void cfi_outcome_fail(struct cfi_outcome *outcome, enum cf_status status,
                      int code, const char *format, ...)
{
    char message[256];
    va_list list;

    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    cfi_outcome_clear(outcome);
    outcome->status = status;
    outcome->error = cfi_error_create(message, NULL);
    if (outcome->error != NULL)
        outcome->error->code = code;
}
