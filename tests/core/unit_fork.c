/* SPDX-License-Identifier: MIT */
/* A fork while other threads of the host hold locks of the library: the child
 * gets an answer from every call, and can give everything back. */
#include "inherited.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor_impl.h"
#include "future_impl.h"
#include "pool_impl.h"

/* --- every lock of a pool and its futures is held --- */

enum { MOST_LOCKS = 64 };

struct held {
    struct cfi_lock *locks[MOST_LOCKS];
    size_t count;
};

static void hold(struct held *held, struct cfi_lock *lock)
{
    assert_true(held->count < MOST_LOCKS);
    cfi_lock(lock);
    held->locks[held->count++] = lock;
}

static void hold_all(struct held *held, struct inherited *all)
{
    struct cfi_pool *pool = all->executor->state;

    hold(held, &all->executor->timekeeper.lock);
    hold(held, &all->executor->caller.lock);
    hold(held, &pool->threads.lock);
    hold(held, &pool->lock);
    for (size_t i = 0; i < CFI_SHARDS; i++) {
        hold(held, &all->executor->outside[i].lock.lock);
        hold(held, &pool->shards[i].lock);
    }
    for (struct cfi_station *station = atomic_load(&pool->stations);
         station != NULL; station = station->next)
        hold(held, &station->deque.lock);
    hold(held, &cfi_rest(all->done)->lock);
    hold(held, &cfi_rest(all->failed)->lock);
    hold(held, &cfi_rest(all->blocked)->lock);
    hold(held, &cfi_rest(all->promise)->lock);
    hold(held, &cfi_rest(all->unwatched)->lock);
}

static void let_go(struct held *held)
{
    while (held->count > 0)
        cfi_unlock(held->locks[--held->count]);
}

static void a_child_hangs_on_no_lock_that_was_held_at_the_fork(void **state)
{
    (void)state;
    struct inherited all;
    struct held held = {0};

    inherited_make(&all, cf_executor_create, CF_THREAD);
    hold_all(&held, &all);
    inherited_try(&all);
    let_go(&held);
    inherited_release(&all);
}

/* --- a task that forks --- */

/* The thread sanitizer's runtime has one of its own. */
#ifdef __SANITIZE_THREAD__
#define MOST_THREADS 2
#else
#define MOST_THREADS 1
#endif

static size_t count_threads(void)
{
    size_t count = 0;
    DIR *listing = opendir("/proc/self/task");
    struct dirent *entry;

    while (listing != NULL && (entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.';
    if (listing != NULL)
        closedir(listing);
    return count;
}

/* Waits as a worker would, which makes a pool start a spare thread. */
static bool waits_alone(struct cf_task *task)
{
    struct cf_future *promise;
    struct cf_executor *own;

    if (cf_stopping(task) || cf_future_create(&promise) != CF_OK)
        return false;
    cf_blocking_begin(task);
    cf_blocking_end(task);
    if (cf_result(promise, 1000, NULL, 0) != CF_TIMEOUT ||
        cf_wait(&promise, 1, CF_ALL_COMPLETED, 1000, NULL) != CF_TIMEOUT ||
        count_threads() > MOST_THREADS)
        return false;
    if (cf_shutdown(cf_task_executor(task), CF_SHUTDOWN_DRAIN, CF_FOREVER) !=
            CF_BROKEN ||
        cf_executor_create(CF_SERIAL, NULL, &own) != CF_OK)
        return false;
    int number = 5;
    struct cf_future *future = submit_int(own, square, number);
    bool is_right =
        cf_result(future, CF_FOREVER, &number, sizeof number) == CF_OK &&
        number == 25;
    cf_future_release(future);
    cf_executor_destroy(own);
    return is_right;
}

static enum cf_status fork_in_a_task(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    int status = -1;
    (void)arg;
    (void)arg_bytes;

    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(waits_alone(task) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return cf_return(task, &status, sizeof status);
}

static void a_child_of_a_task_is_no_worker(void **state)
{
    (void)state;
    const struct cf_backend *const backends[] = {CF_SERIAL, CF_THREAD, CF_GIL};

    for (int i = 0; i < 3; i++) {
        struct cf_executor *executor;
        struct cf_future *forks, *behind;
        int status = -1;
        assert_status(cf_executor_create(backends[i],
                                         &(struct cf_options){.max_workers = 1},
                                         &executor),
                      CF_OK);
        forks = submit(executor, fork_in_a_task, NULL, 0);
        behind = submit_int(executor, square, 3); /* work for a spare thread */
        assert_status(cf_result(forks, CF_FOREVER, &status, sizeof status),
                      CF_OK);
        assert_int_equal(status, 0);
        cf_future_release(forks);
        cf_future_release(behind);
        cf_executor_destroy(executor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_hangs_on_no_lock_that_was_held_at_the_fork),
        cmocka_unit_test(a_child_of_a_task_is_no_worker),
    };
    return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
