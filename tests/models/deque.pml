/* SPDX-License-Identifier: MIT */
/*
 * The deque between one owner and two takers: cfi_deque_push(), make_room(),
 * cfi_deque_push_reserved() (TWO_AT_ONCE), cfi_deque_step_back() and keep_back(),
 * cfi_deque_take_own(), cfi_deque_steal() of core/src/deque.[ch]. The ring has
 * room for two at first and is replaced while takers are at work; the old one
 * is freed at once (a read of it is caught).
 *
 * The owner pushes four futures, takes back after the second and the fourth
 * what it pushed last, and the one before; in between it takes the oldest, with
 * EARLY after the second too. Takers steal up to two at a time.
 *
 * Claims
 *   safety    every future is taken once; no taker reads a ring that is gone,
 *             or a place that holds no future; a push overwrites nothing that
 *             is being taken (assert)
 *   liveness  all are taken: <> (taken == 4)
 *
 * holds: TWO_AT_ONCE EARLY TWO_AT_ONCE_EARLY
 * broken: PUBLISHES_FIRST TAKER_LOOKS_FIRST OWNER_LOOKS_FIRST NO_STEP_BACK NO_SECOND_LOOK GROWS_WITHOUT_LOCK ROOM_BY_OLD OWNER_TAKES_BY_STORE STEPS_BACK_BY_STORE TAKES_HOLD_BY_STORE PORTION_UNCHECKED
 */
#if defined TWO_AT_ONCE_EARLY || defined PORTION_UNCHECKED
#define TWO_AT_ONCE
#define EARLY
#endif
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

/* make_room(): if there is none, everything moves to the large ring, and the
 * small one is freed */
inline make_room(more) {
#ifndef GROWS_WITHOUT_LOCK
    acquire();
#endif
    at = old;
    emptied_seen = at;
    if
    :: young - at + more <= 2
    :: else ->
        do
        :: at < young -> large[at % 4] = small[at % 2]; at = at + 1
        :: else -> break
        od;
        ring = 1;
        small[0] = 0;
        small[1] = 0
    fi;
    at = 0;
#ifndef GROWS_WITHOUT_LOCK
    release()
#endif
}

inline see_to_room(more) {
    if
    :: ring == 0 && young - emptied_seen + more > 2 ->
#ifdef ROOM_BY_OLD
        emptied_seen = old;
#else
        emptied_seen = (emptied > emptied_seen -> emptied : emptied_seen);
#endif
        if
        :: emptied_seen > young || young - emptied_seen + more > 2 ->
            make_room(more)
        :: else
        fi
    :: else
    fi
}

inline push(value) {
    see_to_room(1);
    put(young, value);
    young = young + 1
}

inline push_two(value) {
#ifdef PORTION_UNCHECKED
    if
    :: old >= young /* it is empty, so there is room */
    :: else -> see_to_room(2)
    fi;
#else
    see_to_room(2);
#endif
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

inline take_own() {
    do
    :: seen = old;
        if
        :: seen >= young -> break
        :: else
        fi;
        if
        :: ring == 0 -> mine = small[seen % 2]
        :: else -> mine = large[seen % 4]
        fi;
#ifdef OWNER_TAKES_BY_STORE
        old = seen + 1;
        count(mine);
        break
#else
        if
        :: atomic { old == seen -> old = seen + 1 }
            count(mine);
            break
        :: else
        fi
#endif
    od;
    mine = 0
}

proctype owner() {
    byte at, seen, mine, emptied_seen = 1;


    push(1);
    push(2);
    take_back(2);
#ifdef EARLY
    take_own();
#endif
#if defined TWO_AT_ONCE || defined PUBLISHES_FIRST
    push_two(3);
#else
    push(3);
    push(4);
#endif
    take_own();
    take_back(4);
    take_back(3);
    is_over = true
}

proctype taker() {
    byte from, to, seen, at, value, ended;

again:
    ended = is_over;
    acquire();
look:
    from = old;
    seen = young;
    if
    :: from < seen ->
        to = (seen - from < 2 -> seen : from + 2);
#ifdef TAKER_LOOKS_FIRST
        seen = young;
#endif
#ifdef TAKES_HOLD_BY_STORE
        old = to;
#else
        if
        :: atomic { old == from -> old = to }
        :: else -> goto look /* the owner took it */
        fi;
#endif
#ifndef NO_STEP_BACK
        do /* keep() */
        ::
#ifndef TAKER_LOOKS_FIRST
            seen = young;
#endif
            if
            :: seen >= to -> break
            :: else
            fi;
            at = (seen > from -> seen : from);
#ifdef STEPS_BACK_BY_STORE
            old = at;
            to = at;
            break
#else
            if
            :: atomic { old == to -> old = at } to = at; break
            :: else
#ifdef TAKER_LOOKS_FIRST
                break
#endif
            fi
#endif
        od;
        if
        :: to == from -> goto look
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
