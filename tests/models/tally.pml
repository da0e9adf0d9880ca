/* SPDX-License-Identifier: MIT */
/*
 * Counting tasks in and out in several places, and waiting until all are out:
 * tally.c (sums), admission.[ch] (cfi_executor_knock(), cfi_executor_leave(),
 * await_none_open(), sleep_until_level(), cfi_worker_ended_task(),
 * cfi_worker_say(), cfi_worker_begins_task(), cfi_worker_catch_up()). Of one
 * epoch; both: join.pml. That who closes sees what is counted by a plain store:
 * biased_lock.pml.
 *
 * One submitter from outside, with one task and a tally of its own; two
 * workers, each with its own. The first task that runs submits a child
 * before it is counted out. One thread closes the executor, waits and returns.
 * In the queue there are also an entry whose task is cancelled, and a task of
 * the other epoch, which does not end before the closer has returned.
 *
 * Claims
 *   safety    when the closer has returned, every accepted task is out and
 *             none is accepted afterwards (assert); it does not sleep for ever
 *             (no invalid end state)
 *   liveness  the closer returns: <> has_returned
 *
 * broken: ENTERED_FIRST LOOK_BEFORE_COUNT AWAITING_LATE NOT_TOLD DROPPED_UNCLAIMED DROPPED_FOR_ANOTHER KEPT_WHEN_IDLE
 */
#define SUBMITTERS 1
#define WORKERS    2
#define PLACES     3 /* the submitter's tally, then the workers' */

byte entered[PLACES], left[PLACES];
bool closed, has_returned, has_child;
byte queued, gone, accepted, ended;
byte entries = 1, others = 1; /* cancelled; of the other epoch */

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

/* cfi_executor_leave() after it has counted */
inline say() {
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
#else
    skip
#endif
}

inline leave(place) {
    left[place] = left[place] + 1;
    say()
}

inline catch_up() {
    if
    :: unsaid -> unsaid = false; say()
    :: else
    fi
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

#define is_over \
    (queued == 0 && others == 0 && gone == SUBMITTERS && accepted == ended)

proctype worker(byte place) {
    byte in_sum, out_sum;
    bool level, refused, is_parent, unsaid;

again:
    if
    :: atomic { queued > 0 -> queued = queued - 1; unsaid = false }
    :: atomic { entries > 0 -> entries = entries - 1 }
#ifdef DROPPED_UNCLAIMED
        unsaid = false;
#endif
        catch_up();
        goto again
    :: atomic { others > 0 -> others = others - 1 }
#ifdef DROPPED_FOR_ANOTHER
        unsaid = false;
#endif
        catch_up();
        has_returned;
        goto again
    :: else ->
#ifndef KEPT_WHEN_IDLE
        catch_up();
#endif
        if
        :: queued > 0 || entries > 0 || others > 0 -> goto again
        :: is_over -> goto over
        fi
    fi;
    atomic { is_parent = !has_child; has_child = true }
    if :: is_parent -> enter(place) :: else fi;
    ended = ended + 1;
    left[place] = left[place] + 1;
    unsaid = true;
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
