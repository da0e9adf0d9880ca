/* SPDX-License-Identifier: MIT */
#ifndef CFI_LAST_WORDS_H
#define CFI_LAST_WORDS_H

#include <stdatomic.h>
#include <stdint.h>

#include "code_address.h"

/* What a worker leaves in its region when a signal of its own making ends it.
 * The host believes none of it unchecked. */
#define CFI_MOST_FRAMES 32u

struct cfi_last_words {
    _Atomic uint32_t signal; /* 0: it said nothing; then comes the rest      */
    _Atomic uint32_t frame_count;
    uint64_t fault_address;
    struct cfi_code_address frames[CFI_MOST_FRAMES];
};

/* In a process that is to have workers, before the first: so that whoever dies
 * need not load what unwinds the stack. */
void cfi_last_words_prepare(void);

/* In a worker: from now on, `words` are written at such a death. Handlers that
 * are there already stay. */
void cfi_last_words_watch(struct cfi_last_words *words);

/* In the host: a text of one line for each frame, innermost first, on the heap;
 * NULL where there are none. */
char *cfi_last_words_trace(const struct cfi_last_words *words);

#endif
