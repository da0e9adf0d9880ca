/* SPDX-License-Identifier: MIT */
#ifndef CFI_LENT_H
#define CFI_LENT_H

#include <stdbool.h>

#include "future_impl.h"

/*
 * A large argument of a task that goes to a process is copied once, from where
 * its submitter has it into the memory of the worker that runs it:
 *
 *      lent     the submitter's still: until his submit() returns
 *      placed   in a worker's memory and nowhere else: there was a free worker,
 *               so it runs next, mostly
 *      kept     a copy in this process, as any other task has: nobody was idle,
 *               or it came back from a worker that has not started it
 *      lost     there was no memory for that copy: the task cannot be given
 *
 * A task with retries is not among them, since its next attempt is to have what
 * the first one had. Each call is the transport's, which keeps others away by
 * its lock, or knows the future alone as yet.
 */

/* What `call` (NULL: nothing) says, and that the argument is lent. */
struct cf_call cfi_lending(const struct cf_call *call);

bool cfi_argument_is_lent(const struct cf_future *future);
bool cfi_argument_is_placed(const struct cf_future *future);
bool cfi_argument_is_lost(const struct cf_future *future);

/* It is lent, and was copied to where the worker finds it, or nobody is to have
 * it any more. */
void cfi_argument_let_go(struct cf_future *future);

/* It is lent or placed: keeps a copy of what lies at `from`. False: it is lost
 * now. */
bool cfi_argument_keep(struct cf_future *future, const void *from);

#endif
