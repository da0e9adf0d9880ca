/* SPDX-License-Identifier: MIT */
/*
 * The host's side of tasks that tasks in worker processes submit. To the host
 * such a task is one like any other; a child is the note of which worker to
 * tell of its end.
 *
 *      submitted -> queued, sent, runs -> has ended -> the worker is told
 *          |             |                                  |
 *          |         borrowed: runs in its submitter        |
 *          |             `-----------------> returned       |
 *          `--- its worker dies: see cfi_nest_close()       `-> forgotten
 *
 * Who ends the future tells by a watch, under the future's lock and no other:
 * it pushes the child to a list without a lock and rings the bell. Whoever
 * looks at the rings next empties the list, with the host's lock. A child whose
 * worker has gone meanwhile is freed then.
 *
 * A future's lock is taken inside the host's here, to take a watch back, and
 * that of waits_for.c; neither is ever held by who waits for the host's.
 */
#include "process_children.h"

#include <stdlib.h>

#include "process_host.h"
#include "process_spares.h"
#include "waits_for.h"

struct cfi_nest *cfi_nest_create(struct cfi_lane *lane)
{
    struct cfi_nest *nest = calloc(1, sizeof *nest);

    if (nest == NULL)
        return NULL;
    nest->lane = lane;
    TAILQ_INIT(&nest->all);
    TAILQ_INIT(&nest->borrowed);
    TAILQ_INIT(&nest->awaited);
    TAILQ_INIT(&nest->news);
    lane->nest = nest;
    return nest;
}

/* --- its end --- */

/* Under the future's lock, by whoever has ended it. */
static void note_end(struct cfi_watch *watch, struct cf_future *future)
{
    struct cfi_child *child = (struct cfi_child *)watch;
    struct cfi_host *host = child->host;
    struct cfi_ringer none = {0};

    (void)future;
    child->has_ended = true;
    child->next = atomic_load(&host->ended_children);
    while (!atomic_compare_exchange_weak(&host->ended_children, &child->next,
                                         child))
        ;
    cfi_bell_ring(host->board.bell, &none);
}

static void list_apart(struct cfi_child *child)
{
    struct cfi_nest *nest = child->lane->nest;

    if (child->is_awaited)
        TAILQ_REMOVE(&nest->awaited, child, special);
    else if (child->is_inside)
        TAILQ_REMOVE(&nest->borrowed, child, special);
    else if (child->is_heard)
        TAILQ_REMOVE(&nest->news, child, special);
    child->is_awaited = child->is_borrowed = child->is_inside = false;
}

static struct cfi_child *take_ended(struct cfi_host *host)
{
    struct cfi_child *latest = atomic_exchange(&host->ended_children, NULL);
    struct cfi_child *first = NULL, *next;

    for (; latest != NULL; latest = next) {
        next = latest->next;
        latest->next = first;
        first = latest;
    }
    return first;
}

void cfi_children_free(struct cfi_child *first)
{
    struct cfi_child *next;

    for (struct cfi_child *child = first; child != NULL; child = next) {
        next = child->next;
        cf_future_release(child->future);
        free(child);
    }
}

static void drop(struct cfi_child *child, struct cfi_endings *endings)
{
    child->next = endings->forgotten;
    endings->forgotten = child;
}

void cfi_host_hear_of_children(struct cfi_host *host,
                               struct cfi_endings *endings)
{
    struct cfi_child *next;

    if (atomic_load(&host->ended_children) == NULL)
        return;
    for (struct cfi_child *child = take_ended(host); child; child = next) {
        next = child->next;
        if (child->lane == NULL) {
            drop(child, endings);
            continue;
        }
        list_apart(child);
        child->is_heard = true;
        TAILQ_INSERT_TAIL(&child->lane->nest->news, child, special);
        cfi_desk_tell(child->lane, endings);
    }
}

/* --- from birth to oblivion --- */

struct cfi_child *cfi_child_create(struct cfi_host *host, struct cfi_lane *lane,
                                   struct cf_future *future, uint64_t token)
{
    struct cfi_child *child = calloc(1, sizeof *child);

    if (child == NULL || !cfi_child_give_id(lane->nest, child)) {
        free(child);
        return NULL;
    }
    child->watch.fire = note_end;
    child->host = host;
    child->lane = lane;
    child->future = future;
    child->token = token;
    child->parent = lane->drained;
    TAILQ_INSERT_TAIL(&lane->nest->all, child, link);
    (void)cfi_watch_add(future, &child->watch); /* it has not ended yet */
    return child;
}

static void unlink_wait(struct cf_future **waiter)
{
    if (*waiter != NULL)
        cfi_waits_for_forget(*waiter);
    *waiter = NULL;
}

static void unlink_nest(struct cfi_nest *nest)
{
    unlink_wait(&nest->waiter);
    nest->waited = NULL;
}

/* No edge leads to a future that nobody holds, nor from one: whoever may follow
 * them knows nothing of children. */
static void unlink_child(struct cfi_nest *nest, struct cfi_child *child)
{
    const struct cf_future *future = child->future;
    struct cfi_child *other;

    unlink_wait(&child->waiter);
    if (nest->waited == future || nest->waiter == future)
        unlink_nest(nest);
    TAILQ_FOREACH(other, &nest->borrowed, special)
    {
        if (other->waiter == future)
            unlink_wait(&other->waiter);
    }
}

void cfi_child_forget(struct cfi_child *child, struct cfi_endings *endings)
{
    struct cfi_nest *nest = child->lane->nest;

    cfi_watch_remove(child->future, &child->watch);
    list_apart(child);
    unlink_child(nest, child);
    nest->by_id[child->id & UINT32_MAX] = NULL;
    TAILQ_REMOVE(&nest->all, child, link);
    if (nest->told == child)
        nest->told = NULL;
    child->lane = NULL;
    if (child->has_ended && !child->is_heard)
        return; /* who empties the list frees it */
    drop(child, endings);
}

/* Takes it from wherever it waits: it is plainly pending, in nobody's hands. */
static bool fetch(struct cfi_child *child)
{
    struct cf_future *future = child->future;

    if (child->is_borrowed || future->attempt > 0 ||
        !cfi_host_pick_up(child->host, future))
        return false;
    if (cfi_future_is_sent(future))
        cfi_future_unsend(future);
    return true;
}

bool cfi_child_cancel(struct cfi_child *child, struct cfi_endings *endings)
{
    struct cf_future *future = child->future;

    if (!fetch(child))
        return false;
    cfi_child_forget(child, endings);
    cfi_queue_push(&endings->cancelled, future);
    return true;
}

/* What the worker runs, innermost; NULL: nothing. What stands first in its ring
 * may not have started, where a callback's thread asks between two tasks. */
static struct cf_future *innermost(struct cfi_lane *lane)
{
    struct cfi_child *child = TAILQ_FIRST(&lane->nest->borrowed);

    if (child != NULL)
        return child->future;
    struct cf_future *head = cfi_lane_head(lane);
    return head != NULL && cfi_lane_has_started(lane, head) ? head : NULL;
}

void cfi_child_lend(struct cfi_child *child, bool is_inside)
{
    struct cf_future *own = innermost(child->lane);

    list_apart(child);
    child->is_borrowed = true;
    child->is_inside = is_inside;
    if (!is_inside)
        return; /* it waits for nobody, and may outlast the task */
    TAILQ_INSERT_HEAD(&child->lane->nest->borrowed, child, special);
    if (own != NULL && cfi_waits_for_note(own, child->future))
        child->waiter = own;
}

bool cfi_lane_runs_a_task(struct cfi_lane *lane)
{
    return innermost(lane) != NULL;
}

bool cfi_child_borrow(struct cfi_child *child, struct cfi_endings *endings)
{
    /* only a task borrows, and gives back before it ends */
    if (!cfi_lane_runs_a_task(child->lane) || !fetch(child))
        return false;
    if (!cfi_future_claim(child->future)) { /* it was cancelled just now */
        cfi_queue_push(&endings->dropped, child->future);
        return false;
    }
    cfi_watch_remove(child->future, &child->watch);
    cfi_child_lend(child, true);
    return true;
}

/* The reference of who carries it goes on with the future. */
static void end(struct cfi_child *child, enum cf_status status,
                const char *reason, struct cfi_endings *endings)
{
    struct cf_future *future = child->future;

    future->worker = child->lane->index;
    cfi_rest(future)->pid = child->lane->pid;
    future->attempt++;
    if (status == CF_OK) {
        cfi_rest(future)->ticket = CFI_TICKET_ENDED;
        cfi_queue_push(&endings->ended, future);
    } else {
        cfi_host_end(future, status, reason, endings);
    }
    cfi_child_forget(child, endings);
}

void cfi_child_return(struct cfi_child *child, enum cf_status status,
                      struct cfi_endings *endings)
{
    child->host->deaths = 0;
    cfi_rest(child->future)->is_read = true; /* by who has run it */
    end(child, status, "told where the task was run", endings);
}

void cfi_child_note_awaited(struct cfi_child *child)
{
    if (child->is_borrowed || child->is_heard || child->is_awaited)
        return;
    child->is_awaited = true;
    TAILQ_INSERT_TAIL(&child->lane->nest->awaited, child, special);
}

enum cf_status cfi_child_await(struct cfi_child *child)
{
    struct cfi_nest *nest = child->lane->nest;
    struct cf_future *own = innermost(child->lane);

    if (own == NULL || nest->waiter != NULL)
        return CF_OK;
    if (!cfi_waits_for_note(own, child->future))
        return CF_DEADLOCK;
    nest->waiter = own;
    nest->waited = child->future;
    return CF_OK;
}

void cfi_nest_wake(struct cfi_host *host, struct cfi_lane *lane)
{
    struct cfi_nest *nest = lane->nest;
    struct cfi_child *child;

    unlink_nest(nest);
    while ((child = TAILQ_FIRST(&nest->awaited)) != NULL)
        list_apart(child);
    if (!lane->is_absent)
        return;
    lane->is_absent = false;
    TAILQ_REMOVE(&host->sleepers, nest, sleeper);
    host->absent--;
    cfi_host_place(host, lane);
}

/* What it has borrowed it has returned before: else nobody would. */
void cfi_nest_task_ended(struct cfi_host *host, struct cfi_lane *lane)
{
    struct cfi_child *child;

    if (lane->nest == NULL)
        return;
    cfi_nest_wake(host, lane);
    TAILQ_FOREACH(child, &lane->nest->borrowed, special)
    {
        unlink_wait(&child->waiter);
        lane->is_spoilt = true;
    }
}

/* --- the worker is no more --- */

static void leave_behind(struct cfi_child *child, uint64_t crashed,
                         struct cfi_endings *endings)
{
    if (child->is_borrowed)
        end(child, CF_CRASHED, "the worker that ran the task in a wait died",
            endings);
    else if (child->parent != crashed || !cfi_child_cancel(child, endings))
        cfi_child_forget(child, endings);
}

void cfi_nest_close(struct cfi_host *host, struct cfi_lane *lane,
                    uint64_t crashed, struct cfi_endings *endings)
{
    struct cfi_nest *nest = lane->nest;
    struct cfi_child *child;

    if (nest == NULL)
        return;
    cfi_nest_wake(host, lane);
    while ((child = TAILQ_FIRST(&nest->all)) != NULL)
        leave_behind(child, crashed, endings);
    free(nest->by_id);
    free(nest->parcel);
    free(nest->story_owned);
    free(nest);
    lane->nest = NULL;
}
