/* SPDX-License-Identifier: MIT */
/*
 * The lock that the first thread to come owns: who has it, who gets it, and
 * that one at a time has it. What no interleaving may show is searched by
 * tests/models/biased_lock.pml; here it meets real store buffers. A wake that
 * is lost is a hang, which the test's time limit shows.
 */
#include <linux/futex.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "biased_users.h"

/* A lock that this thread owns, and does not hold. */
static void own(struct cfi_biased_lock *lock)
{
    need_a_barrier();
    *lock = (struct cfi_biased_lock){0};
    assert_non_null(take_and_give(lock));
    assert_ptr_equal(lock->owner, cfi_thread_token());
}

/* --- one at a time --- */

static void owner_and_others_exclude_each_other(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        assert_true(are_all_counted(i * LOANS / ROUNDS));
}

/* --- who has it --- */

static void
the_first_thread_owns_it_and_takes_it_without_the_inner_lock(void **state)
{
    struct cfi_biased_lock lock;

    (void)state;
    own(&lock);
    cfi_lock(&lock.lock); /* who needs it hangs */
    for (int i = 0; i < 3; i++) {
        assert_true(cfi_biased_lock(&lock));
        assert_int_equal(lock.held, 1);
        cfi_biased_unlock(&lock, true);
        assert_int_equal(lock.held, 0);
    }
    cfi_unlock(&lock.lock);
}

static void another_thread_takes_it_from_its_owner_for_good(void **state)
{
    struct cfi_biased_lock lock;

    (void)state;
    own(&lock);
    for (int i = 0; i < 2; i++) { /* the second comes to what is nobody's */
        assert_false(another(take_and_give, &lock));
        assert_ptr_equal(lock.owner, &cfi_nobodys);
        assert_false(cfi_biased_lock(&lock));
        assert_int_equal(lock.lock.word, 1);
        assert_int_equal(lock.held, 0);
        cfi_biased_unlock(&lock, false);
    }
}

static void *borrow_once(void *lock)
{
    cfi_biased_hand_back(lock, cfi_biased_borrow(lock));
    return NULL;
}

struct loan {
    struct cfi_biased_lock lock;
    sem_t is_lent, is_over;
};

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static void *borrow_until_told(void *argument)
{
    struct loan *loan = argument;
    const void *owner = cfi_biased_borrow(&loan->lock);

    sem_post(&loan->is_lent);
    await(&loan->is_over);
    cfi_biased_hand_back(&loan->lock, owner);
    return NULL;
}

static void who_borrows_it_leaves_it_to_its_owner(void **state)
{
    static struct loan loan;
    pthread_t other;

    (void)state;
    own(&loan.lock);
    sem_init(&loan.is_lent, 0, 0);
    sem_init(&loan.is_over, 0, 0);
    for (int i = 0; i < 2; i++) {
        pthread_create(&other, NULL, borrow_until_told, &loan);
        await(&loan.is_lent);
        assert_false(cfi_biased_take(&loan.lock));
        assert_int_equal(loan.lock.held, 0);
        sem_post(&loan.is_over);
        pthread_join(other, NULL);
        assert_true(cfi_biased_take(&loan.lock));
        cfi_biased_give(&loan.lock);
    }
    borrow_once(&loan.lock); /* from itself */
    assert_true(cfi_biased_take(&loan.lock));
    cfi_biased_give(&loan.lock);
}

static void who_borrows_what_nobody_owns_leaves_it_so(void **state)
{
    struct cfi_biased_lock lock = {0};

    (void)state;
    need_a_barrier();
    another(borrow_once, &lock);
    assert_null(lock.owner);
    assert_non_null(take_and_give(&lock)); /* the first to come, still */
    another(take_and_give, &lock);
    another(borrow_once, &lock);
    assert_ptr_equal(lock.owner, &cfi_nobodys);
}

static void *is_anothers(void *lock)
{
    return cfi_biased_is_anothers(lock) ? lock : NULL;
}

static void it_is_anothers_to_all_but_its_owner(void **state)
{
    struct cfi_biased_lock lock = {0};

    (void)state;
    assert_false(another(is_anothers, &lock));
    own(&lock);
    assert_false(cfi_biased_is_anothers(&lock));
    assert_true(another(is_anothers, &lock));
    lock.owner = &cfi_nobodys_now; /* lent; its owner may not know yet */
    assert_true(another(is_anothers, &lock));
    lock.owner = &cfi_nobodys;
    assert_false(another(is_anothers, &lock));
}

/* --- who waits --- */

struct wait {
    struct cfi_biased_lock lock;
    _Atomic bool has_it;
};

static void *take_it(void *argument)
{
    struct wait *wait = argument;
    bool as_owner = cfi_biased_lock(&wait->lock);

    atomic_store(&wait->has_it, true);
    cfi_biased_unlock(&wait->lock, as_owner);
    return NULL;
}

/* Until the other sleeps on `held`: queued anew where it is, it is counted and
 * not woken. */
static void await_its_sleep(struct wait *wait)
{
    _Atomic uint32_t *held = &wait->lock.held;
    long asleep;

    do {
        asleep = syscall(SYS_futex, held, FUTEX_CMP_REQUEUE_PRIVATE, 0,
                         (void *)1, held, 1);
        assert_true(asleep >= 0);
        assert_false(wait->has_it);
    } while (asleep == 0);
}

static void who_revokes_sleeps_until_the_owner_has_left(void **state)
{
    static struct wait wait;
    pthread_t other;

    (void)state;
    own(&wait.lock);
    assert_true(cfi_biased_lock(&wait.lock));
    pthread_create(&other, NULL, take_it, &wait);
    for (int i = 0; i < 3; i++) {
        await_its_sleep(&wait);
        cfi_futex_wake(&wait.lock.held, 1); /* for no reason */
    }
    await_its_sleep(&wait);
    assert_false(wait.has_it);
    cfi_biased_unlock(&wait.lock, true);
    pthread_join(other, NULL);
    assert_true(wait.has_it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_first_thread_owns_it_and_takes_it_without_the_inner_lock),
        cmocka_unit_test(another_thread_takes_it_from_its_owner_for_good),
        cmocka_unit_test(who_borrows_it_leaves_it_to_its_owner),
        cmocka_unit_test(who_borrows_what_nobody_owns_leaves_it_so),
        cmocka_unit_test(it_is_anothers_to_all_but_its_owner),
        cmocka_unit_test(who_revokes_sleeps_until_the_owner_has_left),
        cmocka_unit_test(owner_and_others_exclude_each_other),
    };
    return cmocka_run_group_tests_name("biased lock", tests, NULL, NULL);
}
