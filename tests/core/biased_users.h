/* SPDX-License-Identifier: MIT */
#ifndef BIASED_USERS_H
#define BIASED_USERS_H

/* Threads that take a biased lock, for the tests of the lock and of the barrier
 * on which it stands. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "barrier.h"
#include "biased_lock.h"
#include "spin.h"

enum { ROUNDS = 40, LOANS = 200, VISITS = 1000, OTHERS = 2 };

static inline void need_a_barrier(void)
{
    cfi_barrier_all_announce(true);
    if (cfi_barrier_all_exists())
        return;
    print_message("skipped: no barrier in all threads is to be had here\n");
    skip();
}

/* What `act` says of the lock, in another thread. */
static inline bool another(void *(*act)(void *lock),
                           struct cfi_biased_lock *lock)
{
    pthread_t other;
    void *answer;

    pthread_create(&other, NULL, act, lock);
    pthread_join(other, &answer);
    return answer != NULL;
}

/* As its owner? */
static inline void *take_and_give(void *lock)
{
    bool as_owner = cfi_biased_lock(lock);

    cfi_biased_unlock(lock, as_owner);
    return as_owner ? lock : NULL;
}

/* --- one at a time --- */

struct round {
    struct cfi_biased_lock lock;
    int loans; /* before another thread takes it for good; odd: visits last */
    long counter;
};

/* Of two that are here at a time one is not counted. */
static inline void count(struct round *round, int pauses)
{
    long seen = round->counter;

    for (int i = 0; i < pauses; i++)
        cfi_spin_pause();
    atomic_signal_fence(memory_order_seq_cst);
    round->counter = seen + 1;
}

static inline bool visit(struct round *round)
{
    bool as_owner = cfi_biased_lock(&round->lock);
    count(round, round->loans % 2);
    cfi_biased_unlock(&round->lock, as_owner);
    return as_owner;
}

static inline void *borrow_then_revoke(void *argument)
{
    struct round *round = argument;

    for (int i = 0; i < round->loans; i++) {
        const void *owner = cfi_biased_borrow(&round->lock);
        count(round, 10);
        cfi_biased_hand_back(&round->lock, owner);
    }
    for (int i = 0; i < VISITS; i++)
        visit(round);
    return NULL;
}

/* The first to come, while others borrow, until they have taken it and for a
 * while after that. Is every visit counted, and the lock nobody's? */
static inline bool are_all_counted(int loans)
{
    static struct round round;
    pthread_t others[OTHERS];
    long visits = 1;

    round = (struct round){.loans = loans};
    visit(&round);
    for (int i = 0; i < OTHERS; i++)
        pthread_create(&others[i], NULL, borrow_then_revoke, &round);
    while (visit(&round))
        visits++;
    for (int i = 0; i < VISITS; i++)
        visit(&round);
    for (int i = 0; i < OTHERS; i++)
        pthread_join(others[i], NULL);
    visits += 1 + VISITS + OTHERS * (loans + VISITS);
    return round.counter == visits &&
           round.lock.owner ==
               (cfi_barrier_all_exists() ? &cfi_nobodys : NULL) &&
           round.lock.held == 0 && round.lock.lock.word == 0;
}

#endif
