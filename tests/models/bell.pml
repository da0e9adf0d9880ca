/* SPDX-License-Identifier: MIT */
/*
 * The bell between worker processes and the host: one worker with three
 * answers, two waiters who want one of these each, the drainer for the rest.
 * With TWO_WORKERS one waiter, and another worker has one of the answers. With
 * LOOKER one waiter, and a thread that looks a while and goes, as whoever wakes
 * a worker and whoever waits for what is near.
 *
 * Mirrors core/src/bell.h function by function; process_wait.c
 * cfi_host_sleep(), without its naps and yields, and
 * cfi_host_unlock_and_look(); process_threads.c drain(); the commit in
 * process_worker.c. A waiter sleeps on its future and on the seat at once.
 *
 * Claims
 *   safety    nobody sleeps for ever while an answer lies in a ring (no invalid
 *             end state: the host is closed once all are fetched)
 *   liveness  every answer is fetched: <> (fetched == ANSWERS)
 *
 * holds: TWO_WORKERS LOOKER
 * broken: RUNG_BY_COUNT NO_LAST_LOOK KEY_LATE LOOKER_GOES
 */
#define ANSWERS 3
#define DRAINER 2
#ifdef LOOKER_GOES
#define LOOKER
#endif
#if defined(TWO_WORKERS) || defined(LOOKER)
#define WAITERS 1
#else
#define WAITERS 2
#endif

bool committed[ANSWERS], published[ANSWERS];
byte fetched;
bool is_ending;

/* --- seats: 0 the waiters', 1 the drainer's --- */
byte turn[2], sleepers[2], epoch[2];
byte lookers;

bool is_asleep[3]; /* the kernel's: waiters 0 and 1, drainer 2 */

inline fetch(i)
{
    if
    :: committed[i] && !published[i] ->
       published[i] = true; fetched++; any = true;
       if
       :: i < WAITERS -> is_asleep[i] = false /* sleeps on its future too */
       :: else
       fi
    :: else
    fi
}

/* cfi_host_look(), under the host's lock: one step */
inline look()
{
    atomic { any = false; fetch(0); fetch(1); fetch(2) }
}

inline prepare(seat)
{
#ifdef KEY_LATE
    atomic { turn[seat]++; sleepers[seat]++ }
    key = epoch[seat]
#else
    key = epoch[seat];
    atomic { turn[seat]++; sleepers[seat]++ }
#endif
}

inline leave(seat)
{
    atomic { turn[seat]++; sleepers[seat]-- }
}

inline wake_one(seat)
{
    atomic {
        if
        :: seat == 0 && is_asleep[0] -> is_asleep[0] = false
        :: seat == 0 && is_asleep[1] -> is_asleep[1] = false
        :: seat == 1 && is_asleep[DRAINER] -> is_asleep[DRAINER] = false
        :: else
        fi
    }
}

/* cfi_seat_ring() */
inline ring_seat(seat, rung)
{
    atomic {
        sat = sleepers[seat] > 0;
#ifdef RUNG_BY_COUNT
        seen = sleepers[seat]
#else
        seen = turn[seat] /* stands for the word: one count per turn */
#endif
    }
    if
    :: sat && seen != rung ->
       epoch[seat]++;
       wake_one(seat);
       rung = seen
    :: !(sat && seen != rung)
    fi
}

active [WAITERS] proctype waiter() /* _pid 0, 1: so are their answers */
{
    byte key;
    bool any;

    do
    :: published[_pid] -> break
    :: else ->
       prepare(0);
       look();
       atomic {
           if
           :: !published[_pid] && epoch[0] == key -> is_asleep[_pid] = true
           :: else
           fi
       }
       !is_asleep[_pid];
       leave(0);
       key = 0;
#ifndef NO_LAST_LOOK
       look()
#endif
    od
}

active proctype drainer()
{
    byte key;
    bool any;

    do
    :: is_ending -> break
    :: else ->
       look();
       if
       :: any
       :: else ->
          prepare(1);
          look();
          atomic {
              if
              :: !any && !is_ending && epoch[1] == key ->
                 is_asleep[DRAINER] = true
              :: else
              fi
          }
          !is_asleep[DRAINER];
          leave(1);
          key = 0
       fi
    od
}

#ifdef LOOKER
active proctype looker()
{
    bool any;

    lookers++;
    look();
    lookers--;
#ifndef LOOKER_GOES
    look()
#endif
}
#endif

/* cfi_bell_ring() after a commit */
inline commit(i)
{
    committed[i] = true;
    ring_seat(0, rung_waiters);
    if
    :: !sat && lookers == 0 -> ring_seat(1, rung_drainer)
    :: !(!sat && lookers == 0)
    fi;
    atomic { sat = false; seen = 0 }
}

active proctype worker()
{
    byte seen, rung_waiters, rung_drainer;
    bool sat;

    commit(0);
#ifndef TWO_WORKERS
    commit(1);
#endif
    commit(2)
}

#ifdef TWO_WORKERS
active proctype other_worker()
{
    byte seen, rung_waiters, rung_drainer;
    bool sat;

    commit(1)
}
#endif

active proctype closer()
{
    fetched == ANSWERS;
    is_ending = true;
    epoch[1]++; /* cfi_seat_wake() */
    wake_one(1)
}

ltl every_answer_is_fetched { <> (fetched == ANSWERS) }
