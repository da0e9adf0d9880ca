/* SPDX-License-Identifier: MIT */
#ifndef CFI_CHAOS_H
#define CFI_CHAOS_H

#include <stdint.h>

/*
 * Points between whose two sides another process may do, see or die in
 * anything. In the library they are nothing. In a build for tests (CFI_CHAOS)
 * a plan may delay whoever passes one, and kill a worker there: see
 * tests/core/process/chaos_plan.h.
 */
enum cfi_chaos_point {
    /* --- in a worker, in the order of a task's cycle --- */
    CFI_CHAOS_FOUND,     /* a request is there                      */
    CFI_CHAOS_CLAIMED,   /* it is RUNNING                           */
    CFI_CHAOS_RAN,       /* its function has returned               */
    CFI_CHAOS_PLACED,    /* its payload lies where it stays         */
    CFI_CHAOS_REPORTED,  /* all but the commit                      */
    CFI_CHAOS_COMMITTED, /* the answer counts                       */
    CFI_CHAOS_RUNG,      /* the host may have been told             */
    CFI_CHAOS_DOZING,    /* it has said that it sleeps, and does not */
    /* --- in a worker, amid a task --- */
    CFI_CHAOS_ASKING, /* a question for the host is filled in    */
    CFI_CHAOS_ASKED,  /* it counts, and nobody has been woken    */
    CFI_CHAOS_TOLD,   /* it was answered                         */
    /* --- in the host --- */
    CFI_CHAOS_SENDING,   /* the slot is full, its word not stored    */
    CFI_CHAOS_SENT,      /* it is, and nobody has been woken         */
    CFI_CHAOS_READING,   /* an answer was seen, and not copied       */
    CFI_CHAOS_RECALLING, /* what waits is to be taken back, since the
                            worker's task is to be ended             */
    /* --- in the zygote --- */
    CFI_CHAOS_FORKED, /* there is a worker, and the host not told   */
    CFI_CHAOS_DEAD,   /* one is dead and not reaped                 */
    CFI_CHAOS_POINTS
};

#ifdef CFI_CHAOS
void cfi_chaos(enum cfi_chaos_point point);
/* This process is a worker now. */
void cfi_chaos_be_worker(uint32_t worker, uint32_t generation);
#else
static inline void cfi_chaos(enum cfi_chaos_point point)
{
    (void)point;
}
static inline void cfi_chaos_be_worker(uint32_t worker, uint32_t generation)
{
    (void)worker;
    (void)generation;
}
#endif

#endif
