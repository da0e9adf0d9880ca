/* SPDX-License-Identifier: MIT */
/*
 * Counting tasks in and out in several places, and waiting until all are out:
 * tally.c (sums), admission.c knock(), cfi_executor_leave(), await_none_open(),
 * sleep_until_level(). Of one epoch; both: join.pml.
 *
 * One submitter from outside, with one task and a tally of its own; two
 * workers, each with its own. The first task that runs submits a child
 * before it is counted out. One thread closes the executor, waits and returns.
 *
 * Claims
 *   safety    when the closer has returned, every accepted task is out and
 *             none is accepted afterwards (assert); it does not sleep for ever
 *             (no invalid end state)
 *   liveness  the closer returns: <> has_returned
 *
 * broken: ENTERED_FIRST LOOK_BEFORE_COUNT AWAITING_LATE NOT_TOLD
 */
#define SUBMITTERS 1
#define WORKERS    2
#define PLACES     3 /* the submitter's tally, then the workers' */

byte entered[PLACES], left[PLACES];
bool closed, has_returned, has_child;
byte queued, gone, accepted, ended;

byte awaiting, sleepers, epoch;
bool asleep;

/* sum() of tally.c, one tally after the other */
inline add_up_left() {
    out_sum = left[0];
    out_sum = out_sum + left[1];
    out_sum = out_sum + left[2]
}

inline add_up_entered() {
    in_sum = entered[0];
    in_sum = in_sum + entered[1];
    in_sum = in_sum + entered[2]
}

inline is_level() {
#ifdef ENTERED_FIRST
    add_up_entered();
    add_up_left();
#else
    add_up_left();
    add_up_entered();
#endif
    level = (in_sum == out_sum)
}

inline leave(place) {
    left[place] = left[place] + 1;
#ifndef NOT_TOLD
    if
    :: awaiting > 0 ->
        is_level();
        if
        :: level -> epoch = epoch + 1; asleep = false
        :: else
        fi
    :: else
    fi
#endif
}

inline enter(place) {
#ifdef LOOK_BEFORE_COUNT
    refused = closed;
    entered[place] = entered[place] + 1;
#else
    entered[place] = entered[place] + 1;
    refused = closed;
#endif
    if
    :: refused -> leave(place)
    :: else ->
        atomic {
            assert(!has_returned);
            accepted = accepted + 1;
            queued = queued + 1
        }
    fi
}

proctype submitter(byte place) {
    byte in_sum, out_sum;
    bool level, refused;

    enter(place);
    gone = gone + 1
}

proctype worker(byte place) {
    byte in_sum, out_sum;
    bool level, refused, is_parent;

again:
    if
    :: atomic { queued > 0 -> queued = queued - 1 }
    :: queued == 0 && gone == SUBMITTERS && accepted == ended -> goto over
    fi;
    atomic { is_parent = !has_child; has_child = true }
    if :: is_parent -> enter(place) :: else fi;
    ended = ended + 1;
    leave(place);
    goto again;
over:
    skip
}

proctype closer() {
    byte in_sum, out_sum, key;
    bool level;

    closed = true;
    is_level();
    if :: level -> goto done :: else fi;
#ifndef AWAITING_LATE
    awaiting = awaiting + 1;
#endif
again:
    is_level();
    if :: level -> goto done :: else fi;
    sleepers = sleepers + 1;
    key = epoch;
    is_level();
    if :: level -> goto done :: else fi;
#ifdef AWAITING_LATE
    awaiting = awaiting + 1;
#endif
    atomic {
        if
        :: key == epoch -> asleep = true
        :: else
        fi
    }
    !asleep;
    goto again;
done:
    atomic {
        assert(accepted == ended);
        has_returned = true
    }
}

init {
    atomic {
        run submitter(0);
        run worker(1);
        run worker(2);
        run closer()
    }
}

ltl returns { <> has_returned }
