/* SPDX-License-Identifier: MIT */
/*
 * Futures in the order in which they end. A watch on each puts its arrival on a
 * stack when the future is final (any thread pushes); the one thread that takes
 * them takes the whole stack at once and turns it round.
 */
#include "arrivals.h"

#include "interrupt.h"
#include "task_impl.h"

static void push(struct cfi_arrival *arrival)
{
    struct cfi_arrivals *arrivals = arrival->arrivals;
    struct cfi_arrival *top =
        atomic_load_explicit(&arrivals->pushed, memory_order_relaxed);

    do {
        arrival->next = top;
        /* release: pairs with the exchange in take_over() */
    } while (!atomic_compare_exchange_weak_explicit(
        &arrivals->pushed, &top, arrival, memory_order_release,
        memory_order_relaxed));
}

static void fire(struct cfi_watch *watch, struct cf_future *future)
{
    struct cfi_arrival *arrival = (struct cfi_arrival *)watch;
    struct cfi_arrivals *arrivals = arrival->arrivals;

    (void)future;
    push(arrival);
    cfi_eventcount_notify(&arrivals->event, 1);
}

void cfi_arrival_expect(struct cfi_arrivals *arrivals,
                        struct cfi_arrival *arrival, struct cf_future *future)
{
    *arrival = (struct cfi_arrival){
        .watch = {.fire = fire},
        .arrivals = arrivals,
        .future = future,
    };
    if (!cfi_future_is_final(future) && cfi_watch_add(future, &arrival->watch))
        return;
    arrival->watch.fire = NULL; /* none knows of it */
    push(arrival);
}

void cfi_arrival_drop(struct cfi_arrival *arrival)
{
    /* even where the watch has fired: it may be firing at this moment */
    if (arrival->watch.fire != NULL)
        cfi_watch_remove(arrival->future, &arrival->watch);
    cf_future_release(arrival->future);
    arrival->future = NULL;
}

static void take_over(struct cfi_arrivals *arrivals)
{
    /* acquire: pairs with push() */
    struct cfi_arrival *arrival =
        atomic_exchange_explicit(&arrivals->pushed, NULL, memory_order_acquire);

    while (arrival != NULL) {
        struct cfi_arrival *next = arrival->next;
        arrival->next = arrivals->ready;
        arrivals->ready = arrival;
        arrival = next;
    }
}

bool cfi_arrivals_are_there(struct cfi_arrivals *arrivals)
{
    if (arrivals->ready == NULL)
        take_over(arrivals);
    return arrivals->ready != NULL;
}

static void sleep_until_there(struct cfi_arrivals *arrivals,
                              int64_t deadline_ns)
{
    while (!cfi_arrivals_are_there(arrivals)) {
        uint32_t key = cfi_eventcount_prepare(&arrivals->event);
        if (cfi_arrivals_are_there(arrivals)) {
            cfi_eventcount_cancel(&arrivals->event);
            return;
        }
        if (!cfi_interruptible_event_wait(&arrivals->event, key, deadline_ns))
            return;
    }
}

struct cfi_arrival *cfi_arrivals_take(struct cfi_arrivals *arrivals,
                                      struct cfi_awaited *awaited,
                                      int64_t deadline_ns)
{
    if (!cfi_arrivals_are_there(arrivals)) {
        cfi_absence_begin(awaited);
        cfi_sleep_begin();
        cfi_absence_lasts();
        sleep_until_there(arrivals, deadline_ns);
        cfi_sleep_end();
        cfi_absence_end();
    }
    if (!cfi_arrivals_are_there(arrivals))
        return NULL;
    struct cfi_arrival *arrival = arrivals->ready;
    arrivals->ready = arrival->next;
    return arrival;
}
