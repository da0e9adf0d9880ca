/* SPDX-License-Identifier: MIT */
/*
 * Submit, take and shutdown of a pool of two threads: two submitters with two
 * tasks and one, workers started as work needs them, one who shuts down, waits
 * and destroys. CANCEL: the shutdown takes back what is queued. MEET: the first
 * two tasks to run wait for each other, so that one worker is not enough; both
 * are up from the start, and the shutdown comes after the submits.
 *
 * Mirrors core/src/admission.[ch]: cfi_executor_knock(), cfi_executor_enter(),
 * cfi_executor_leave(), await_none_open() (one count of one epoch; several:
 * tally.pml, both epochs: join.pml); submit.c cf_submit(); executor.c
 * cf_shutdown(), cf_executor_destroy(); and a pool around one locked queue, as
 * backend_openmp.c has it and pool.c once had (its own ways: pool.pml,
 * deque.pml), with pool_start.c cfi_pool_threads_ensure(). Futures are only counted (their
 * states: future.pml). The eventcounts are those of eventcount.pml; a sleeper's
 * key is a flag here: was the epoch raised since it prepared?
 *
 * Claims
 *   safety    a task is refused, or counted before shutdown looks: when
 *             shutdown has returned, every accepted task has ended and none is
 *             queued afterwards; the end finds the queue empty (assert);
 *             nobody sleeps for ever, also where tasks wait for each other:
 *             while an entry is queued and a worker idle, one is awake or has
 *             been woken (no invalid end state)
 *   liveness  shutdown returns: <> has_returned
 *
 * holds: CANCEL MEET
 * broken: LOOK_BEFORE_COUNT NO_PASS_ON NOTIFY_FIRST NOBODY_TOLD COUNTED_OUT_EARLY END_UNHEARD
 */
#define WORKERS 2

#ifdef NO_PASS_ON
#define MEET
#endif

bool closed, is_ending, has_returned;
byte open, unfinished;
byte accepted, ended, submitters_gone;

bool lock;
byte queue, workers_gone;
#ifdef MEET
byte alive = WORKERS;
#else
byte alive;
#endif
byte met;

/* --- pool.work: an eventcount with two sleepers --- */
byte work_sleepers;
bool work_is_raised[WORKERS], worker_sleeps[WORKERS];

/* --- executor.all_ended: an eventcount with one --- */
bool closer_counts, ended_is_raised, closer_sleeps;

#define me (_pid) /* workers are processes 0 and 1 */

inline notify_one()
{
    atomic { work_is_raised[0] = true; work_is_raised[1] = true }
    if
    :: work_sleepers == 0
    :: else ->
       atomic {
           if
           :: worker_sleeps[0] -> worker_sleeps[0] = false
           :: worker_sleeps[1] -> worker_sleeps[1] = false
           :: !worker_sleeps[0] && !worker_sleeps[1]
           fi
       }
    fi
}

inline notify_everybody()
{
    atomic { work_is_raised[0] = true; work_is_raised[1] = true }
    if
    :: work_sleepers == 0
    :: else -> atomic { worker_sleeps[0] = false; worker_sleeps[1] = false }
    fi
}

inline count_out()
{
    atomic { open--; is_zero = open == 0 }
#ifndef NOBODY_TOLD
    if
    :: is_zero ->
       ended_is_raised = true;
       if
       :: closer_counts -> closer_sleeps = false
       :: !closer_counts
       fi
    :: !is_zero
    fi;
#endif
    is_zero = false
}

/* take() of pool.c */
inline take()
{
    atomic { !lock -> lock = true }
    atomic {
        has = queue > 0;
        if
        :: has -> queue--
        :: else
        fi;
        is_more = queue > 0;
        saw_end = is_ending
    }
    lock = false;
#ifndef NO_PASS_ON
    if
    :: is_more -> notify_one()
    :: !is_more
    fi;
#endif
    is_more = false
}

inline run_task()
{
#ifdef COUNTED_OUT_EARLY
    count_out();
#endif
#ifdef MEET
    atomic { if :: met < 2 -> met++ :: else fi }
    met == 2;
#endif
    atomic { assert(!has_returned); ended++ };
    unfinished--; /* cfi_executor_outcome_known() */
#ifndef COUNTED_OUT_EARLY
    count_out()
#endif
}

active [WORKERS] proctype worker()
{
    bool has, is_more, saw_end, is_zero;

    if
    :: alive > me       /* started */
    :: is_ending && alive <= me -> goto gone
    fi;
    do
    :: take(); /* next_task() */
       if
       :: !has && !saw_end ->
          do /* wait_for_work() */
          :: work_sleepers++; work_is_raised[me] = false;
             take();
             if
             :: has || saw_end -> work_sleepers--; break
             :: else ->
                atomic {
                    if
                    :: !work_is_raised[me] -> worker_sleeps[me] = true
                    :: else
                    fi
                }
                !worker_sleeps[me];
                work_sleepers--
             fi
          od
       :: else
       fi;
       if
       :: has -> run_task()
       :: !has -> break
       fi
    od;
    atomic { workers_gone++; assert(queue == 0) }
gone:
    skip
}

/* cf_submit() */
inline submit()
{
#ifdef LOOK_BEFORE_COUNT
    may_enter = !closed;
    if
    :: may_enter -> open++
    :: !may_enter
    fi;
#else
    open++;
    may_enter = !closed;
    if
    :: !may_enter -> count_out()
    :: may_enter
    fi;
#endif
    if
    :: may_enter ->
       atomic { unfinished++; accepted++ };
#ifdef NOTIFY_FIRST
       notify_one();
#endif
       atomic { !lock -> lock = true } /* cfi_pool_submit() */
       if
       :: alive < WORKERS && alive < unfinished -> alive++
       :: else
       fi;
       atomic {
           was_empty = queue == 0;
           assert(!has_returned);
           queue++
       }
       lock = false;
#ifndef NOTIFY_FIRST
       if
       :: was_empty -> notify_one()
       :: !was_empty
       fi
#endif
    :: !may_enter
    fi;
    was_empty = false
}

active proctype submitter_of_two()
{
    bool may_enter, was_empty, is_zero;

    submit();
    submit();
    submitters_gone++
}

active proctype submitter_of_one()
{
    bool may_enter, was_empty, is_zero;

    submit();
    submitters_gone++
}

/* cf_shutdown(), cf_executor_destroy() */
active proctype closer()
{
    bool is_zero;
    byte taken;

#ifdef MEET
    submitters_gone == 2;
#endif
    closed = true;
#ifdef CANCEL
    /* cfi_pool_cancel_pending(): each is told of outside the lock */
    atomic { !lock -> lock = true }
    atomic { taken = queue; queue = 0 }
    lock = false;
    do
    :: taken == 0 -> break
    :: taken > 0 ->
       atomic { taken--; ended++; unfinished-- };
       count_out()
    od;
#endif
    do /* await_none_open() */
    :: open == 0 -> break
    :: open != 0 ->
       closer_counts = true; ended_is_raised = false;
       if
       :: open == 0 -> closer_counts = false; break
       :: open != 0
       fi;
       atomic {
           if
           :: !ended_is_raised -> closer_sleeps = true
           :: else
           fi
       }
       !closer_sleeps;
       closer_counts = false
    od;
    atomic { assert(accepted == ended || submitters_gone < 2);
             has_returned = true }
    submitters_gone == 2; /* nobody may use what is being destroyed */
    assert(accepted == ended);
    /* cfi_pool_stop() */
    atomic { !lock -> lock = true }
    is_ending = true;
    lock = false;
#ifndef END_UNHEARD
    notify_everybody();
#endif
    workers_gone == alive
}

ltl shutdown_returns { <> has_returned }
