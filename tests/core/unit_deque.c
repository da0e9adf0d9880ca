/* SPDX-License-Identifier: MIT */
/* The deque between one owner and many takers. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "deque.h"
#include "future_tie.h"

#define MANY    100000
#define TAKERS  2
#define ROUNDS  10
#define PORTION (CFI_DEQUE_LEAST_ROOM - 1)

static struct cf_future *futures[MANY];

static int make_futures(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        futures[i] = cfi_promise_create();
        if (futures[i] == NULL)
            return -1;
        cfi_future_set_item(futures[i], i, true);
    }
    return 0;
}

static int release_futures(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++)
        cf_future_release(futures[i]);
    return 0;
}

/* --- whose pages are made while who waits --- */

static struct cfi_deque *growing;
static size_t made_unlocked, made_locked;

int __real_madvise(void *start, size_t bytes, int advice);
int __wrap_madvise(void *start, size_t bytes, int advice);

int __wrap_madvise(void *start, size_t bytes, int advice)
{
    if (growing != NULL && cfi_lock_try(&growing->lock)) {
        cfi_unlock(&growing->lock);
        made_unlocked++;
    } else if (growing != NULL) {
        made_locked++;
    }
    return __real_madvise(start, bytes, advice);
}

static void takers_go_on_while_a_large_ring_is_made(void **state)
{
    struct cfi_deque deque = {0};
    struct cf_future *taken;
    bool left = true;

    (void)state;
    growing = &deque;
    for (size_t i = 0; i < MANY; i++)
        assert_true(cfi_deque_push(&deque, futures[i]));
    growing = NULL;
    assert_true(made_unlocked > 0);
    assert_int_equal(made_locked, 0);
    while (left)
        assert_int_equal(cfi_deque_take(&deque, &taken, 1, &left), 1);
    cfi_deque_finish(&deque);
}

static void it_is_taken_in_the_order_of_pushing(void **state)
{
    struct cfi_deque deque = {0};
    struct cf_future *taken[7];
    size_t next = 0, count;
    bool left = true;

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        assert_true(cfi_deque_push(&deque, futures[i]));
    while ((count = next % 2 ? cfi_deque_take(&deque, taken, 7, &left)
                             : cfi_deque_steal(&deque, taken, 7, &left)) > 0) {
        for (size_t i = 0; i < count; i++)
            assert_ptr_equal(taken[i], futures[next++]);
        assert_int_equal(left, next < 1000);
    }
    assert_int_equal(next, 1000);
    assert_true(cfi_deque_is_empty(&deque));
    cfi_deque_finish(&deque);
}

static void the_owner_takes_the_oldest_too(void **state)
{
    struct cfi_deque deque = {0};
    struct cf_future *taken;
    bool left;

    (void)state;
    assert_null(cfi_deque_take_own(&deque));
    for (size_t i = 0; i < 1000; i++) { /* one in, one out: no more room */
        assert_true(cfi_deque_push(&deque, futures[i]));
        if (i >= 100)
            assert_ptr_equal(cfi_deque_take_own(&deque), futures[i - 100]);
    }
    assert_int_equal(deque.mask + 1, CFI_DEQUE_LEAST_ROOM);
    assert_int_equal(cfi_deque_steal(&deque, &taken, 1, &left), 1);
    assert_ptr_equal(taken, futures[900]);
    for (size_t i = 901; i < 1000; i++)
        assert_ptr_equal(cfi_deque_take_own(&deque), futures[i]);
    assert_null(cfi_deque_take_own(&deque));
    assert_true(cfi_deque_is_empty(&deque));
    cfi_deque_finish(&deque);
}

static void the_owner_takes_back_from_either_end(void **state)
{
    struct cfi_deque deque = {0};
    struct cf_future *taken;
    bool left;

    (void)state;
    assert_false(cfi_deque_take_back(&deque, futures[0]));
    for (size_t i = 0; i < 4; i++)
        assert_true(cfi_deque_push(&deque, futures[i]));
    assert_true(cfi_deque_take_back(&deque, futures[3]));
    assert_true(cfi_deque_take_back(&deque, futures[0]));
    assert_false(cfi_deque_take_back(&deque, futures[0]));
    assert_int_equal(cfi_deque_steal(&deque, &taken, 1, &left), 1);
    assert_ptr_equal(taken, futures[1]);
    assert_false(cfi_deque_take_back(&deque, futures[1]));
    assert_true(cfi_deque_take_back(&deque, futures[2]));
    assert_false(cfi_deque_take_back(&deque, futures[2]));
    assert_true(cfi_deque_is_empty(&deque));
    cfi_deque_finish(&deque);
}

/* A task that cancels, or waits for, what it submitted and never comes back to
 * its deque must not fill the memory with entries of tasks that are over. */
static void entries_of_tasks_that_are_over_give_way(void **state)
{
    struct cfi_deque deque = {0};

    (void)state;
    for (int i = 0; i < 10000; i++) {
        struct cf_future *over = cfi_promise_create();
        assert_non_null(over);
        assert_true(cfi_future_cancel_pending(over));
        assert_true(cfi_deque_push(&deque, over));
        cfi_hints_release(cfi_deque_hints(&deque));
    }
    assert_true(deque.mask + 1 <= CFI_DEQUE_LEAST_ROOM);
    struct cf_future *rest;
    bool left;
    while (cfi_deque_take(&deque, &rest, 1, &left) > 0)
        cf_future_release(rest);
    cfi_deque_finish(&deque);
}

struct race {
    struct cfi_deque deque;
    _Atomic bool is_over;
    _Atomic unsigned char times[MANY]; /* how often it was taken */
};

static void *take(void *context)
{
    struct race *race = context;
    struct cf_future *taken[5];
    bool left;

    for (unsigned round = 0;; round++) {
        bool is_over = atomic_load(&race->is_over);
        size_t count =
            cfi_deque_steal(&race->deque, taken, 1 + round % 5, &left);
        for (size_t i = 0; i < count; i++)
            atomic_fetch_add(&race->times[cfi_future_item(taken[i])], 1);
        if (count == 0 && is_over)
            return NULL;
    }
}

/* Pushes the next one, or where the deque was found empty a portion that fills
 * it; how many. */
static size_t push_some(struct race *race, size_t i, bool was_empty)
{
    size_t count = MANY - i < PORTION ? MANY - i : PORTION;

    if (!was_empty || i % 2 == 0) {
        assert_true(cfi_deque_push(&race->deque, futures[i]));
        return 1;
    }
    assert_true(cfi_deque_reserve(&race->deque, count));
    cfi_deque_push_reserved(&race->deque, futures + i, count, 1);
    return count;
}

/* The owner pushes, takes back what it pushed last, and takes the oldest, in a
 * rhythm that differs from round to round. */
static void own(struct race *race, size_t round)
{
    bool was_empty = false;

    for (size_t i = 0; i < MANY;) {
        i += push_some(race, i, was_empty);
        for (size_t back = 1; back <= i % 4; back++)
            if (cfi_deque_take_back(&race->deque, futures[i - back]))
                atomic_fetch_add(&race->times[i - back], 1);
        for (size_t more = i % (1 + round % 5) == 0 ? PORTION : 0; more > 0;
             more--) {
            struct cf_future *oldest = cfi_deque_take_own(&race->deque);
            was_empty = oldest == NULL;
            if (was_empty)
                break;
            atomic_fetch_add(&race->times[cfi_future_item(oldest)], 1);
        }
    }
}

static void nothing_is_taken_twice_or_lost(void **state)
{
    struct race *race = aligned_alloc(64, (sizeof *race + 63) / 64 * 64);
    pthread_t takers[TAKERS];

    (void)state;
    assert_non_null(race);
    for (size_t round = 0; round < ROUNDS; round++) {
        *race = (struct race){0};
        for (int i = 0; i < TAKERS; i++)
            assert_int_equal(pthread_create(&takers[i], NULL, take, race), 0);
        own(race, round);
        atomic_store(&race->is_over, true);
        for (int i = 0; i < TAKERS; i++)
            pthread_join(takers[i], NULL);
        for (size_t i = 0; i < MANY; i++)
            assert_int_equal(atomic_load(&race->times[i]), 1);
        cfi_deque_finish(&race->deque);
    }
    free(race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takers_go_on_while_a_large_ring_is_made),
        cmocka_unit_test(it_is_taken_in_the_order_of_pushing),
        cmocka_unit_test(the_owner_takes_the_oldest_too),
        cmocka_unit_test(the_owner_takes_back_from_either_end),
        cmocka_unit_test(entries_of_tasks_that_are_over_give_way),
        cmocka_unit_test(nothing_is_taken_twice_or_lost),
    };
    return cmocka_run_group_tests(tests, make_futures, release_futures);
}
