/* SPDX-License-Identifier: MIT */
/*
 * What is on its way from one queue to another is in nobody's: take_outside(),
 * steal_portion() and tell_of_portion() of core/src/station.c, against who goes
 * away from a pool (pool_absence.c), and against a shutdown that cancels
 * (cfi_pool_cancel_pending(), cfi_future_run()).
 *
 * A worker takes two tasks along; the first waits for the second. Meanwhile
 * another worker goes away, and starts a thread in his place if he sees something
 * queued. Both tasks come to an end. With SHUTDOWN the first waits for nothing,
 * and once the shutdown has returned each worker starts one at most, which it had
 * in hand. Who sleeps is woken for what is queued: that is pool.pml's.
 *
 * broken: UNTOLD UNHEEDED COUNTED_LATE
 * holds: SHUTDOWN
 */
#ifdef UNHEEDED
#define SHUTDOWN
#endif

byte queued = 2, portion;
bool is_away, has_stand_in;
bool cancels, is_shut;
byte begun, ended; /* of the tasks; a cancelled one has ended */
byte late[2];

/* cfi_pool_threads_reinforce() */
inline start_one() {
    atomic {
        if
        :: !has_stand_in -> has_stand_in = true; run stand_in()
        :: else
        fi
    }
}

/* cfi_future_run(): of a task that this worker alone has */
inline run_task(me, waits) {
#ifdef UNHEEDED
    heeds = false;
#else
    heeds = cancels;
#endif
    if
    :: heeds -> ended++
    :: else ->
        atomic {
            begun++;
            if
            :: is_shut -> late[me]++; assert(late[me] <= 1)
            :: else
            fi
        }
        if
        :: waits -> (begun == 2 || ended > 0)
        :: else
        fi;
        ended++
    fi
}

/* cfi_portion_take(), cfi_portion_steal() */
inline take_portion() {
    atomic {
        has = (portion > 0);
        portion = 0
    }
}

active proctype taker() {
    bool has, heeds;

    atomic { has = (queued == 2); queued = 0 }
    if
    :: has ->
        portion = 1;
#ifndef UNTOLD
        if :: is_away -> start_one() :: else fi;
#endif
#ifdef SHUTDOWN
        run_task(0, false);
#else
        run_task(0, true);
#endif
        take_portion();
        if
        :: has -> run_task(0, false)
        :: else
        fi
    :: else
    fi
}

/* cfi_pool_is_empty(), one queue after the other */
inline look() {
    seen = (queued > 0);
    seen = seen || (portion > 0)
}

active proctype goer() {
    bool seen;

#ifdef COUNTED_LATE
    look();
    is_away = true;
#else
    is_away = true;
    look();
#endif
    if :: seen -> start_one() :: else fi
}

/* In the place of who has gone away. */
proctype stand_in() {
    bool has, heeds;

    do
    :: portion > 0 ->
        take_portion();
        if
        :: has -> run_task(1, false)
        :: else
        fi
    :: ended == 2 -> break
    od
}

#ifdef SHUTDOWN
active proctype shutdown() {
    cancels = true;
    atomic { ended = ended + queued; queued = 0 }
    atomic { ended = ended + portion; portion = 0 }
    is_shut = true
}
#endif

ltl both_come_to_an_end { <> (ended == 2) }
