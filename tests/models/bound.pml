/* SPDX-License-Identifier: MIT */
/*
 * A future that is bound to its entry: claim_entry(), claim_late(), unbind(),
 * confirm() and the end of future_bound.[ch] and future_end.h, and
 * cfi_future_state() of future_head.c, in core/src.
 *
 * A worker has the entry; two others cancel, one runs the task in a wait, one asks
 * for the state. The executor's word `unbound` may have been set before.
 *
 * Spin is sequentially consistent; so the worker has a store buffer here, as x86
 * has: STARTED waits there and gets to memory at any later time, and until then
 * nobody else sees it. A locked instruction empties it, the barrier does so from
 * outside.
 *
 * Claims
 *   safety    the task runs at most once, and never if it was cancelled; what was
 *             seen RUNNING, or could not be cancelled, is not cancelled later;
 *             it runs or is cancelled in the end (assert)
 *   liveness  everybody comes to an end: <> (finished == 5)
 *
 * holds: LOUD
 * broken: NO_BARRIER LATE_BARRIER DONE_FIRST LOOKS_FIRST UNCONFIRMED LATE_LOSES SAYS_RUNNING
 */
#define PENDING   0
#define RUNNING   1
#define CANCELLED 2
#define FINISHED  3

#define BEGUN 1
#define DONE  2

/* the head */
byte state;
bool bound = true, confirmed;

byte unbound;
bool started;  /* in memory */
bool buffered; /* in the worker's store buffer */

/* what is true, for the assertions */
byte runs, finished;
bool is_cancelled, is_running;

inline flush()
{
    d_step {
        if
        :: buffered -> started = true; buffered = false
        :: else
        fi
    }
}

active proctype processor()
{
end:
    do
    :: d_step { buffered -> started = true; buffered = false }
    od
}

inline barrier_all()
{
#ifdef NO_BARRIER
    skip
#else
    flush()
#endif
}

inline perform()
{
    atomic { runs++; assert(runs == 1 && !is_cancelled) }
}

inline finish()
{
#ifdef LOUD
    atomic { /* cfi_future_confirm() */
        flush();
        if
        :: bound -> bound = false; state = RUNNING
        :: else
        fi
    }
#endif
    atomic {
        flush();
        assert(bound || state == RUNNING);
        bound = false;
        state = FINISHED
    }
}

inline unbind()
{
    if
    :: unbound != DONE ->
#ifdef LATE_BARRIER
        barrier_all();
        unbound = BEGUN;
        unbound = DONE;
#elif defined DONE_FIRST
        unbound = DONE;
        barrier_all();
#else
        unbound = BEGUN;
        barrier_all();
        unbound = DONE;
#endif
    :: else
    fi;
#ifdef UNCONFIRMED
    has = false;
#else
    has = started;
#endif
    atomic {
        if
        :: bound ->
            bound = false;
            state = (has -> RUNNING : PENDING);
            confirmed = has
        :: else
        fi
    }
    has = false
}

proctype worker()
{
    bool mine;
    byte seen;

    if
    :: bound ->
#ifdef LOOKS_FIRST
        seen = unbound;
        buffered = true;
#else
        buffered = true;
        seen = unbound;
#endif
        if
        :: seen == 0 -> mine = true
        :: else ->
            atomic {
                flush();
                if
                :: bound -> bound = false; state = RUNNING; mine = true
                :: else
                fi
            }
#ifndef LATE_LOSES
            if
            :: !mine -> mine = confirmed
            :: else
            fi
#endif
        fi
    :: else
    fi;
    if
    :: !mine ->
        atomic {
            flush();
            if
            :: !bound && state == PENDING -> state = RUNNING; mine = true
            :: else
            fi
        }
    :: else
    fi;
    if
    :: mine -> perform(); finish()
    :: else
    fi;
    finished++
}

/* a step from PENDING to `to` */
inline step_to(to)
{
    do
    :: atomic { !bound && state == PENDING -> state = to; has_moved = true }
       break
    :: atomic { !bound && state != PENDING } break
    :: bound -> unbind()
    od
}

proctype canceller()
{
    bool has, has_moved;

    step_to(CANCELLED);
    atomic {
        if
        :: has_moved -> is_cancelled = true; assert(runs == 0 && !is_running)
        :: !has_moved && state != CANCELLED -> is_running = true;
           assert(!is_cancelled)
        :: else
        fi
    }
    finished++
}

proctype helper()
{
    bool has, has_moved;

    step_to(RUNNING);
    if
    :: has_moved -> perform(); finish()
    :: else
    fi;
    finished++
}

proctype reader()
{
    bool has, seen;

    seen = bound;
    if
    :: seen -> seen = started
    :: else
    fi;
    if
#ifdef SAYS_RUNNING
    :: seen -> is_running = true
#else
    :: seen && unbound == 0 -> is_running = true
    :: seen && unbound != 0 -> unbind()
#endif
    :: else
    fi;
    atomic {
        if
        :: !bound && state == RUNNING -> is_running = true
        :: else
        fi;
        assert(!is_running || !is_cancelled)
    }
    finished++
}

init {
    if
    :: unbound = 0
    :: unbound = DONE
    fi;
    atomic {
        run worker();
        run canceller();
        run canceller();
        run helper();
        run reader()
    }
    (finished == 5);
    assert(runs + is_cancelled == 1)
}

ltl everybody_comes_to_an_end { <> (finished == 5) }
