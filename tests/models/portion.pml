/* SPDX-License-Identifier: MIT */
/*
 * What a worker has taken along: take(), fill(), settle() and steal() of
 * portion.[ch] in core/src.
 *
 * An owner fills it twice, with two entries each, and takes until it finds it
 * empty; two thieves steal all that is left, one of them twice.
 *
 * Spin is sequentially consistent; so the owner has a store buffer here, as x86
 * has: its stores to `next` wait there, in order, and get to memory at any later
 * time, and until then no thief sees them. A locked instruction and a
 * sequentially consistent store empty it, so does a fence, the barrier empties it
 * from outside. Who changes the rest of it has the lock, whose locked
 * instructions leave nothing in a buffer; so a thief needs none.
 *
 * Claims
 *   safety    no entry is had twice; once all have come to an end each has been
 *             had; nobody waits for ever (assert, no invalid end state)
 *   liveness  everybody comes to an end: <> (finished == 3)
 *
 * holds: FENCED
 * broken: NO_BARRIER LATE_BARRIER EARLY_LOOK UNLOOKED UNSETTLED SETTLES_UNLOCKED FILLS_UNLOCKED NO_FENCE
 */
#ifdef NO_FENCE
#define FENCED
#endif

#define ROOM    2
#define FILLS   2
#define ENTRIES (ROOM * FILLS)

byte next, limit, kept; /* in memory; `limit` is the portion's `end` */
byte entry[ROOM];      /* which of them lies there */
bool lock;

byte had;              /* what is true, for the assertions: a bit for each */
byte finished;

chan buffer = [4] of { byte };
hidden byte value;

inline flush()
{
    d_step {
        do
        :: len(buffer) > 0 -> buffer ? value; next = value
        :: else -> break
        od
    }
}

active proctype processor()
{
end:
    do
    :: d_step { len(buffer) > 0 -> buffer ? value; next = value }
    od
}

inline barrier_all()
{
#if defined FENCED || defined NO_BARRIER
    skip
#else
    flush()
#endif
}

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

inline have(which)
{
    d_step { assert((had & (1 << which)) == 0); had = had | (1 << which) }
}

proctype owner()
{
    byte at, which, fills;
    bool has;

    do
    :: fills < FILLS ->
#ifndef FILLS_UNLOCKED
        acquire();
#endif
        flush();
        entry[at % ROOM] = ROOM * fills;
        entry[(at + 1) % ROOM] = ROOM * fills + 1;
        limit = at + ROOM;
#ifndef FILLS_UNLOCKED
        release();
#endif
        fills++;
        do
        :: at >= limit -> break
        :: else ->
            which = entry[at % ROOM];
            buffer ! at + 1;
#if defined FENCED && !defined NO_FENCE
            flush();
#endif
#ifdef UNLOOKED
            has = true;
#else
            has = at < limit;
#endif
            if
            :: has
            :: else ->
#ifdef UNSETTLED
                skip
#else
                flush();
#ifndef SETTLES_UNLOCKED
                acquire();
#endif
                has = at < kept;
#ifndef SETTLES_UNLOCKED
                release()
#endif
#endif
            fi;
            at++;
            if
            :: has -> have(which)
            :: else
            fi
        od
    :: else -> break
    od;
    finished++
}

proctype thief(byte times)
{
    byte from, until, which;

    do
    :: times > 0 ->
        times--;
        acquire();
        until = limit;
        if
        :: until > next ->
#ifdef EARLY_LOOK
            from = next;
#endif
#ifdef LATE_BARRIER
            barrier_all();
            limit = 0;
#else
            limit = 0;
            barrier_all();
#endif
#ifndef EARLY_LOOK
            from = next;
#endif
            kept = from;
            do
            :: from < until ->
                which = entry[from % ROOM];
                from++;
                have(which)
            :: else -> break
            od
        :: else
        fi;
        release();
        from = 0; until = 0; which = 0
    :: else -> break
    od;
    finished++
}

init {
    atomic {
        run owner();
        run thief(2);
        run thief(1)
    }
    (finished == 3 && len(buffer) == 0);
    assert(had == (1 << ENTRIES) - 1)
}

ltl everybody_comes_to_an_end { <> (finished == 3) }
