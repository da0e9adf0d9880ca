/* SPDX-License-Identifier: MIT */
/*
 * The lock that the first to come owns and takes by plain stores: take(),
 * give(), claim(), revoke(), borrow(), hand_back() of biased_lock.[ch] in
 * core/src. With COUNTING what stands on it: cfi_outside_enter() and
 * cfi_tally_see_all() of tally.c, cfi_executor_knock() of admission.h and
 * cfi_executor_close() of admission.c.
 *
 * Two users, three visits and two: the first to come is the owner, the other
 * takes it for good, sooner or later. A third borrows it twice. Each adds one
 * to a counter in the section.
 *
 * Spin is sequentially consistent; so each user has a store buffer here, as x86
 * has: its stores as an owner wait there, in order, and get to memory at any
 * later time, and until then nobody else sees them. A locked instruction, a
 * sequentially consistent store and a futex call empty one's own, the barrier
 * empties all. Any other plain store is followed by one of these before the
 * next load, so it is made at once.
 *
 * With COUNTING a user adds a bit of its own instead, then looks whether it is
 * closed, and was accepted if not. The second user closes, before its visits or
 * after any of them, has the barrier if the lock is another's, else the lock, and adds up.
 *
 * Claims
 *   safety    one at a time is in the section, and sees what the last wrote;
 *             no count is lost; what was accepted is in the sum (assert);
 *             nobody sleeps for ever, on `held` or for the lock (no invalid
 *             end state)
 *   liveness  everybody comes to an end: <> (finished == 3)
 *
 * The barrier in all threads can be had from some moment on; with NONE_EXISTS
 * never, so nobody ever owns it.
 *
 * holds: NONE_EXISTS COUNTING
 * broken: NO_BARRIER LATE_BARRIER HELD_UNLOOKED NO_WAKE OWNER_FIRST GIVES_UNSEEN SECOND_OWNER UNLOCKS_FIRST NO_CLOSING_BARRIER OWNER_BEFORE_CLOSED COUNTS_UNHELD
 */
#if defined NO_CLOSING_BARRIER || defined OWNER_BEFORE_CLOSED || \
    defined COUNTS_UNHELD
#define COUNTING
#endif

#define NULL     0 /* values of `owner`, beside a user's token */
#define TOKEN(u) (1 + (u))
#define NOW      3
#define NOBODYS  4

#define USERS  2
#define VISITS (3 - me) /* of user 0, and of user 1 */

byte owner, held, counter; /* in memory; the lock guards the counter */
bool lock;                 /* the inner one                          */
bool exists;               /* the barrier in all threads             */
bool asleep;               /* on held: one at a time, with the lock  */
byte reasonless = 1;       /* returns from there for no reason       */

byte inside, written, finished; /* what is true, for the assertions */

bool closed;
byte accepted, sum;

/* --- store buffers --- */

#define HELD(value)    (value)     /* entries */
#define COUNTER(value) (2 + (value))

chan buffer[USERS] = [6] of { byte };
byte pending[USERS]; /* stores to the counter that are in it, and the last */
byte newest[USERS];
hidden byte entry;

inline let_out_one(u)
{
    buffer[u] ? entry;
    if
    :: entry < COUNTER(0) -> held = entry
    :: else ->
        counter = entry - COUNTER(0);
        pending[u]--;
        if
        :: pending[u] == 0 -> newest[u] = 0
        :: else
        fi
    fi
}

inline flush(u)
{
    d_step {
        do
        :: len(buffer[u]) > 0 -> let_out_one(u)
        :: else -> break
        od
    }
}

inline barrier_all()
{
#ifndef NO_BARRIER
    atomic { flush(0); flush(1) }
#else
    skip
#endif
}

active [USERS] proctype processor() /* _pid 0 and 1 */
{
end:
    do
    :: d_step { len(buffer[_pid]) > 0 -> let_out_one(_pid) }
    od
}

inline load_counter() /* own stores come first */
{
    seen = (pending[me] > 0 -> newest[me] : counter)
}

inline store_counter(value)
{
    atomic {
        buffer[me] ! COUNTER(value);
        newest[me] = value;
        pending[me]++
    }
}

inline set_counter(value)
{
    if
    :: has -> store_counter(value)
    :: else -> counter = value
    fi
}

/* --- the lock --- */

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

/* the futex call does not sleep if it no longer is held */
inline sleep_on_held()
{
    atomic {
        if
        :: held == 1 -> asleep = true
        :: else
        fi
    }
    if
    :: !asleep
    :: atomic { asleep && reasonless > 0 -> reasonless--; asleep = false }
    fi
}

inline wake()
{
#ifndef NO_WAKE
    atomic { flush(me); asleep = false }
#else
    flush(me)
#endif
}

inline give()
{
#ifdef GIVES_UNSEEN
    seen = owner;
    buffer[me] ! HELD(0);
    if
    :: seen != TOKEN(me) -> wake()
#else
    buffer[me] ! HELD(0);
    if
    :: owner != TOKEN(me) -> wake()
#endif
    :: else
    fi
}

inline take()
{
    has = (owner == TOKEN(me));
    if
    :: has ->
#ifdef OWNER_FIRST
        has = (owner == TOKEN(me));
        buffer[me] ! HELD(1);
#else
        buffer[me] ! HELD(1);
        has = (owner == TOKEN(me));
#endif
        if
        :: has
        :: else -> give()
        fi
    :: else
    fi
}

inline revoke(token)
{
    was = owner;
    if
    :: was == NULL || was == NOBODYS || was == token
    :: else ->
#ifdef LATE_BARRIER
        barrier_all();
        owner = NOW;
#else
        owner = NOW;
        barrier_all();
#endif
#ifndef HELD_UNLOOKED
        do
        :: held == 0 -> break
        :: else -> sleep_on_held()
        od
#endif
    fi
}

inline claim() /* `has`; or else the inner lock is held */
{
    do
    :: flush(me);
       acquire();
       if
       :: owner == NULL && !exists -> break
       :: owner == NOBODYS -> break
       :: else ->
           revoke(TOKEN(me));
#ifdef SECOND_OWNER
           if
           :: true
#else
           if
           :: was != NULL && was != TOKEN(me) -> owner = NOBODYS; break
           :: else
#endif
           fi;
           flush(me);
           owner = TOKEN(me);
           release();
           take();
           if
           :: has -> break
           :: else
           fi
       fi
    od;
    was = 0
}

inline enter()
{
    take();
    if
    :: has
    :: else -> claim()
    fi
}

inline leave()
{
    if
    :: has -> give()
    :: else -> release()
    fi
}

/* --- who uses it --- */

inline enter_section()
{
    d_step { inside++; assert(inside == 1) }
}

inline leave_section()
{
    d_step { written++; inside-- }
}

inline visit()
{
    enter();
    enter_section();
    load_counter();
    assert(seen == written);
    set_counter(seen + 1);
    leave_section();
    leave()
}

#define BIT (1 << (4 * me + visits))

inline count_in()
{
    enter();
#ifdef COUNTS_UNHELD
    leave();
#endif
    load_counter();
    set_counter(seen | BIT);
#ifndef COUNTS_UNHELD
    leave();
#endif
    atomic {
        if
        :: closed
        :: else -> accepted = accepted | BIT
        fi
    }
}

inline close()
{
#ifdef OWNER_BEFORE_CLOSED
    seen = owner;
#endif
    atomic { flush(me); closed = true }
#ifndef OWNER_BEFORE_CLOSED
    seen = owner;
#endif
    if
    :: seen != NULL && seen != NOBODYS && seen != TOKEN(me) ->
#ifndef NO_CLOSING_BARRIER
        barrier_all()
#endif
    :: else -> flush(me); acquire(); release()
    fi;
    load_counter();
    sum = seen
}

proctype user(byte me)
{
    byte seen, was, visits;
    bool has;

#ifdef COUNTING
    do
    :: visits < VISITS -> count_in(); visits++
    :: me == 1 && !closed -> close()
    :: visits == VISITS && (me == 0 || closed) -> break
    od;
#else
    do
    :: visits < VISITS -> visit(); visits++
    :: else -> break
    od;
#endif
    finished++
}

#ifndef NONE_EXISTS
active proctype announcer()
{
    exists = true
}
#endif

proctype borrower()
{
    byte was, visits;

    do
    :: visits < 2 ->
        acquire();
        revoke(NULL);
#ifndef COUNTING
        enter_section();
        assert(counter == written);
        counter = counter + 1;
        leave_section();
#endif
#ifdef UNLOCKS_FIRST
        release();
        owner = was;
#else
        owner = was;
        release();
#endif
        was = 0;
        visits++
    :: else -> break
    od;
    finished++
}

#define ALL (3 + 2 + 2) /* visits */
#define ALL_BITS (7 | 3 << 4)

init {
    atomic {
        run user(0);
        run user(1);
        run borrower()
    }
    (finished == 3 && len(buffer[0]) == 0 && len(buffer[1]) == 0);
#ifdef COUNTING
    assert(counter == ALL_BITS);
    assert((accepted & ~sum) == 0)
#else
    assert(counter == ALL)
#endif
}

ltl everybody_comes_to_an_end { <> (finished == 3) }
