/* SPDX-License-Identifier: MIT */
#ifndef CFI_TALLY_H
#define CFI_TALLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cf_executor;

/* How tasks end. */
enum cfi_ending {
    CFI_SUCCEEDED,
    CFI_FAILED,
    CFI_EXPIRED,
    CFI_STOPPED,
    CFI_CRASHED,
    CFI_CANCELLED,
    CFI_BROKEN,
    CFI_WAYS_TO_END,
    CFI_UNREAD = CFI_WAYS_TO_END, /* besides one of those above   */
    CFI_RETRIED,                  /* an attempt that was not the last */
    CFI_ENDINGS,
};

/*
 * What becomes of an executor's tasks, counted where it happens: a worker has
 * a tally of its own, other threads share a few. `entered` and `left` only
 * ever grow; what is wanted are sums and differences, see tally.c.
 */
struct cfi_tally {
    _Alignas(64) _Atomic uint64_t entered[2]; /* counted in, by epoch        */
    _Atomic uint64_t left[2];                 /* of these, all over          */
    _Atomic uint64_t ended[CFI_ENDINGS];      /* of these, with an outcome   */
    _Atomic uint64_t refused;                 /* of these, never queued      */
    struct cfi_tally *next; /* a worker's: set before it is in the list */
};

enum { CFI_OUTSIDE_TALLIES = 8 };

extern _Thread_local uint32_t cfi_own_slot; /* one higher; 0: not known yet */
uint32_t cfi_thread_slot_first(void);

/* A number for this thread, below 8: threads made one after the other get one
 * after the other. */
static inline uint32_t cfi_thread_slot(void)
{
    return cfi_own_slot != 0 ? cfi_own_slot - 1 : cfi_thread_slot_first();
}

/* Has a worker's tally counted; it lives as long as the executor. */
void cfi_tally_add(struct cf_executor *executor, struct cfi_tally *tally);

/* `count` tasks come in, by the epoch; have ended, and after all not; were
 * refused; are over. */
void cfi_tally_enter(struct cf_executor *executor, size_t count,
                     uint32_t epoch);
void cfi_tally_end(struct cf_executor *executor, enum cfi_ending ending);
void cfi_tally_unend(struct cf_executor *executor, enum cfi_ending ending);
void cfi_tally_refuse(struct cf_executor *executor, size_t count);
void cfi_tally_leave(struct cf_executor *executor, size_t count,
                     uint32_t epoch);

/* One task of a worker with this tally is over. Not ordered before what the
 * worker reads next, as leave() is: a leave() of none has that made good. */
void cfi_tally_leave_unseen(struct cfi_tally *tally, uint32_t epoch);

/* Have all that entered in this epoch left again? True: at some moment during
 * the call, all had. */
bool cfi_tally_is_level(const struct cf_executor *executor, uint32_t epoch);

/* Tasks that entered and have no outcome yet; how many ended in which way; how
 * many were accepted. */
uint64_t cfi_tally_unfinished(const struct cf_executor *executor);
uint64_t cfi_tally_ended(const struct cf_executor *executor,
                         enum cfi_ending ending);
uint64_t cfi_tally_accepted(const struct cf_executor *executor);

#endif
