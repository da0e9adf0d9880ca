/* SPDX-License-Identifier: MIT */
/*
 * Who may come in, and when all are gone: two submitters with one task
 * each, two joins, all at once. With SHUTDOWN a join and a shutdown.
 *
 * Mirrors core/src/admission.[ch]: cfi_executor_knock(), cfi_executor_leave(),
 * cfi_executor_close(), and join.c: is_past(), await(), turn(), await_past(),
 * begin_join(), end_join(), cfi_executor_await_all(). There are three epochs,
 * enough for two joins; with TWO_EPOCHS one has to wait before it turns. The
 * eventcounts are those of eventcount.pml; a sleeper's key
 * is a flag here: was the epoch raised since it prepared? Pools: shutdown.pml.
 *
 * Claims
 *   safety    a join leaves nothing behind whose submit had returned before the
 *             join began; when shutdown has returned no accepted task is left,
 *             and none is accepted any more (assert); nobody sleeps for ever
 *             (no invalid end state)
 *   liveness  joins and shutdown return: <> (returned == 2)
 *
 * holds: SHUTDOWN TWO_EPOCHS
 * broken: LOOK_BEFORE_COUNT TURNS_TO_ANY LEAVES_ONE_OUT ENDS_SILENTLY COUNTS_OUT_SILENTLY
 */
#define TASKS 2

#if defined TURNS_TO_ANY || defined ENDS_SILENTLY
#define TWO_EPOCHS
#endif
#ifdef TWO_EPOCHS
#define EPOCHS 2
#else
#define EPOCHS 3
#endif

#ifdef LOOK_BEFORE_COUNT
#define SHUTDOWN
#endif
#ifdef SHUTDOWN
#define JOINS 1
#else
#define JOINS 2
#endif

mtype = { ABSENT, OPEN, ENDED };

bool closed, has_shut_down;
byte open[EPOCHS], turned[EPOCHS], epoch;
bool is_joining;
byte returned;

mtype task[TASKS] = ABSENT;
byte task_epoch[TASKS];
bool has_returned[TASKS]; /* its submit */

/* --- all_ended: joins and the shutdown sleep on it --- */
bool all_counts[2], all_is_raised[2], all_sleeps[2];

/* --- join_ended: joins alone --- */
bool join_counts[2], join_is_raised[2], join_sleeps[2];

#define me (_pid) /* joins 0 and 1, or a join 0 and the shutdown 1 */

inline sleep_on(is_raised, sleeps)
{
    atomic {
        if
        :: !is_raised -> sleeps = true
        :: else
        fi
    }
    !sleeps
}

inline count_out(at)
{
    atomic { open[at]--; is_zero = open[at] == 0 }
#ifndef COUNTS_OUT_SILENTLY
    if
    :: is_zero ->
       atomic { all_is_raised[0] = true; all_is_raised[1] = true }
       if
       :: all_counts[0] || all_counts[1] ->
          atomic { all_sleeps[0] = false; all_sleeps[1] = false }
       :: else
       fi
    :: !is_zero
    fi;
#endif
    is_zero = false
}

/* is_past(), of epoch `at` as it was when it had been turned to `was` times */
inline look(at, was)
{
    is_now = open[at] == 0;
    if
    :: !is_now -> is_now = turned[at] != was
    :: is_now
    fi
}

inline await_past(at, was)
{
    do
    :: look(at, was);
       if
       :: is_now -> break
       :: !is_now
       fi;
       atomic { all_counts[me] = true; all_is_raised[me] = false }
       look(at, was);
       if
       :: is_now -> all_counts[me] = false; break
       :: !is_now
       fi;
       sleep_on(all_is_raised[me], all_sleeps[me]);
       all_counts[me] = false
    od
}

/* with that turned to as often as it will ever be: an empty one alone counts */
inline await_empty(at)
{
    await_past(at, turned[at])
}

#define NONE EPOCHS

/* empty_epoch() */
inline find_empty()
{
    to = NONE;
    at = 0;
    do
    :: at < EPOCHS && to == NONE ->
       if
#ifdef TURNS_TO_ANY
       :: at > 0 -> to = (epoch + at) % EPOCHS
#else
       :: open[(epoch + at) % EPOCHS] == 0 -> to = (epoch + at) % EPOCHS
#endif
       :: else -> at++
       fi
    :: else -> break
    od;
    at = 0
}

active [JOINS] proctype join()
{
    bool before[TASKS], is_now;
    byte to, at, was[EPOCHS];

    atomic { before[0] = has_returned[0]; before[1] = has_returned[1] }
    do /* begin_join() */
    :: atomic { join_counts[me] = true; join_is_raised[me] = false }
       if
       :: atomic { !is_joining -> is_joining = true }
          join_counts[me] = false;
          break
       :: is_joining ->
          sleep_on(join_is_raised[me], join_sleeps[me]);
          join_counts[me] = false
       fi
    od;
    do /* turn() */
    :: find_empty();
       if
       :: to != NONE -> break
       :: to == NONE
       fi;
       atomic { all_counts[me] = true; all_is_raised[me] = false }
       find_empty();
       if
       :: to != NONE -> all_counts[me] = false; break
       :: to == NONE
       fi;
       sleep_on(all_is_raised[me], all_sleeps[me]);
       all_counts[me] = false
    od;
    if
    :: to != epoch -> turned[to]++; epoch = to
    :: to == epoch
    fi;
    do
    :: at < EPOCHS -> was[at] = turned[at]; at++
    :: at == EPOCHS -> at = 0; break
    od;
    is_joining = false; /* end_join() */
#ifndef ENDS_SILENTLY
    atomic { join_is_raised[0] = true; join_is_raised[1] = true }
    if
    :: join_counts[0] || join_counts[1] ->
       atomic { /* wakes one: there is one other */
           join_sleeps[0] = false; join_sleeps[1] = false
       }
    :: else
    fi;
#endif
    do /* await_past() */
    :: at < EPOCHS ->
#ifdef LEAVES_ONE_OUT
       if
       :: at != to && at != 0 -> await_past(at, was[at])
       :: else
       fi;
#else
       if
       :: at != to -> await_past(at, was[at])
       :: at == to
       fi;
#endif
       at++
    :: at == EPOCHS -> break
    od;
    atomic {
        assert(!before[0] || task[0] == ENDED);
        assert(!before[1] || task[1] == ENDED);
        before[0] = false; before[1] = false; is_now = false; to = 0; at = 0
    }
    returned++
}

#ifdef SHUTDOWN
active proctype shutdown()
{
    bool is_now;

    closed = true;
    await_empty(0); /* cfi_executor_await_all() */
    await_empty(1);
#ifndef TWO_EPOCHS
    await_empty(2);
#endif
    atomic {
        assert(task[0] != OPEN && task[1] != OPEN);
        has_shut_down = true;
        returned++
    }
}
#endif

/* cf_submit() of one task */
inline submit(id)
{
#ifdef LOOK_BEFORE_COUNT
    may_enter = !closed;
    used = epoch;
    if
    :: may_enter -> open[used]++
    :: !may_enter
    fi;
#else
    used = epoch; /* knock() */
    open[used]++;
    may_enter = !closed;
    if
    :: may_enter
    :: !may_enter -> count_out(used)
    fi;
#endif
    if
    :: may_enter ->
       atomic { assert(!has_shut_down); task_epoch[id] = used;
                task[id] = OPEN }
       has_returned[id] = true
    :: !may_enter
    fi;
    atomic { used = 0; may_enter = false }
}

active [2] proctype submitter() /* _pid 2 and 3 */
{
    byte used;
    bool may_enter, is_zero;

    submit(_pid - 2)
}

/* The pool: ends what is open, in any order */
active proctype pool()
{
    bool is_zero;

end:
    do
    :: task[0] == OPEN -> task[0] = ENDED; count_out(task_epoch[0])
    :: task[1] == OPEN -> task[1] = ENDED; count_out(task_epoch[1])
    od
}

ltl all_return { <> (returned == 2) }
