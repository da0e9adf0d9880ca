/* SPDX-License-Identifier: MIT */
/*
 * The process slot's life: one host, one lane of two slots, one worker that
 * may be killed before any of its steps, and is then replaced. Two tasks are
 * submitted, one may be cancelled at any time. RECALL: one is recalled instead.
 * TWO_CANCELS: three tasks, so that slots are used again, two may be cancelled,
 * nobody is killed. (All at once does not fit.)
 *
 * Mirrors
 *   worker     core/src/process_worker.c  serve(), await_request(), run(),
 *              skip(), commit(), place()
 *   rings      core/src/ring.h            cfi_request_claim(), the wake of the
 *              worker (the bell is a plain one here: bell.pml has the other)
 *   lane       core/src/process_lane.c    send, drain, take, recall, running,
 *              salvage, open, close
 *   host       process_host.c feed() and give(); process_threads.c drain();
 *              process_supervision.c bury(); backend_process.c submit and
 *              take_back; cancel.c cf_cancel()
 *
 * Claims
 *   safety    no task is run twice; one that was cancelled never runs; CRASHED
 *             only if it had started; each ends once; an answer is whole, of
 *             its task, and copied before its memory is used again; an honest
 *             worker is never called spoilt (assert); nobody sleeps for ever
 *             (no invalid end state)
 *   liveness  every task ends, whatever was killed: <> (ends == TASKS)
 *
 * holds: TWO_CANCELS RECALL
 * broken: SILENT_SKIP STORE_TAKES RUNS_BEFORE_CLAIM COMMIT_FIRST WORD_FIRST EARLY_DRAINED LATE_ASLEEP NO_DRAIN_AT_DEATH
 *
 * SILENT_SKIP: a worker that rings for results alone leaves a ring full of
 * taken-back requests behind, at which the host never looks.
 */
#define SLOTS 2
#define DEPTH 2
#if defined TWO_CANCELS || defined SILENT_SKIP
#define TASKS   3
#define KILLS   0
#define CANCELS 2
#elif defined RECALL
#define TASKS   2
#define KILLS   1
#define CANCELS 0
#else
#define TASKS   2
#define KILLS   1
#define CANCELS 1
#endif

#define QUEUED  1
#define RUNNING 2
#define TAKEN   3
#define WORD(p, state) ((p) * 4 + (state))
#define AT(p) ((p) % SLOTS)

#define NOBODY 15
#define NO_TICKET    0
#define TICKET_ENDED 63

mtype = { PENDING, SENT, CANCELLED, FINISHED, CRASHED };

/* --- shared memory, of one generation --- */
byte word[SLOTS];         /* of requests                            */
byte request[SLOTS];      /* whose                                  */
byte answer_at[SLOTS];    /* result.position: the commit            */
byte answer[SLOTS];       /* payload in the slot                    */
bool in_arena[SLOTS];     /* it lies in the arena instead           */
bool skipped[SLOTS];
byte arena;               /* room for one payload                   */
byte rings_drained;
bool asleep, leave;
bool bell_sleepers;       /* there is one, the drainer              */
bool bell_is_raised;      /* the epoch is not what the drainer saw  */

/* --- the kernel's --- */
bool worker_sleeps, drainer_sleeps;
bool is_ordered, is_alive, is_killed, is_dead;

/* --- the host's, under its lock --- */
bool lock;
bool queued[3];           /* TASKS of them are in use               */
bool is_open;
byte first = 1, drained = 1, posted = 1, load;
byte held[SLOTS] = NOBODY;
byte ticket[3];

/* --- futures --- */
mtype place[3] = PENDING;
bool has_run[3];
byte ends, kills;
bool is_ending;

#define is_anything_queued (queued[0] || queued[1] || queued[2])
#define has_room (is_open && posted - drained < SLOTS && load < DEPTH)

inline host_lock()   { atomic { !lock -> lock = true } }

/* cfi_host_unlock(): publishes what ended, after the lock */
inline host_unlock()
{
    lock = false;
    do
    :: atomic { ended[0] -> publish(0) }
    :: atomic { !ended[0] && ended[1] -> publish(1) }
    :: atomic { !ended[0] && !ended[1] && ended[2] -> publish(2) }
    :: !ended[0] && !ended[1] && !ended[2] -> break
    od
}

inline publish(k)
{
    ended[k] = false;
    assert(place[k] == SENT);
    if
    :: has_crashed[k] -> place[k] = CRASHED
    :: else -> place[k] = FINISHED
    fi;
    ends++
}

inline let_go(position, new_ticket)
{
    t = held[AT(position)];
    held[AT(position)] = NOBODY;
    load--;
    ticket[t] = new_ticket
}

inline wake_worker()
{
    if
    :: asleep -> asleep = false; worker_sleeps = false
    :: !asleep
    fi
}

inline send()
{
    atomic {
        held[AT(posted)] = t;
        ticket[t] = posted;
        load++;
        posted++
    }
#ifdef WORD_FIRST
    word[AT(posted - 1)] = WORD(posted - 1, QUEUED);
    request[AT(posted - 1)] = t;
#else
    request[AT(posted - 1)] = t;
    word[AT(posted - 1)] = WORD(posted - 1, QUEUED);
#endif
    wake_worker()
}

inline open_lane()
{
    atomic {
        is_open = true;
        first = posted; drained = posted; load = 0;
        word[0] = 0; word[1] = 0;
        request[0] = NOBODY; request[1] = NOBODY;
        answer_at[0] = 0; answer_at[1] = 0;
        answer[0] = NOBODY; answer[1] = NOBODY;
        in_arena[0] = false; in_arena[1] = false;
        skipped[0] = false; skipped[1] = false;
        arena = NOBODY;
        rings_drained = 0;
        asleep = false;
        is_ordered = true
    }
}

/* cfi_host_dispatch(): starts the worker if there is none, then feeds it */
inline dispatch()
{
    if
    :: !is_open && is_anything_queued -> open_lane()
    :: else
    fi;
    do
    :: atomic {
           has_room && is_anything_queued ->
           if
           :: queued[0] -> t = 0
           :: !queued[0] && queued[1] -> t = 1
           :: !queued[0] && !queued[1] -> t = 2
           fi;
           queued[t] = false;
           if
           :: place[t] == PENDING -> place[t] = SENT; found = true
           :: else -> found = false /* it was cancelled */
           fi
       }
       if
       :: found -> send()
       :: else
       fi
    :: !(has_room && is_anything_queued) -> break
    od
}

/* cfi_lane_drain() */
inline drain_lane()
{
    copied = 0;
    do
    :: drained == posted -> break
    :: drained != posted ->
       seen = answer_at[AT(drained)];
       if
       :: seen != drained ->
          atomic {
              assert(seen == (drained >= first + SLOTS -> drained - SLOTS : 0));
              assert(word[AT(drained)] / 4 == drained);
          }
          break
       :: else
       fi;
#ifdef EARLY_DRAINED
       rings_drained = drained + 1;
#endif
       /* read_answer(): the payload is copied in a step of its own */
       atomic {
           if
           :: held[AT(drained)] == NOBODY ->
              assert(skipped[AT(drained)] &&
                     word[AT(drained)] == WORD(drained, TAKEN))
           :: else ->
              assert(!skipped[AT(drained)] &&
                     word[AT(drained)] == WORD(drained, RUNNING));
              assert(held[AT(drained)] ==
                     (in_arena[AT(drained)] -> arena : answer[AT(drained)]));
              let_go(drained, TICKET_ENDED);
              ended[t] = true
           fi;
           drained++; copied++; seen = 0
       }
    od;
    if
    :: copied > 0 -> rings_drained = drained
    :: else
    fi
}

/* take() of process_lane.c; `found`: it came back */
inline take(position)
{
    atomic {
        if
        :: held[AT(position)] == NOBODY -> found = false
#ifndef STORE_TAKES
        :: held[AT(position)] != NOBODY &&
           word[AT(position)] != WORD(position, QUEUED) -> found = false
#endif
        :: else ->
           word[AT(position)] = WORD(position, TAKEN);
           let_go(position, NO_TICKET);
           found = true
        fi
    }
}

#define HOST_LOCALS                                                            \
    byte t, seen, copied;                                                      \
    bool found, ended[3], has_crashed[3]

#define FORGET_LOCALS                                                          \
    atomic { t = 0; seen = 0; copied = 0; found = false }

/* cfi_bell_ring() */
inline bell_ring()
{
    if
    :: !bell_sleepers
    :: bell_sleepers -> bell_is_raised = true; drainer_sleeps = false
    fi
}

active proctype worker()
{
    byte p, mine, arena_user;
    bool is_claimed;

generation:
    if
    :: atomic { is_ordered -> is_ordered = false; is_alive = true;
                p = first; arena_user = 0 }
    :: is_ending && !is_ordered -> goto gone
    fi;

    {
        bell_ring(); /* it serves */
        do
        ::
           /* await_request() */
           do
           :: word[AT(p)] / 4 == p -> break
           :: word[AT(p)] / 4 != p ->
#ifdef LATE_ASLEEP
              if
              :: word[AT(p)] / 4 == p -> break
              :: word[AT(p)] / 4 != p
              fi;
              asleep = true;
#else
              asleep = true;
              if
              :: word[AT(p)] / 4 == p -> break
              :: word[AT(p)] / 4 != p
              fi;
#endif
              if
              :: leave -> goto leaves
              :: !leave
              fi;
              atomic {
                  if
                  :: asleep -> worker_sleeps = true
                  :: !asleep
                  fi
              }
              !worker_sleeps
           od;
           asleep = false;
#ifdef RUNS_BEFORE_CLAIM
           is_claimed = word[AT(p)] == WORD(p, QUEUED);
           if
           :: is_claimed -> mine = request[AT(p)]; has_run[mine] = true;
                            word[AT(p)] = WORD(p, RUNNING)
           :: !is_claimed
           fi;
#else
           atomic {
               is_claimed = word[AT(p)] == WORD(p, QUEUED);
               if
               :: is_claimed -> word[AT(p)] = WORD(p, RUNNING)
               :: else
               fi
           }
           if
           :: is_claimed ->
              atomic {
                  mine = request[AT(p)];
                  assert(mine != NOBODY);
                  assert(!has_run[mine] && place[mine] == SENT);
                  has_run[mine] = true
              }
           :: !is_claimed
           fi;
#endif
           if
           :: is_claimed ->
#ifdef COMMIT_FIRST
              answer_at[AT(p)] = p;
#endif
              /* place(): in the arena where it has room, else in the slot */
              atomic {
                  if
                  :: arena_user < rings_drained -> arena_user = 0
                  :: else
                  fi
              }
              if
              :: arena_user == 0 -> arena_user = p; arena = mine;
                                    in_arena[AT(p)] = true
              :: arena_user != 0 -> answer[AT(p)] = mine;
                                    in_arena[AT(p)] = false
              fi;
              skipped[AT(p)] = false;
              answer_at[AT(p)] = p; /* commit() */
              bell_ring()
           :: !is_claimed ->
              skipped[AT(p)] = true;
              answer_at[AT(p)] = p;
#ifndef SILENT_SKIP
              bell_ring()
#endif
           fi;
           atomic { p++; mine = 0 }
        od;
leaves:
        atomic { is_alive = false; is_dead = true }
        goto gone
    } unless {
        atomic { is_killed -> is_killed = false; is_alive = false;
                 worker_sleeps = false; is_dead = true;
                 p = 0; mine = 0; arena_user = 0;
                 is_claimed = false }
    }
    goto generation;
gone:
    skip
}

active proctype killer()
{
    do
    :: atomic { kills < KILLS && is_alive -> is_killed = true; kills++ }
    :: break
    od
}

/* cfi_lane_recall() of a task that then goes back to the queue */
inline recall()
{
    host_lock();
    if
    :: is_open ->
       k = drained;
       do
       :: k < posted && !found -> take(k); k++
       :: !(k < posted && !found) -> break
       od;
       if
       :: found -> atomic { assert(place[t] == SENT); place[t] = PENDING;
                            queued[t] = true };
                   dispatch()
       :: else
       fi
    :: !is_open
    fi;
    host_unlock();
    FORGET_LOCALS;
    k = 0
}

/* The user's thread: process_submit_array(); cf_cancel() of the first CANCELS
 * tasks, or a recall; close_host() once every task has ended */
active proctype user()
{
    HOST_LOCALS;
    byte k;

    host_lock();
    atomic { queued[0] = true; queued[1] = true; queued[2] = TASKS == 3 }
    dispatch();
    host_unlock();
    FORGET_LOCALS;

#ifdef RECALL
    recall();
#endif
    do
    :: k == CANCELS -> break
    :: k < CANCELS && place[k] == SENT -> /* take_back() */
       host_lock();
       if
       :: ticket[k] == NO_TICKET -> host_unlock() /* requeued: again */
       :: ticket[k] == TICKET_ENDED -> host_unlock(); k++
       :: else ->
          take(ticket[k]);
          if
          :: found -> dispatch(); host_unlock();
                      atomic {
                          assert(place[k] == SENT && !has_run[k]);
                          place[k] = CANCELLED; ends++
                      }
          :: else -> host_unlock()
          fi;
          k++
       fi;
       FORGET_LOCALS
    :: atomic { k < CANCELS && place[k] == PENDING ->
                assert(!has_run[k]); place[k] = CANCELLED; ends++; k++ }
    :: k < CANCELS && place[k] != SENT && place[k] != PENDING -> k++
    od;

    ends == TASKS;
    leave = true;
    wake_worker();
    is_ending = true;
    bell_ring()
}

/* look() of process_threads.c */
inline look()
{
    host_lock();
    if
    :: is_open -> drain_lane()
    :: !is_open -> copied = 0
    fi;
    any = copied > 0;
    if
    :: any -> dispatch()
    :: else
    fi;
    host_unlock();
    FORGET_LOCALS
}

active proctype drainer()
{
    HOST_LOCALS;
    bool any;

    do
    :: is_ending -> break
    :: else ->
       look();
       if
       :: any
       :: else ->
          bell_sleepers = true; /* cfi_bell_prepare() */
          bell_is_raised = false; /* reads the epoch, its key */
          look();
          if
          :: any || is_ending
          :: else ->
             atomic {
                 if
                 :: !bell_is_raised -> drainer_sleeps = true
                 :: else
                 fi
             }
             !drainer_sleeps
          fi;
          atomic { bell_sleepers = false; bell_is_raised = false }
       fi
    od
}

/* cfi_host_requeue() */
inline requeue()
{
    ticket[t] = NO_TICKET;
    assert(place[t] == SENT && !has_run[t]);
    place[t] = PENDING;
    queued[t] = true
}

/* cfi_host_hear() of a death: bury() */
active proctype listener()
{
    HOST_LOCALS;

end:
    do
    :: is_dead ->
       host_lock();
#ifndef NO_DRAIN_AT_DEATH
       drain_lane();
#endif
       /* cfi_lane_running() */
       if
       :: drained != posted && held[AT(drained)] != NOBODY &&
          word[AT(drained)] != WORD(drained, QUEUED) ->
          atomic {
              let_go(drained, TICKET_ENDED);
              assert(word[AT(drained)] == WORD(drained, RUNNING));
              assert(answer_at[AT(drained)] != drained);
              ended[t] = true; has_crashed[t] = true
          }
       :: else
       fi;
       /* cfi_lane_salvage(), cfi_host_requeue() */
       do
       :: atomic { held[0] != NOBODY -> t = held[0]; held[0] = NOBODY;
                   requeue() }
       :: atomic { held[1] != NOBODY -> t = held[1]; held[1] = NOBODY;
                   requeue() }
       :: held[0] == NOBODY && held[1] == NOBODY -> break
       od;
       atomic { is_open = false; drained = posted; load = 0; is_dead = false }
       dispatch();
       host_unlock();
       FORGET_LOCALS
    od
}

ltl every_task_ends { <> (ends == TASKS) }
