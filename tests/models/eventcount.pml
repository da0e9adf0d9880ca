/* SPDX-License-Identifier: MIT */
/*
 * Sleeping without a lost wake: two sleepers, two notifiers, two entries each.
 *
 * Mirrors core/src/eventcount.h function by function; what the sleepers do is
 * wait_for_work() of pool.c: prepare, look, then cancel or wait. With BELL the
 * notifiers look before they raise, as cfi_seat_ring() of bell.h does.
 *
 * Claims
 *   safety    nobody sleeps for ever (no invalid end state); who has left is
 *             counted out, so that a later notify costs no system call (assert)
 *   liveness  every entry is taken: <> (taken == 4)
 *
 * With LEAVES one sleeper goes away instead, at any time and without having
 * looked again, as an interrupted wait does: the wake of one that it may have
 * got is lost to the other. So it has to pass it on (LEAVES_AND_PASSES_ON).
 *
 * holds: BELL LEAVES_AND_PASSES_ON
 * broken: NO_SECOND_LOOK LATE_PREPARE NO_RAISE LEAVES
 *
 * The futex: sleeps only if the word still is what was seen, in one step. One
 * return for no reason is thrown in. Everything is sequentially consistent, as
 * it is in the code.
 */
#ifdef LEAVES_AND_PASSES_ON
#define LEAVES
#endif
#ifdef LEAVES
#define SLEEPERS 1
#else
#define SLEEPERS 2
#endif
#define EACH  2 /* entries that a notifier makes */
#define WANTS (2 * EACH / SLEEPERS)

byte epoch, sleepers;  /* struct cfi_eventcount   */
byte entries, taken;   /* the condition           */
byte has_left;
bool is_asleep[2];     /* the kernel's, per thread */
byte reasonless = 1;   /* returns for no reason    */

inline futex_wait(key)
{
    atomic {
        if
        :: epoch == key -> is_asleep[_pid] = true
        :: else
        fi
    }
    if
    :: !is_asleep[_pid]
    :: atomic { is_asleep[_pid] && reasonless > 0 ->
                reasonless--; is_asleep[_pid] = false }
    fi
}

inline futex_wake_one()
{
    atomic {
        if
        :: is_asleep[0] -> is_asleep[0] = false
        :: is_asleep[1] -> is_asleep[1] = false
        :: !is_asleep[0] && !is_asleep[1]
        fi
    }
}

inline notify()
{
#ifdef BELL
    if
    :: sleepers == 0
    :: else -> epoch++; futex_wake_one()
    fi
#else
#ifndef NO_RAISE
    epoch++;
#endif
    if
    :: sleepers == 0
    :: else -> futex_wake_one()
    fi
#endif
}

inline look()
{
    atomic {
        has = entries > 0;
        if
        :: has -> entries--; taken++
        :: else
        fi
    }
}

active [SLEEPERS] proctype sleeper() /* _pid 0, and 1 */
{
    byte key, had;
    bool has;

    do
    :: had == WANTS -> break
    :: else ->
#ifdef LATE_PREPARE
        look();
        sleepers++; key = epoch;
#else
        sleepers++; key = epoch; /* prepare */
#ifdef NO_SECOND_LOOK
        has = false;
#else
        look();
#endif
#endif
        if
        :: has -> had++
        :: else -> futex_wait(key)
        fi;
        sleepers--; /* cancel, or the end of wait */
#ifdef NO_SECOND_LOOK
        look();
        if
        :: has -> had++
        :: else
        fi
#endif
        key = 0 /* dead: fewer states */
    od;
    has_left++;
    assert(has_left < 2 || sleepers == 0)
}

#ifdef LEAVES
active proctype leaver() /* _pid 1 */
{
    byte key;

    sleepers++; key = epoch;
    atomic {
        if
        :: epoch == key -> is_asleep[1] = true
        :: else
        fi
    }
    if
    :: !is_asleep[1]
    :: atomic { is_asleep[1] -> is_asleep[1] = false } /* interrupted */
    fi;
    sleepers--;
#ifdef LEAVES_AND_PASSES_ON
    notify();
#endif
    has_left++
}
#endif

active [2] proctype notifier()
{
    byte made;

    do
    :: made == EACH -> break
    :: else -> atomic { entries++; made++ }; notify()
    od
}

ltl every_entry_is_taken { <> (taken == 2 * EACH) }
