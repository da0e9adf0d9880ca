/* SPDX-License-Identifier: MIT */
/*
 * Who wakes whom in a pool: cfi_pool_call(), take_over(), begin_search(),
 * step_down() and wait_for_work() of core/src/pool_search.c, over the
 * eventcount (its own model: eventcount.pml).
 *
 * Two submitters push two tasks and one into queues of their own, two workers
 * look at both; then everybody may sleep. Every task is run, and at the end
 * all workers sleep with `search` back at 0.
 *
 * broken: NO_LOOK_AFTER_STEPPING_DOWN NO_LAST_LOOK HANDED_LEFT_BEHIND NO_UNDO CALL_BEFORE_PUSH ASLEEP_UNLOOKED UNDONE_ONCE
 * holds: NOBODY_SPINS
 */
#define SUBMITTERS 2
#define WORKERS    2
#define ALL        3 /* two of the first submitter, one of the second */

byte queued[SUBMITTERS];
byte started;
byte epoch, sleepers;
byte asleep;   /* in the kernel, to be woken */
byte searchers;
bool handed;

inline notify() {
    atomic { epoch = (epoch + 1) % 64; }
    atomic {
        if
        :: asleep > 0 -> asleep = asleep - 1; wakes = wakes + 1
        :: else
        fi
    }
}
byte wakes;    /* given and not used yet */

/* cfi_pool_call(), undo() */
inline call() {
    do
    :: sleepers == 0 -> break
    :: else ->
        if
        :: atomic { searchers == 0 && !handed -> handed = true; searchers = 1 }
#ifndef NO_UNDO
            if
            :: sleepers == 0 ->
                atomic {
                    if
                    :: handed -> handed = false; searchers = searchers - 1
                    :: else -> break
                    fi
                }
#ifdef UNDONE_ONCE
                break
#endif
            :: else -> notify(); break
            fi
#else
            notify();
            break
#endif
        :: else -> break
        fi
    od
}

/* cfi_station_look(): one queue after the other, each in one step (its lock) */
inline look() {
    found = false;
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
}

inline step_down() {
    atomic { searchers = searchers - 1; was_last = (searchers == 0) }
#ifndef NO_LOOK_AFTER_STEPPING_DOWN
    if
    :: was_last && sleepers > 0 ->
        look_only();
        if :: found_more -> call() :: else fi
    :: else
    fi
#endif
}

inline take_over() {
#ifndef HANDED_LEFT_BEHIND
    atomic { if :: handed -> handed = false; searches = true :: else -> searches = false fi }
#else
    atomic { if :: handed && !found -> handed = false; searches = true :: else -> searches = false fi }
#endif
}

proctype submitter(byte queue) {
    byte i;
    for (i : queue .. 1) {
#ifdef CALL_BEFORE_PUSH
        call();
        queued[queue] = queued[queue] + 1
#else
        queued[queue] = queued[queue] + 1;
        call()
#endif
    }
}

proctype worker() {
    bool found, found_more, was_last, searches;
    byte key;

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
        step_down();
        if :: found -> goto perform :: else fi
    :: else
    fi;
    sleepers = sleepers + 1; /* prepare */
    key = epoch;
#ifdef NO_LAST_LOOK
    found = false;
#else
    look();
#endif
    if
    :: found ->
        sleepers = sleepers - 1; /* cancel */
        take_over();
        if :: searches -> step_down() :: else fi;
        goto perform
    :: else
    fi;
#ifndef ASLEEP_UNLOOKED UNDONE_ONCE
    take_over();
    if
    :: searches -> sleepers = sleepers - 1; goto again
    :: else
    fi;
#endif
    atomic {
        if
        :: key == epoch -> asleep = asleep + 1
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
    started = started + 1;
    goto next
}

init {
    atomic {
        run submitter(0);
        run submitter(1);
        run worker();
        run worker()
    }
end_all:
    /* nothing moves any more */
    timeout ->
    assert(started == ALL);
    assert(searchers == 0 && !handed)
}

ltl all_run { <> (started == ALL) }
