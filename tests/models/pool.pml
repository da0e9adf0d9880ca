/* SPDX-License-Identifier: MIT */
/*
 * Who wakes whom in a pool: cfi_pool_call(), take_over(), begin_search(),
 * step_down() and wait_for_work() of core/src/pool_search.c, over the
 * eventcount (its own model: eventcount.pml).
 *
 * Two submitters push two tasks and one into queues of their own, two workers
 * look at both; then everybody may sleep. The first two tasks wait for each
 * other, or with LAST_MEET the last two: no task is left lying while a worker sleeps. Every task is run, and
 * at the end all workers sleep with `search` back at 0.
 *
 * In place of the epoch and a key there is a flag for each worker: the epoch
 * has been raised since it read it. That is all a key is asked.
 *
 * With CALM a push is a plain store while nobody sleeps (pool_calm.c): it waits in
 * a store buffer, as x86 has it, until it gets to memory at any later time, or by
 * a full barrier: one's own, or that in all threads. Any submitter may make the
 * pool calm after a push that had nobody to wake.
 *
 * With FIRST_ONLY the queues are of branches (branches.c): a push calls only
 * where nothing waits already.
 *
 * With PORTIONS a worker takes two of a queue at once, at times, and one of them
 * lies in its portion (portion.pml): who searches takes that if there is nothing
 * else (watch(), which ends with it), who is about to sleep while nobody searches
 * (look_last()).
 *
 * broken: NO_LOOK_AFTER_STEPPING_DOWN NO_LAST_LOOK CALL_BEFORE_PUSH ASLEEP_UNLOOKED JUDGED_BEFORE_PUSH
 * broken: FILLED_UNCALLED PORTION_LEFT PORTION_LEFT_BY_SEARCHER
 * broken: NO_BARRIER ANOTHERS_BARRIER CALM_ENDED_LATE CALM_UNLOOKED CALM_UNSERVED CALM_BEFORE_PUSH ANYBODY_SETS_NO
 * holds: NOBODY_SPINS FIRST_ONLY PORTIONS PORTIONS_NOBODY_SPINS PORTIONS_LAST_MEET CALM CALM_NOBODY_SPINS
 * (CALM_LAST_MEET, beside ANOTHERS_BARRIER, holds too: 35 million states, safety
 * alone 88 s.)
 */
#if defined NO_BARRIER || defined ANOTHERS_BARRIER || defined CALM_ENDED_LATE || \
    defined CALM_UNLOOKED || defined CALM_UNSERVED || \
    defined CALM_BEFORE_PUSH || defined ANYBODY_SETS_NO || \
    defined CALM_NOBODY_SPINS || defined CALM_LAST_MEET
#define CALM
#endif
#if defined FILLED_UNCALLED || defined PORTION_LEFT || \
    defined PORTION_LEFT_BY_SEARCHER || defined PORTIONS_NOBODY_SPINS || \
    defined PORTIONS_LAST_MEET
#define PORTIONS
#endif
#if defined ANOTHERS_BARRIER || defined CALM_LAST_MEET || \
    defined PORTIONS_LAST_MEET || defined FILLED_UNCALLED || \
    defined PORTION_LEFT
#define LAST_MEET
#endif
#if defined CALM_NOBODY_SPINS || defined PORTIONS_NOBODY_SPINS || \
    defined PORTION_LEFT
#define NOBODY_SPINS
#endif
#ifdef JUDGED_BEFORE_PUSH
#define FIRST_ONLY
#endif
#define SUBMITTERS 2
#define WORKERS    2
#define ALL        3 /* two of the first submitter, one of the second */

byte queued[SUBMITTERS];
byte started;
byte sleepers;
bool raised[WORKERS] = true; /* canonical while nothing is prepared */
byte asleep;   /* in the kernel, to be woken */
byte searchers;
bool handed;

#ifdef CALM
#define NO      0
#define IS_CALM 1
#define ENDING  2
byte calm;
byte buffered[SUBMITTERS]; /* pushes that only their submitter sees */

inline flush(q) {
    d_step { queued[q] = queued[q] + buffered[q]; buffered[q] = 0 }
}

inline barrier_all() {
#ifndef NO_BARRIER
    atomic { flush(0); flush(1) }
#else
    skip
#endif
}

active [SUBMITTERS] proctype processor() /* _pid 0 and 1 */
{
end:
    do
    :: d_step { buffered[_pid] > 0 -> queued[_pid] = queued[_pid] + 1; buffered[_pid] = buffered[_pid] - 1 }
    od
}

/* cfi_pool_end_calm() */
inline end_calm() {
    seen = calm;
    if
    :: seen == NO
    :: else ->
        atomic {
            if
            :: seen == IS_CALM && calm == IS_CALM -> calm = ENDING; seen = IS_CALM
            :: seen == IS_CALM && calm != IS_CALM -> seen = (calm == NO -> NO : ENDING)
            :: else
            fi
        }
        if
        :: seen == IS_CALM ->
            barrier_all();
            calm = NO
        :: seen == ENDING ->
#ifndef ANOTHERS_BARRIER
            barrier_all();
#endif
#ifdef ANYBODY_SETS_NO
            calm = NO
#else
            skip
#endif
        :: else
        fi
    fi;
    seen = NO
}

/* cfi_pool_grow_calm(), at any time, and what follows */
inline grow_calm() {
    if
    :: skip
    :: atomic { calm == NO -> calm = IS_CALM }
#ifndef CALM_UNLOOKED
        if
        :: sleepers > 0 ->
            end_calm();
#ifndef CALM_UNSERVED
            call()
#endif
        :: else
        fi
#endif
    fi
}

/* cfi_pool_submit() */
inline push_calmly() {
#ifdef CALM_BEFORE_PUSH
    is_calm = (calm == IS_CALM);
    buffered[queue] = buffered[queue] + 1;
#else
    buffered[queue] = buffered[queue] + 1;
    is_calm = (calm == IS_CALM);
#endif
    if
    :: atomic { is_calm -> is_calm = false }
    :: else ->
        flush(queue);
        if
        :: sleepers > 0 -> call()
        :: else -> grow_calm()
        fi
    fi
}
#endif

inline notify() {
    atomic { raised[0] = true; raised[1] = true }
    atomic {
        if
        :: asleep > 0 -> asleep = asleep - 1; wakes = wakes + 1
        :: else
        fi
    }
}
byte wakes;    /* given and not used yet */

/* cfi_pool_call() */
inline call() {
    if
    :: sleepers > 0 ->
        if
        :: atomic { searchers == 0 -> handed = true; searchers = 1 }
            notify()
        :: else
        fi
    :: else
    fi
}

#ifdef PORTIONS
byte portion[WORKERS];

/* cfi_portion_take() */
inline look_along() {
    atomic { if :: portion[me] > 0 -> portion[me] = portion[me] - 1; found = true :: else fi }
}

/* take_along(): what was taken with the first is in nobody's sight for a while */
inline take_along() {
    if
    :: found && queued[0] > 0 ->
        atomic { if :: queued[0] > 0 -> queued[0] = queued[0] - 1; found_more = true :: else fi }
        if
        :: atomic { found_more -> found_more = false; portion[me] = 1 }
#ifndef FILLED_UNCALLED
            call()
#endif
        :: else
        fi
    :: true
    fi
}

/* cfi_station_look_behind() */
inline look_behind() {
    atomic { if :: portion[1 - me] > 0 -> portion[1 - me] = portion[1 - me] - 1; found = true :: else fi }
}
#endif

/* cfi_station_look(): one queue after the other, each in one step (its lock) */
inline look() {
    found = false;
#ifdef PORTIONS
    look_along();
    if
    :: !found -> look_outside(); take_along()
    :: else
    fi
#else
    look_outside()
#endif
}

inline look_outside() {
    atomic { if :: queued[0] > 0 -> queued[0] = queued[0] - 1; found = true :: else fi }
    if
    :: !found -> atomic { if :: queued[1] > 0 -> queued[1] = queued[1] - 1; found = true :: else fi }
    :: else
    fi
}

/* cfi_pool_is_empty(), one queue after the other */
inline look_only() {
    found_more = (queued[0] > 0);
    found_more = found_more || (queued[1] > 0)
#ifdef PORTIONS
    ;
    found_more = found_more || (portion[0] > 0);
    found_more = found_more || (portion[1] > 0)
#endif
}

inline step_down() {
    atomic { searches = false; searchers = searchers - 1; was_last = (searchers == 0) }
#ifndef NO_LOOK_AFTER_STEPPING_DOWN
    if
    :: atomic { was_last && sleepers > 0 -> was_last = false }
        look_only();
        if
        :: atomic { found_more -> found_more = false } call()
        :: else
        fi
    :: atomic { else -> was_last = false }
    fi
#endif
}

inline take_over() {
    atomic { if :: handed -> handed = false; searches = true :: else -> searches = false fi }
}

proctype submitter(byte queue) {
    byte i;
    bool is_first = true;
#ifdef CALM
    byte seen;
    bool is_calm;
#endif
    for (i : queue .. 1) {
#ifdef CALM
        push_calmly()
#elif defined CALL_BEFORE_PUSH
        call();
        queued[queue] = queued[queue] + 1
#else
#ifdef JUDGED_BEFORE_PUSH
        is_first = (queued[queue] == 0);
#endif
        queued[queue] = queued[queue] + 1;
#if defined FIRST_ONLY && !defined JUDGED_BEFORE_PUSH
        is_first = (queued[queue] == 1);
#endif
        if :: is_first -> call() :: else fi
#endif
    }
}

proctype worker(byte me) {
    bool found, found_more, was_last, searches;
#ifdef LAST_MEET
    bool meets;
#endif
#ifdef CALM
    byte seen;
#endif

next:
    look();
    if
    :: found -> goto perform
    :: else
    fi;
    searches = false;
#ifndef NOBODY_SPINS
    if
    :: atomic { searchers < 2 -> searchers = searchers + 1; searches = true }
    :: skip
    fi;
#endif
again:
    if
    :: searches ->
        look();
#if defined PORTIONS && !defined PORTION_LEFT_BY_SEARCHER
        if :: !found -> look_behind() :: else fi;
#endif
        step_down();
        if :: found -> goto perform :: else fi
    :: else
    fi;
    sleepers = sleepers + 1; /* prepare */
    raised[me] = false; /* reads the epoch */
#if defined CALM && !defined CALM_ENDED_LATE
    end_calm();
#endif
#ifdef NO_LAST_LOOK
    found = false;
#else
    look();
#endif
#if defined PORTIONS && !defined PORTION_LEFT
    if :: !found && searchers == 0 -> look_behind() :: else fi;
#endif
    if
    :: found ->
#ifdef CALM_ENDED_LATE
        end_calm();
#endif
        take_over();
        atomic { sleepers = sleepers - 1; raised[me] = true } /* cancel */
        if :: !searches -> take_over() :: else fi;
        if :: searches -> step_down() :: else fi;
        goto perform
    :: else
    fi;
#ifdef CALM_ENDED_LATE
    end_calm();
#endif
#ifndef ASLEEP_UNLOOKED
    take_over();
    if
    :: searches -> atomic { sleepers = sleepers - 1; raised[me] = true } goto again
    :: else
    fi;
#endif
    atomic {
        if
        :: !raised[me] -> asleep = asleep + 1; raised[me] = true
        :: else -> goto up
        fi
    }
end_asleep:
    atomic { wakes > 0 -> wakes = wakes - 1 }
up:
    sleepers = sleepers - 1;
    take_over();
    goto again;
perform:
#ifdef LAST_MEET
    atomic { started = started + 1; found = false; meets = (started > 1) };
    atomic { !meets || started == ALL -> meets = false };
#else
    atomic { started = started + 1; found = false };
    started >= 2;
#endif
    goto next
}

init {
    atomic {
        run submitter(0);
        run submitter(1);
        run worker(0);
        run worker(1)
    }
end_all:
    /* nothing moves any more */
    timeout ->
    assert(started == ALL);
    assert(searchers == 0 && !handed)
}

ltl all_run { <> (started == ALL) }
