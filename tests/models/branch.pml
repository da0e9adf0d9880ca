/* SPDX-License-Identifier: MIT */
/*
 * Fork, join and steal: cfi_branches_push(), pop(), settle(), close(), steal()
 * of core/src/branches.[ch], await() and cfi_branch_run() of core/src/branch.c.
 * Whom of the pool's sleepers a fork wakes is in pool.pml (FIRST_ONLY).
 *
 * Worker 0 runs a task, which forks A and B, joins B, joins A, then does so
 * once more with C in A's place. A forks D and joins it. The others steal the
 * oldest of whoever has some; who joins what was stolen steals from its thief,
 * or sleeps on the thief's `news`. With LASTING there is one other, and A waits
 * until D has been run: by the task's worker, who joins A and may sleep
 * already.
 *
 * In place of the epoch and a key there is a flag for each sleeper: the epoch
 * has been raised since it was read.
 *
 * Claims
 *   safety    each branch is run once, before its join returns; a thief reads
 *             no slot that is being written; nobody sleeps at the end
 *   liveness  the task ends: <> is_over
 *
 * holds: LASTING
 * broken: THIEF_LOOKS_FIRST OWNER_LOOKS_FIRST NO_STEP_BACK NO_SECOND_LOOK ENDS_SILENTLY FOLLOWS_LATE TELLS_FIRST CLOSES_EARLY
 */
#if defined FOLLOWS_LATE || defined TELLS_FIRST
#define LASTING
#endif
#ifdef LASTING
#define WORKERS 2
#else
#define WORKERS 3
#endif
#define NONE 9

#define nothing 0
#define A       1
#define B       2
#define C       3
#define D       4

#define SLOT(who, at) ((who) * 3 + (at))

byte young[WORKERS], old[WORKERS]; /* from 0 on */
bool lock[WORKERS];
byte function[9];
byte thief[9];
bool has_ended[9];
bool is_followed[WORKERS];
byte follows[WORKERS] = NONE; /* whose news a sleeper has prepared for */
bool raised[WORKERS] = true;  /* his epoch since then                  */
bool asleep[WORKERS];
byte ran[4];
bool is_over;

inline acquire(who) { atomic { !lock[who] -> lock[who] = true } }
inline release(who) { lock[who] = false }

/* cfi_eventcount_notify(&news[who]) */
inline notify(who) {
    atomic {
        for (k : 0 .. WORKERS - 1) {
            if :: follows[k] == who -> raised[k] = true :: else fi
        };
        k = 0
    }
    atomic {
        for (k : 0 .. WORKERS - 1) {
            if :: follows[k] == who -> asleep[k] = false :: else fi
        };
        k = 0
    }
}

inline count(what) {
    atomic { ran[what - 1] = ran[what - 1] + 1; assert(ran[what - 1] == 1) }
}

inline tell(who) {
    if
    :: is_followed[who] ->
        atomic { seen = is_followed[who]; is_followed[who] = false }
        if :: seen -> seen = 0; notify(who) :: else fi
    :: else
    fi
}

inline fork(who, at, what) {
    function[SLOT(who, at)] = nothing; /* it is being written */
    function[SLOT(who, at)] = what;
#ifdef TELLS_FIRST
    if :: old[who] == at -> tell(who) :: else fi;
    young[who] = at + 1
#else
    young[who] = at + 1;
    if :: old[who] == at -> tell(who) :: else fi
#endif
}

/* Leaves `mine`: the owner has it back. */
inline pop(who, at) {
#ifdef OWNER_LOOKS_FIRST
    seen = old[who];
    young[who] = at;
#else
    young[who] = at;
    seen = old[who];
#endif
    mine = (seen <= at);
    seen = 0;
#ifndef NO_SECOND_LOOK
    if
    :: !mine ->
        acquire(who);
        mine = (old[who] <= at);
        if :: !mine -> young[who] = at + 1 :: else fi;
        release(who)
    :: else
    fi
#else
    if :: !mine -> young[who] = at + 1 :: else fi
#endif
}

/* Leaves in `from` the slot, NONE: there was nothing. */
inline steal(victim, me) {
    from = NONE;
    if
    :: old[victim] < young[victim] ->
        acquire(victim);
        first = old[victim];
#ifdef THIEF_LOOKS_FIRST
        seen = young[victim];
        old[victim] = first + 1;
#else
        old[victim] = first + 1;
        seen = young[victim];
#endif
        if
#ifdef NO_STEP_BACK
        :: true ->
#else
        :: seen > first ->
#endif
            from = SLOT(victim, first);
            thief[from] = me;
            has_ended[from] = false
#ifndef NO_STEP_BACK
        :: else -> old[victim] = first
#endif
        fi;
        first = 0;
        seen = 0;
        release(victim)
    :: else
    fi
}

inline finish(slot, me) {
    has_ended[slot] = true;
#ifndef ENDS_SILENTLY
    notify(me)
#endif
}

/* What is run inside a wait forks nothing: it is D. */
inline run_leaf(slot, me) {
    assert(function[slot] == D);
    count(D);
    finish(slot, me)
}

/* A branch of `me` at `at` was stolen. */
inline follow(me, at) {
    do
    :: has_ended[SLOT(me, at)] -> break
    :: else ->
        steal(thief[SLOT(me, at)], me);
        if
        :: from != NONE -> run_leaf(from, me); from = NONE
        :: else ->
            atomic { follows[me] = thief[SLOT(me, at)]; raised[me] = false }
#ifndef FOLLOWS_LATE
            is_followed[thief[SLOT(me, at)]] = true;
#endif
            if
            :: has_ended[SLOT(me, at)] || old[thief[SLOT(me, at)]] < young[thief[SLOT(me, at)]]
            :: else ->
#ifdef FOLLOWS_LATE
                is_followed[thief[SLOT(me, at)]] = true;
#endif
                atomic { if :: !raised[me] -> asleep[me] = true :: else fi }
                !asleep[me] /* the kernel's */
            fi;
            atomic { raised[me] = true; follows[me] = NONE }
        fi
    od
#ifndef CLOSES_EARLY
    ; close(me, at)
#endif
}

inline close(me, at) {
    acquire(me);
    young[me] = at;
    old[me] = at;
    release(me)
}

inline join_leaf(me, at, what) {
    pop(me, at);
    if
    :: mine -> count(what)
    :: else ->
#ifdef CLOSES_EARLY
        close(me, at);
#endif
        follow(me, at)
    fi;
    assert(ran[what - 1] == 1)
}

/* A, whose first branch has number `at` */
inline run_a(me, at) {
    fork(me, at, D);
#ifdef LASTING
    if :: me != 0 -> (ran[D - 1] == 1) :: else fi;
#endif
    join_leaf(me, at, D);
    count(A)
}

proctype task() {
    byte k, seen, first, from = NONE;
    bool mine;

    fork(0, 0, A);
    fork(0, 1, B);
    join_leaf(0, 1, B);
    pop(0, 0);
    if
    :: mine -> run_a(0, 0)
    :: else -> follow(0, 0)
    fi;
    assert(ran[A - 1] == 1);
    fork(0, 0, C);
    join_leaf(0, 0, C);
    is_over = true
}

proctype other(byte me) {
    byte k, seen, first, from = NONE, held = NONE;
    bool mine;

    do
    :: is_over -> break
    :: else ->
        (is_over || old[0] < young[0] || old[1] < young[1] || old[WORKERS - 1] < young[WORKERS - 1]);
        steal(0, me);
#ifndef LASTING
        if :: from == NONE -> steal(3 - me, me) :: else fi;
#endif
        held = from;
        from = NONE;
        if
        :: held != NONE ->
            assert(function[held] != nothing);
            if
            :: function[held] == A -> run_a(me, 0)
            :: else -> count(function[held])
            fi;
            finish(held, me);
            held = NONE
        :: else
        fi
    od
}

init {
    atomic {
        run task();
        run other(1);
#ifndef LASTING
        run other(2)
#endif
    }
}

ltl it_ends { <> is_over }
