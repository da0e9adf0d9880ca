/* SPDX-License-Identifier: MIT */
/* Which slot a thread has, and what it leaves to the next. */
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include "biased_users.h"
#include "thread_slot.h"

enum { OWN = CFI_THREAD_SLOTS - 1 }; /* threads beside this one */

struct place {
    uint32_t slot;
    const void *token;
};

static struct place my_place(void)
{
    return (struct place){.slot = cfi_thread_slot(),
                          .token = cfi_thread_token()};
}

/* --- threads that stay until they are told --- */

struct stay {
    struct place place;
    sem_t is_known, may_go;
    pthread_t thread;
};

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static void *be_there(void *argument)
{
    struct stay *stay = argument;

    stay->place = my_place();
    sem_post(&stay->is_known);
    await(&stay->may_go);
    return NULL;
}

static void come(struct stay *stay)
{
    sem_init(&stay->is_known, 0, 0);
    sem_init(&stay->may_go, 0, 0);
    assert_int_equal(pthread_create(&stay->thread, NULL, be_there, stay), 0);
    await(&stay->is_known);
}

static void go(struct stay *stay)
{
    sem_post(&stay->may_go);
    pthread_join(stay->thread, NULL);
    sem_destroy(&stay->is_known);
    sem_destroy(&stay->may_go);
}

/* A bit for each slot of theirs and of this thread. */
static unsigned slots_of(const struct stay *stays, size_t count)
{
    unsigned slots = 1u << cfi_thread_slot();

    for (size_t i = 0; i < count; i++)
        slots |= 1u << stays[i].place.slot;
    return slots;
}

static void eight_threads_at_a_time_have_a_slot_each(void **state)
{
    struct stay stays[OWN];

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < OWN; i++)
            come(&stays[i]);
        assert_int_equal(slots_of(stays, OWN), (1u << CFI_THREAD_SLOTS) - 1);
        for (size_t i = 0; i < OWN; i++)
            go(&stays[i]);
    }
}

static void who_comes_after_eight_shares_a_slot_but_no_token(void **state)
{
    struct stay stays[OWN + 2];

    (void)state;
    for (size_t i = 0; i < OWN + 2; i++)
        come(&stays[i]);
    for (size_t i = 0; i < OWN + 2; i++) {
        assert_true(stays[i].place.slot < CFI_THREAD_SLOTS);
        assert_ptr_not_equal(stays[i].place.token, cfi_thread_token());
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(stays[i].place.token, stays[j].place.token);
    }
    for (size_t i = 0; i < OWN + 2; i++)
        go(&stays[i]);
}

static void
who_gets_the_slot_of_one_that_has_ended_owns_what_it_did(void **state)
{
    struct cfi_biased_lock lock = {0};

    (void)state;
    need_a_barrier();
    for (int i = 0; i < 3; i++)
        assert_true(another(take_and_give, &lock)); /* one after the other */
    assert_null(take_and_give(&lock));
    assert_ptr_equal(lock.owner, &cfi_nobodys);
}

/* --- what a thread does when its slot is gone --- */

static pthread_key_t later;
static struct cfi_biased_lock last;
static _Atomic bool was_owner;

static void take_it_late(void *turn)
{
    if (turn != &last) { /* the other keys' destructors come before */
        pthread_setspecific(later, &last);
        return;
    }
    atomic_store(&was_owner, take_and_give(&last) != NULL);
}

static void *take_it_now_and_late(void *unused)
{
    (void)unused;
    assert_non_null(take_and_give(&last));
    pthread_setspecific(later, &was_owner);
    return NULL;
}

static void a_thread_that_ends_owns_nothing_once_its_slot_is_gone(void **state)
{
    pthread_t thread;

    (void)state;
    need_a_barrier();
    pthread_key_create(&later, take_it_late);
    pthread_create(&thread, NULL, take_it_now_and_late, NULL);
    pthread_join(thread, NULL);
    pthread_key_delete(later);
    assert_false(was_owner);
    assert_ptr_equal(last.owner, &cfi_nobodys);
}

static int count_own_slots(void)
{
    struct stay stays[OWN];
    struct place before = my_place();

    cfi_thread_slot_after_fork();
    for (size_t i = 0; i < OWN; i++)
        come(&stays[i]);
    return before.slot == cfi_thread_slot() &&
           before.token == cfi_thread_token() &&
           slots_of(stays, OWN) == (1u << CFI_THREAD_SLOTS) - 1;
}

static void a_forked_child_has_the_slots_of_all_other_threads(void **state)
{
    struct stay stays[OWN];
    int status;

    (void)state;
    cfi_thread_slot();
    for (size_t i = 0; i < OWN; i++)
        come(&stays[i]);
    pid_t pid = fork();
    if (pid == 0)
        _exit(count_own_slots() ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    for (size_t i = 0; i < OWN; i++)
        go(&stays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_threads_at_a_time_have_a_slot_each),
        cmocka_unit_test(who_comes_after_eight_shares_a_slot_but_no_token),
        cmocka_unit_test(
            who_gets_the_slot_of_one_that_has_ended_owns_what_it_did),
        cmocka_unit_test(a_thread_that_ends_owns_nothing_once_its_slot_is_gone),
        cmocka_unit_test(a_forked_child_has_the_slots_of_all_other_threads),
    };
    return cmocka_run_group_tests_name("thread slot", tests, NULL, NULL);
}
