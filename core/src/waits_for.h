/* SPDX-License-Identifier: MIT */
#ifndef CFI_WAITS_FOR_H
#define CFI_WAITS_FOR_H

#include <stdbool.h>

#include "future_impl.h"

/*
 * Who waits for whom, among tasks: before a task falls asleep on a future for
 * ever, the chain from that future on is walked, and a wait that would close a
 * circle is refused.
 *
 * begin(): notes that the task which this thread runs waits for `future`;
 * false where that could never end (nothing is noted then, and cf_last_error()
 * names the circle). end() takes the note back. Both do nothing in a thread
 * that runs no task.
 */
bool cfi_waits_for_begin(struct cf_future *future);
void cfi_waits_for_end(void);

/* The same for a task that runs in another process and its future here; for
 * the host of that process. */
bool cfi_waits_for_note(struct cf_future *own, struct cf_future *future);
void cfi_waits_for_forget(struct cf_future *own);

/* In a forked child: the graph is empty, and its lock free. */
void cfi_waits_for_after_fork(void);

/* A task that runs another inside its wait; on the stack of who does. It is
 * noted only if the inner one falls asleep. */
struct cfi_help {
    struct cfi_help *up;
    struct cf_future *outer; /* NULL: no task */
    struct cf_future *inner;
    bool is_noted;
};

/* `outer`: the task of this thread, before it begins `inner`. */
static inline void cfi_help_begin(struct cfi_help *help,
                                  struct cfi_worker *worker,
                                  struct cf_future *outer,
                                  struct cf_future *inner)
{
    *help = (struct cfi_help){
        .up = worker->helping, .outer = outer, .inner = inner};
    worker->helping = help;
}

void cfi_help_forget(const struct cfi_help *help);

static inline void cfi_help_end(const struct cfi_help *help,
                                struct cfi_worker *worker)
{
    worker->helping = help->up;
    if (help->is_noted && help->outer != NULL)
        cfi_help_forget(help);
}

#endif
