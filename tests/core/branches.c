/* SPDX-License-Identifier: MIT */
/* Branches that other workers take: what the thread backend promises of them
 * beyond what all backends do. */
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "meeting.h"

#define MS 1000000LL

static void doze(void)
{
    struct timespec time = {.tv_nsec = 2 * MS};
    nanosleep(&time, NULL);
}

static void an_idle_worker_takes_a_branch(void **state)
{
    struct cf_executor *executor = start(2, true);
    (void)state;

    for (int i = 0; i < 200; i++)
        meet_twice(executor); /* it looks, is about to sleep, ... */
    for (int i = 0; i < 5; i++) {
        doze(); /* ... or sleeps */
        meet_twice(executor);
    }
    cf_executor_destroy(executor);
}

static void a_worker_is_started_for_a_branch(void **state)
{
    struct cf_executor *executor = start(2, false);
    (void)state;

    meet_twice(executor);
    cf_executor_destroy(executor);
}

/* --- a join that sleeps --- */

/* Forks when the task that joins it may be asleep, to nobody but that one. */
static enum cf_status fork_late(struct cf_task *task, void *arg)
{
    struct meeting *meeting = arg;
    struct cf_branch branch;

    sem_post(&meeting[0].task);
    doze();
    cf_branch_fork(task, &branch, meet_task, &meeting[1]);
    await(&meeting[1].branch);
    sem_post(&meeting[1].task);
    return cf_branch_join(task, &branch);
}

static enum cf_status join_early(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct meeting *meeting = *(struct meeting *const *)arg;
    struct cf_branch branch;
    (void)arg_bytes;

    cf_branch_fork(task, &branch, fork_late, meeting);
    await(&meeting[0].task); /* it was taken */
    int right = cf_branch_join(task, &branch) == CF_EXCEPTION &&
                meeting[1].worker == cf_worker_index(task);
    return cf_return(task, &right, sizeof right);
}

static void who_joins_runs_what_the_branch_forks_meanwhile(void **state)
{
    struct cf_executor *executor = start(2, true);
    struct meeting meetings[2], *at = meetings;
    int right;
    (void)state;

    for (int i = 0; i < 10; i++) {
        meeting_make(&meetings[0]);
        meeting_make(&meetings[1]);
        struct cf_future *future = submit(executor, join_early, &at, sizeof at);
        assert_int_equal(cf_result(future, CF_FOREVER, &right, sizeof right),
                         CF_OK);
        assert_true(right);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

/* --- more than there is room for at first --- */

enum { MANY = 500 };

struct count {
    sem_t *ran;
    int times;
};

static enum cf_status count_one(struct cf_task *task, void *arg)
{
    struct count *count = arg;
    (void)task;

    count->times++;
    sem_post(count->ran);
    return CF_OK;
}

/* All are taken: the task joins none before all have run. */
static enum cf_status offer_many(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct cf_branch branches[MANY];
    struct count counts[MANY];
    int right = 0;
    sem_t ran;
    (void)arg, (void)arg_bytes;

    sem_init(&ran, 0, 0);
    for (int i = 0; i < MANY; i++) {
        counts[i] = (struct count){.ran = &ran};
        cf_branch_fork(task, &branches[i], count_one, &counts[i]);
    }
    for (int i = 0; i < MANY; i++)
        await(&ran);
    for (int i = MANY - 1; i >= 0; i--)
        right +=
            cf_branch_join(task, &branches[i]) == CF_OK && counts[i].times == 1;
    return cf_return(task, &right, sizeof right);
}

static void each_of_many_open_branches_may_be_taken(void **state)
{
    struct cf_executor *executor = start(3, true);
    int right;
    (void)state;

    struct cf_future *future = submit(executor, offer_many, NULL, 0);
    assert_int_equal(cf_result(future, CF_FOREVER, &right, sizeof right),
                     CF_OK);
    assert_int_equal(right, MANY);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- branches and the other tasks --- */

/* Who comes first, of a branch and a task that both are there when a worker
 * looks: it is kept in a task of its own until then. */
struct order {
    sem_t is_kept, may_look; /* the worker                   */
    sem_t is_forked;         /* the branch                   */
    sem_t has_begun;         /* the task, or the branch      */
    _Atomic int begun;
    int of_task, of_branch; /* 0: it began first            */
};

static enum cf_status be_kept(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    struct order *order = *(struct order *const *)arg;
    (void)arg_bytes;

    sem_post(&order->is_kept);
    await(&order->may_look);
    return cf_return(task, NULL, 0);
}

static enum cf_status begin_branch(struct cf_task *task, void *arg)
{
    struct order *order = arg;
    (void)task;

    order->of_branch = atomic_fetch_add(&order->begun, 1);
    sem_post(&order->has_begun);
    return CF_OK;
}

static enum cf_status begin_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct order *order = *(struct order *const *)arg;
    (void)arg_bytes;

    order->of_task = atomic_fetch_add(&order->begun, 1);
    sem_post(&order->has_begun);
    return cf_return(task, NULL, 0);
}

static enum cf_status offer_one(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    struct order *order = *(struct order *const *)arg;
    struct cf_branch branch;
    (void)arg_bytes;

    cf_branch_fork(task, &branch, begin_branch, order);
    sem_post(&order->is_forked);
    await(&order->has_begun);
    await(&order->has_begun);
    if (cf_branch_join(task, &branch) != CF_OK)
        return cf_raise(task, 1, "a branch was lost");
    return cf_return(task, NULL, 0);
}

static void tasks_come_before_branches(void **state)
{
    struct cf_executor *executor = start(2, true);
    struct order order = {0}, *at = &order;
    struct cf_future *futures[3];
    (void)state;

    sem_init(&order.is_kept, 0, 0);
    sem_init(&order.may_look, 0, 0);
    sem_init(&order.is_forked, 0, 0);
    sem_init(&order.has_begun, 0, 0);
    futures[0] = submit(executor, be_kept, &at, sizeof at);
    await(&order.is_kept);
    futures[1] = submit(executor, offer_one, &at, sizeof at);
    await(&order.is_forked);
    futures[2] = submit(executor, begin_task, &at, sizeof at);
    sem_post(&order.may_look);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
    assert_int_equal(order.of_task, 0);
    assert_int_equal(order.of_branch, 1);
    cf_executor_destroy(executor);
}

/* --- workers that cannot begin --- */

static sem_t has_failed;

static enum cf_status only_the_first_begins(size_t worker, const void *arg,
                                            size_t arg_bytes, void **state)
{
    (void)arg, (void)arg_bytes, (void)state;
    if (worker == 0)
        return CF_OK;
    sem_post(&has_failed);
    return CF_NOMEM;
}

static int64_t cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static enum cf_status tell_worker(struct cf_task *task, void *arg)
{
    *(size_t *)arg = cf_worker_index(task);
    return CF_OK;
}

/* The fork starts a worker, which fails; the branch stays open for a while. */
static enum cf_status fork_for_nobody(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct timespec while_open = {.tv_nsec = 50 * MS};
    struct cf_branch branch;
    size_t worker = SIZE_MAX;
    (void)arg, (void)arg_bytes;

    cf_branch_fork(task, &branch, tell_worker, &worker);
    await(&has_failed);
    int64_t before_ns = cpu_ns();
    nanosleep(&while_open, NULL);
    int64_t used_ns = cpu_ns() - before_ns;
    int right = cf_branch_join(task, &branch) == CF_OK && worker == 0 &&
                used_ns < 25 * MS; /* nobody looks at it all the time */
    return cf_return(task, &right, sizeof right);
}

static void a_worker_that_failed_to_begin_takes_no_branch(void **state)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 2,
                                 .initializer = only_the_first_begins};
    int right;
    (void)state;

    sem_init(&has_failed, 0, 0);
    assert_int_equal(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    struct cf_future *future = submit(executor, fork_for_nobody, NULL, 0);
    assert_int_equal(cf_result(future, CF_FOREVER, &right, sizeof right),
                     CF_OK);
    assert_true(right);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* A tree whose branches fork, submit and wait; its size comes back. */
static enum cf_status grow(struct cf_task *task, void *arg);

static enum cf_status grow_task(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int size = *(const int *)arg;
    (void)arg_bytes;

    if (grow(task, &size) != CF_OK)
        return cf_raise(task, 1, "a branch was lost");
    return cf_return(task, &size, sizeof size);
}

static enum cf_status grow(struct cf_task *task, void *arg)
{
    int *size = arg, parts[2] = {*size - 1, *size - 2}, by_future = *size - 3;
    struct cf_branch branches[2];
    struct cf_future *future = NULL;

    *size = 1;
    if (parts[1] < 0)
        return CF_OK;
    for (int i = 0; i < 2; i++)
        cf_branch_fork(task, &branches[i], grow, &parts[i]);
    if (by_future > 0 &&
        cf_submit(cf_task_executor(task), grow_task, &by_future,
                  sizeof by_future, &future) != CF_OK)
        return CF_INVALID;
    enum cf_status status = cf_branch_join(task, &branches[1]);
    if (future != NULL) {
        enum cf_status other =
            cf_result(future, CF_FOREVER, &by_future, sizeof by_future);
        cf_future_release(future);
        *size += by_future;
        status = status == CF_OK ? other : status;
    }
    enum cf_status last = cf_branch_join(task, &branches[0]);
    *size += parts[0] + parts[1];
    return status == CF_OK ? last : status;
}

/* What grow() counts. */
static int tree(int n)
{
    if (n < 2)
        return 1;
    return 1 + tree(n - 1) + tree(n - 2) + (n > 3 ? tree(n - 3) : 0);
}

static void no_branch_is_lost_and_nobody_waits_for_ever(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= 4; workers++) {
        struct cf_executor *executor = start(workers, workers % 2 == 0);
        struct cf_future *futures[4];
        for (int i = 0; i < 4; i++)
            futures[i] = submit_int(executor, grow_task, 10 + i % 2);
        for (int i = 0; i < 4; i++) {
            int size;
            assert_int_equal(
                cf_result(futures[i], CF_FOREVER, &size, sizeof size), CF_OK);
            assert_int_equal(size, tree(10 + i % 2));
            cf_future_release(futures[i]);
        }
        cf_executor_destroy(executor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_worker_takes_a_branch),
        cmocka_unit_test(a_worker_is_started_for_a_branch),
        cmocka_unit_test(who_joins_runs_what_the_branch_forks_meanwhile),
        cmocka_unit_test(each_of_many_open_branches_may_be_taken),
        cmocka_unit_test(tasks_come_before_branches),
        cmocka_unit_test(a_worker_that_failed_to_begin_takes_no_branch),
        cmocka_unit_test(no_branch_is_lost_and_nobody_waits_for_ever),
    };
    return cmocka_run_group_tests_name("branches", tests, NULL, NULL);
}
