/* SPDX-License-Identifier: MIT */
/*
 * A task that another one ran inside its wait is counted out by a plain store,
 * and who waits for the last one is not looked for: the outer task is still in.
 * Meanwhile that may be written off. cfi_worker_count_out() of
 * core/src/future_end.h, cfi_future_write_off() of future.c, await() of join.c
 * and cfi_executor_leave() of admission.c.
 *
 * A worker in the outer task ends the inner one, then goes on for ever (LATER:
 * ends the outer one too, if nobody wrote it off). A timekeeper may write the
 * outer one off, a joiner waits until all have left.
 *
 * Spin is sequentially consistent; the worker has a store buffer here, as x86
 * has: its plain store waits there, gets to memory at any later time, and its
 * own locked instructions and the barrier in all threads empty it.
 *
 * Claims
 *   safety    the joiner does not return before both have left (assert); it
 *             does not sleep for ever (no invalid end state)
 *   liveness  it returns: <> has_returned
 *
 * holds: LATER
 * broken: NO_BARRIER NO_LOOK LOOKS_FIRST EARLY_BARRIER
 */
#define IN 2 /* both are */

byte left;              /* in memory                                    */
bool is_buffered;       /* the inner one's leaving is in the store buffer */
bool has_inner_ended;
byte outer = 0;         /* 0 in, 1 it has gone, 2 it was written off    */
bool is_written_off;    /* as the worker can see it                     */

bool awaiting, is_raised, is_asleep;
bool has_returned;

inline flush()
{
    d_step {
        if
        :: is_buffered -> left++; is_buffered = false
        :: else
        fi
    }
}

active proctype store_buffer()
{
end:
    do
    :: d_step { is_buffered -> left++; is_buffered = false }
    od
}

/* who counts out looks whether somebody waits for the last */
inline look()
{
    if
    :: awaiting && left == IN ->
       atomic { is_raised = true; is_asleep = false }
    :: else
    fi
}

active proctype worker()
{
    bool seen;

    has_inner_ended = true;
#ifdef LOOKS_FIRST
    seen = is_written_off;
    is_buffered = true;
#else
    is_buffered = true; /* a plain store */
    seen = is_written_off;
#endif
#ifndef NO_LOOK
    if
    :: seen -> flush(); look() /* a sequentially consistent store comes first */
    :: else
    fi;
#endif
#ifdef LATER
    /* who ends a task moves its state in one step, as who writes it off */
    if
    :: atomic { outer == 0 -> outer = 1 }
       flush(); left++; look()
    :: outer == 2
    fi
#endif
}

active proctype timekeeper()
{
    if
    :: atomic { outer == 0 -> outer = 2 }
#ifdef EARLY_BARRIER
       flush();
#endif
       is_written_off = true;
#if !defined NO_BARRIER && !defined EARLY_BARRIER
       flush();
#endif
       left++;
       look()
#ifdef LATER
    :: outer == 1
#endif
    fi
}

active proctype joiner()
{
    awaiting = true;
    do
    :: left == IN -> break
    :: else ->
       is_raised = false; /* prepare(): a later raise is seen */
       if
       :: left == IN -> break
       :: else ->
          atomic {
              if
              :: !is_raised -> is_asleep = true
              :: else
              fi
          }
          !is_asleep
       fi
    od;
    assert(has_inner_ended && outer != 0);
    has_returned = true
}

ltl returns { <> has_returned }
