/* SPDX-License-Identifier: MIT */
/*
 * One future: its word, and who is told when it is final. A task of an
 * executor: a worker runs it, somebody cancels it, a waiter may help. With
 * PROMISE: a future without an executor, started by one, settled by two,
 * cancelled by a third. With STOPPED: a task that is asked to end, and written
 * off if it has not come back; there references are counted only in
 * STOPPED_COUNTED, which has no callback instead.
 *
 * Mirrors core/src/future_head.h: cfi_future_step() (its loop of
 * compare-and-swaps is one step here: an attempt that fails changes nothing);
 * future_head.c and future.c: claim, settle, watch, unwatch, tell(),
 * end_quietly(), publish(), run_callbacks(), cancel_from(); watch.c
 * cfi_watches_tell(); await.c sleep_until_final(); run.c cfi_future_run() and
 * cfi_future_help(); cancel.c
 * cf_cancel(); wait.c fire() and watch_and_wait() for one future; promise.c
 * settle(), cf_future_start(); callback.c cf_add_done_callback(); with STOPPED
 * cfi_future_ask(), cfi_future_end_run(), cfi_future_write_off().
 *
 * Claims
 *   safety    it becomes final once; who wins says so, and nobody else; what
 *             was cancelled never ran, and cf_cancel() tells the truth; a
 *             waiter who returned sees the outcome whole; its watch fires at
 *             most once and not after unwatch(); the callback runs once, after
 *             it is final; the executor counts it out once, after the callback;
 *             the outcome that is told is the runner's or the ladder's, never
 *             one that is still being written; nobody touches the future once
 *             the last reference is gone, and all of them go (assert); nobody
 *             sleeps for ever (no invalid end state)
 *   liveness  waiter, watcher and callback are told: <> is_over
 *
 * holds: PROMISE STOPPED STOPPED_COUNTED
 * broken: GIVES_BACK_WATCHED LOOKS_AFTER_GIVING KEEPS_IT STOPPED_BY_LOOKING LATE_RUNNER_PUBLISHES FLAG_LATE WATCH_UNLOCKED UNWATCH_UNLOCKED NO_CLAIM SETTLE_BY_LOOKING OUTCOME_LATE TELL_FROM_OLD_FLAGS
 */
#ifdef SETTLE_BY_LOOKING
#define PROMISE
#endif
#if defined STOPPED_BY_LOOKING || defined LATE_RUNNER_PUBLISHES
#define STOPPED
#endif

#ifdef STOPPED_COUNTED
#define STOPPED
#endif
#if !defined STOPPED || defined STOPPED_COUNTED
#define COUNTED
#endif

mtype = { PENDING, RUNNING, CANCELLED, FINISHED };

/* --- the word --- */
mtype state = PENDING;
bool is_settled, is_waited, is_watched;
#ifdef STOPPED
bool is_asked, is_written_off;
bool ladder_is_whole;    /* the outcome of who writes it off */
#define is_whole (is_written_off -> ladder_is_whole : outcome_is_whole)
#else
#define is_asked false
#define is_whole outcome_is_whole
#endif

bool waiter_sleeps;      /* on the word: the kernel's           */
bool outcome_is_whole;
bool lock;
bool has_watch, has_callback; /* the list of watches, under the lock */

/* --- wait.c: the watcher's struct waiter --- */
byte counted;            /* `final`                             */
bool event_is_raised, event_has_sleeper, watcher_sleeps;
bool is_unwatched;       /* its memory is gone                  */

/* --- what is claimed --- */
byte finals, runs, settlers, callbacks, counted_out, cancels, told;

/* --- references: one of each thread that has a handle, and the runner's --- */
#ifdef PROMISE
#define HOLDERS 6
#else
#define HOLDERS 5
#endif
#ifdef COUNTED
byte references = HOLDERS;
#define touch()  assert(references > 0)
#define given(n) references = references - (n)
#else
#define touch()  skip
#define given(n) skip
#endif

inline release() { atomic { touch(); given(1) } }

#define is_final (state == CANCELLED || state == FINISHED)
#ifdef STOPPED_COUNTED
#define is_over  (told == 2)
#else
#define is_over  (told == 3)
#endif

inline cfi_lock()   { atomic { !lock -> touch(); lock = true } }
inline cfi_unlock() { atomic { touch(); lock = false } }

/* move(): from one place to another; `flags_*` is what was set */
inline move(from, from_settled, to, to_settled)
{
    atomic {
        touch();
        moved = state == from && is_settled == from_settled;
        if
        :: moved ->
           state = to; is_settled = to_settled;
           flag_waited = is_waited; flag_watched = is_watched;
           if
           :: is_final -> finals++; assert(finals == 1)
           :: else
           fi
        :: else
        fi
    }
}

/* fire() of wait.c, under the future's lock */
inline fire()
{
    assert(!is_unwatched);
    counted++;
    assert(counted == 1);
    event_is_raised = true;
    if
    :: event_has_sleeper -> watcher_sleeps = false
    :: !event_has_sleeper
    fi;
    assert(!is_unwatched)
}

inline run_callback()
{
    atomic { assert(is_final); callbacks++; assert(callbacks == 1); told++ }
}

inline task_ended()
{
    atomic { counted_out++; assert(counted_out == 1) }
}

/* tell(), and run_callbacks() where they are due */
inline tell()
{
    if
    :: flag_waited -> waiter_sleeps = false
    :: !flag_waited
    fi;
    due = false;
    if
    :: flag_watched -> /* fire_waiters() */
       cfi_lock();
       if
       :: has_watch -> fire(); has_watch = false
       :: !has_watch
       fi;
       due = has_callback;
       cfi_unlock()
    :: !flag_watched
    fi;
    if
    :: due ->
       cfi_lock(); has_callback = false; cfi_unlock();
       run_callback()
    :: !due
    fi;
    task_ended()
}

/* cfi_future_publish() from RUNNING, or SETTLED */
inline publish()
{
#ifndef OUTCOME_LATE
    outcome_is_whole = true;
#endif
#ifdef TELL_FROM_OLD_FLAGS
    atomic { old_waited = is_waited; old_watched = is_watched }
#endif
    do
    :: move(RUNNING, false, FINISHED, false);
       if
       :: moved -> break
       :: !moved
       fi;
       move(PENDING, true, FINISHED, false);
       if
       :: moved -> break
       :: !moved
       fi;
       move(RUNNING, true, FINISHED, false);
       if
       :: moved -> break
       :: !moved
       fi
    od;
#ifdef OUTCOME_LATE
    outcome_is_whole = true;
#endif
#ifdef TELL_FROM_OLD_FLAGS
    flag_waited = old_waited; flag_watched = old_watched;
#endif
    tell()
}

#ifdef TELL_FROM_OLD_FLAGS
#define LOCALS bool moved, flag_waited, flag_watched, due, old_waited, old_watched
#else
#define LOCALS bool moved, flag_waited, flag_watched, due
#endif

/* A step from RUNNING of a future that nobody has asked to end */
inline end_step(watched_too, gone)
{
    atomic {
        touch();
        moved = state == RUNNING && !is_settled && !is_asked &&
                (watched_too || !is_watched);
        if
        :: moved ->
           state = FINISHED; finals++; assert(finals == 1);
           flag_waited = is_waited; flag_watched = is_watched;
           given(gone)
        :: else
        fi
    }
}

/* cfi_future_end_run(); then the runner's reference is gone if `gives` */
inline end_run(gives)
{
#ifndef OUTCOME_LATE
    outcome_is_whole = true;
#endif
#ifdef TELL_FROM_OLD_FLAGS
    atomic { old_waited = is_waited; old_watched = is_watched }
#endif
    end_step(false, gives); /* end_quietly() */
    if
    :: moved ->
#ifdef OUTCOME_LATE
       outcome_is_whole = true;
#endif
#ifdef TELL_FROM_OLD_FLAGS
       flag_waited = old_waited;
#endif
       if
       :: flag_waited -> waiter_sleeps = false
       :: !flag_waited
       fi;
#ifdef LOOKS_AFTER_GIVING
       touch();
#endif
       task_ended()
    :: !moved ->
#ifdef GIVES_BACK_WATCHED
       end_step(true, gives);
#else
       end_step(true, 0);
#endif
       if
       :: moved ->
          tell()
       :: !moved ->
          move(RUNNING, false, RUNNING, true);
          if
          :: moved -> publish()
          :: !moved ->
#ifdef LATE_RUNNER_PUBLISHES
             publish()
#else
             skip /* written off: what it has brought is dropped */
#endif
          fi
       fi;
#if !defined GIVES_BACK_WATCHED && !defined KEEPS_IT
       if
       :: gives == 1 -> release()
       :: gives == 0
       fi
#else
       skip
#endif
    fi
}

#ifdef STOPPED
/* The ladder: asks, and after a grace writes off. */
active proctype ladder()
{
    LOCALS;

    atomic {
        touch();
        moved = state == RUNNING && !is_settled;
        is_asked = is_asked || moved;
        given(!moved)
    }
    if
    :: moved ->
#ifdef STOPPED_BY_LOOKING
       moved = state == RUNNING && !is_settled;
       is_settled = is_settled || moved;
#else
       move(RUNNING, false, RUNNING, true);
#endif
       if
       :: moved ->
          ladder_is_whole = true;
          atomic { move(RUNNING, true, FINISHED, false);
                   is_written_off = is_written_off || moved }
          assert(moved);
          tell()
       :: !moved
       fi;
       release()
    :: !moved
    fi
}
#endif

/* cfi_future_claim(), the task, cfi_future_end_run(); cfi_future_run() if
 * `gives` is 1 */
inline claim_and_run(gives)
{
#ifdef NO_CLAIM
    touch();
    moved = state == PENDING;
    state = (moved -> RUNNING : state);
#else
    move(PENDING, false, RUNNING, false);
#endif
    if
    :: moved ->
       atomic { runs++; assert(runs == 1 && cancels == 0) };
       end_run(gives)
    :: !moved ->
       if
       :: gives == 1 -> release()
       :: gives == 0
       fi
    fi
}

#ifdef PROMISE
/* one calls cf_future_start() first; then both cf_future_set_result() */
active [2] proctype settler() /* their _pid is 0 and 1 */
{
    LOCALS;

    if
    :: _pid == 0 -> move(PENDING, false, RUNNING, false)
    :: _pid == 1
    fi;
#ifdef SETTLE_BY_LOOKING
    moved = !is_settled && !is_final;
    if
    :: moved -> is_settled = true
    :: !moved
    fi;
#else
    move(PENDING, false, PENDING, true);
    if
    :: !moved -> move(RUNNING, false, RUNNING, true)
    :: moved
    fi;
#endif
    if
    :: moved ->
       atomic { settlers++; assert(settlers == 1 && cancels == 0) };
       publish()
    :: !moved
    fi;
    release()
}
#else
active proctype worker()
{
    LOCALS;
    claim_and_run(1)
}
#endif

/* cf_cancel() of a future that no transport carries */
active proctype canceller()
{
    LOCALS;

    do
    :: move(PENDING, false, CANCELLED, false);
       if
       :: moved ->
          atomic { cancels++; assert(runs == 0 && settlers == 0) };
          tell();
          release();
          break
       :: !moved
       fi;
       if
       :: atomic { is_settled -> touch(); given(1) }
          break /* false */
       :: !is_settled
       fi;
       if
       :: atomic { state != PENDING ->
                   touch(); given(1);
                   assert((state == CANCELLED) == (cancels > 0)) }
          break
       :: state == PENDING
       fi
    od
}

/* cfi_future_await(): looks; helps (a worker of the executor may); sleeps */
active proctype waiter()
{
    LOCALS;
    mtype seen = PENDING;
    bool seen_settled, seen_waited, seen_watched, seen_asked;

#ifndef PROMISE
    if
    :: claim_and_run(0) /* it is such a worker */
    :: true            /* it is not */
    fi;
#endif
    do
    :: is_final -> break
    :: else -> /* sleep_until_final() */
       atomic { seen_settled = is_settled; seen_watched = is_watched; seen_asked = is_asked;
                seen = state; seen_waited = is_waited }
       if
       :: !seen_waited ->
#ifdef FLAG_LATE
          is_waited = true
#else
          atomic { seen_settled = is_settled; seen_watched = is_watched; seen_asked = is_asked;
                   seen = state; is_waited = true }
#endif
       :: seen_waited
       fi;
#ifndef FLAG_LATE
       if
       :: seen == CANCELLED || seen == FINISHED -> break
       :: else
       fi;
#endif
       /* the futex compares the word, all its bits */
       atomic {
           if
#ifdef FLAG_LATE
           :: true -> waiter_sleeps = true
#else
           :: state == seen && is_settled == seen_settled && is_waited &&
              is_asked == seen_asked && is_watched == seen_watched ->
              waiter_sleeps = true
           :: else
#endif
           fi
       }
       !waiter_sleeps
    od;
    atomic { touch(); assert(is_final && (state == CANCELLED || is_whole));
             told++; given(1) }
}

/* cf_wait() for one future */
active proctype watcher()
{
    bool is_added;

#ifdef WATCH_UNLOCKED
    atomic { is_added = !is_final; is_watched = true }
    has_watch = is_added;
#else
    cfi_lock();
    atomic { is_added = !is_final; is_watched = true }
    if
    :: is_added -> has_watch = true
    :: !is_added
    fi;
    cfi_unlock();
#endif
    if
    :: is_added
    :: !is_added -> counted++
    fi;
    do /* sleep_until_met() */
    :: counted == 1 -> break
    :: counted == 0 ->
       event_has_sleeper = true; event_is_raised = false; /* prepare */
       if
       :: counted == 1 -> event_has_sleeper = false; break
       :: counted == 0
       fi;
       atomic {
           if
           :: !event_is_raised -> watcher_sleeps = true
           :: else
           fi
       }
       !watcher_sleeps;
       event_has_sleeper = false
    od;
#ifndef UNWATCH_UNLOCKED
    cfi_lock();
    has_watch = false;
    cfi_unlock();
#endif
    is_unwatched = true; /* the waiter is gone from the stack */
    atomic { touch(); assert(is_final && (state == CANCELLED || is_whole));
             told++; given(1) }
}

#ifndef STOPPED_COUNTED
/* cf_add_done_callback() */
active proctype caller()
{
    bool is_added;

    cfi_lock();
    atomic { is_added = !is_final; is_watched = true }
    if
    :: is_added -> has_callback = true
    :: !is_added
    fi;
    cfi_unlock();
    if
    :: is_added
    :: !is_added -> run_callback()
    fi;
    release()
}

#endif

#ifdef COUNTED
active proctype memory()
{
    references == 0 /* or it ends never */
}
#endif

ltl everybody_is_told { <> is_over }
