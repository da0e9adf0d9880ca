/* SPDX-License-Identifier: MIT */
/* A task in a worker process gave back a future whose error nobody had read:
 * the host's handler is to hear of it, not this process's copy of that. */
#include <string.h>

#include "worker_executor.h"

#define TEXT_BYTES                                                             \
    ((CFI_WINDOW_BYTES - sizeof(struct cfi_unread)) / CFI_UNREAD_TEXTS)

/* As much of it as has its place. */
static size_t add(unsigned char *to, const char *text)
{
    size_t bytes = strnlen(text, TEXT_BYTES - 1);

    memcpy(to, text, bytes);
    to[bytes] = '\0';
    return bytes + 1;
}

void cfi_worker_tell_unread(void *state, const char *name,
                            const struct cf_error *error)
{
    struct cfi_worker_executor *own = state;
    const char *const texts[CFI_UNREAD_TEXTS] = {name, error->message,
                                                 error->file, error->backtrace};
    const struct cfi_unread unread = {.status = error->status,
                                      .code = error->code,
                                      .line = error->line,
                                      .signal = error->signal,
                                      .exit_code = error->exit_code,
                                      .is_out_of_memory =
                                          error->is_out_of_memory,
                                      .rung = error->rung,
                                      .pid = error->pid,
                                      .peak_bytes = error->peak_bytes,
                                      .fault_address = error->fault_address};
    struct cfi_question question = {.kind = CFI_ASK_UNREAD,
                                    .bytes = sizeof unread};

    struct cfi_window *window =
        cfi_worker_desk_begin(&own->desk, CFI_WINDOW_NOW);
    memcpy(window->bytes, &unread, sizeof unread);
    for (size_t i = 0; i < CFI_UNREAD_TEXTS; i++)
        question.bytes += add(window->bytes + question.bytes, texts[i]);
    (void)cfi_worker_desk_ask(&own->desk, CFI_WINDOW_NOW, &question);
    cfi_worker_desk_end(&own->desk, CFI_WINDOW_NOW);
}
