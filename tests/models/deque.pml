/* SPDX-License-Identifier: MIT */
/*
 * The deque between one owner and two takers: cfi_deque_push(), make_room(),
 * cfi_deque_push_reserved() (TWO_AT_ONCE), cfi_deque_take_back(),
 * cfi_deque_steal() of core/src/deque.c. The ring has
 * room for two at first and is replaced while takers are at work; the old one
 * is freed at once (a read of it is caught).
 *
 * The owner pushes four futures, takes back after the second and the fourth
 * what it pushed last, and the one before; takers steal up to two at a time.
 *
 * Claims
 *   safety    every future is taken once; no taker reads a ring that is gone,
 *             or a place that holds no future; a push overwrites nothing that
 *             is being taken (assert)
 *   liveness  all are taken: <> (taken == 4)
 *
 * holds: TWO_AT_ONCE
 * broken: PUBLISHES_FIRST TAKER_LOOKS_FIRST OWNER_LOOKS_FIRST NO_STEP_BACK NO_SECOND_LOOK GROWS_WITHOUT_LOCK ROOM_BY_OLD
 */
#define FUTURES 4

byte old, emptied, young; /* from 1 on, so that one below the first exists */
byte ring = 0;      /* which of the two rings is in use               */
byte small[2], large[4];
bool lock;
byte times[FUTURES];
byte taken;
bool is_over;

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

inline put(at, value) {
    if
    :: ring == 0 -> small[(at) % 2] = value
    :: else -> large[(at) % 4] = value
    fi
}

inline count(value) {
    atomic {
        assert(value > 0);
        times[value - 1] = times[value - 1] + 1;
        assert(times[value - 1] == 1);
        taken = taken + 1
    }
}

/* make_room(): everything moves to the large ring, the small one is freed */
inline grow() {
#ifndef GROWS_WITHOUT_LOCK
    acquire();
#endif
    at = old;
    do
    :: at < young -> large[at % 4] = small[at % 2]; at = at + 1
    :: else -> break
    od;
    ring = 1;
    small[0] = 0;
    small[1] = 0;
#ifndef GROWS_WITHOUT_LOCK
    release()
#endif
}

inline push(value) {
#ifdef ROOM_BY_OLD
    seen = old;
#else
    seen = emptied;
#endif
    if
    :: ring == 0 && seen <= young && young - seen >= 2 -> grow()
    :: ring == 0 && seen > young -> grow()
    :: else
    fi;
    put(young, value);
    young = young + 1
}

inline push_two(value) {
    seen = emptied;
    if
    :: ring == 0 && (seen > young || young - seen > 0) -> grow()
    :: else
    fi;
#ifdef PUBLISHES_FIRST
    young = young + 2;
    put(young - 2, value);
    put(young - 1, value + 1)
#else
    put(young, value);
    put(young + 1, value + 1);
    young = young + 2
#endif
}

inline take_back(value) {
    if
    :: ring == 0 -> seen = small[(young - 1) % 2]
    :: else -> seen = large[(young - 1) % 4]
    fi;
    if
    :: seen == value ->
#ifdef OWNER_LOOKS_FIRST
        seen = old;
        young = young - 1;
#else
        young = young - 1;
        seen = old;
#endif
        if
        :: seen <= young -> count(value)
        :: else ->
#ifdef NO_SECOND_LOOK
            skip /* the taker has it, hopefully */
#else
            acquire();
            if
            :: old <= young -> release(); count(value)
            :: else -> young = young + 1; release()
            fi
#endif
        fi
    :: else
    fi
}

proctype owner() {
    byte at, seen, i;

    push(1);
    push(2);
    take_back(2);
#if defined TWO_AT_ONCE || defined PUBLISHES_FIRST
    push_two(3);
#else
    push(3);
    push(4);
#endif
    take_back(4);
    take_back(3);
    is_over = true
}

proctype taker() {
    byte from, to, seen, at, value, ended;

again:
    ended = is_over;
    acquire();
    from = old;
    seen = young;
    if
    :: from < seen ->
        to = (seen - from < 2 -> seen : from + 2);
#ifdef TAKER_LOOKS_FIRST
        seen = young;
        old = to;
#else
        old = to;
        seen = young;
#endif
#ifndef NO_STEP_BACK
        if
        :: seen < to ->
            to = (seen > from -> seen : from)
        :: else
        fi;
#endif
        at = from;
        do
        :: at < to ->
            if
            :: ring == 0 -> value = small[at % 2]
            :: else -> value = large[at % 4]
            fi;
            count(value);
            at = at + 1
        :: else -> break
        od;
        old = to;
        emptied = to
    :: else
    fi;
    seen = young;
    release();
    if
    :: ended && old >= seen -> skip
    :: else ->
        (old < young || is_over); /* until then it sleeps: every run ends */
        goto again
    fi
}

init {
    atomic {
        old = 1;
        emptied = 1;
        young = 1;
        run owner();
        run taker();
        run taker()
    }
    (_nr_pr == 1) ->
    assert(taken == FUTURES)
}

ltl all_taken { <> (taken == FUTURES) }
