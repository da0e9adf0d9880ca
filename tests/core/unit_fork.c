/* SPDX-License-Identifier: MIT */
/* A fork while other threads of the host hold locks of the library: the child
 * gets an answer from every call, and can give everything back. */
#include "inherited.h"

#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
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

/* Of the host and what its tasks fork. */
static struct {
    atomic_int tasks;
    atomic_int callbacks;
} * ran;

/* The child does not wait for ever, though a worker's thread blocks signals. */
static pid_t fork_for_a_while(void)
{
    sigset_t alarms;
    pid_t child = fork();

    if (child == 0) {
        sigemptyset(&alarms);
        sigaddset(&alarms, SIGALRM);
        pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
        alarm(20);
    }
    return child;
}

static int wait_for(pid_t child)
{
    int status = -1;

    waitpid(child, &status, 0);
    return status;
}

/* Says how the child has ended, which comes back as well. */
static enum cf_status fork_and_come_back(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    pid_t child = fork_for_a_while();
    int status = child > 0 ? wait_for(child) : 0;
    (void)arg;
    (void)arg_bytes;

    return cf_return(task, &status, sizeof status);
}

static enum cf_status count_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    atomic_fetch_add(&ran->tasks, 1);
    return CF_OK;
}

static void count_callback(struct cf_future *future, void *context)
{
    (void)future;
    (void)context;
    atomic_fetch_add(&ran->callbacks, 1);
}

static void fork_in_a_callback(struct cf_future *future, void *context)
{
    pid_t child = fork_for_a_while();

    (void)future;
    if (child > 0)
        *(int *)context = wait_for(child);
}

static enum cf_status fork_in_an_initializer(size_t worker, const void *arg,
                                             size_t arg_bytes, void **state)
{
    pid_t child = fork_for_a_while();

    (void)worker;
    (void)arg;
    (void)arg_bytes;
    *state = NULL;
    return child == 0 || wait_for(child) == 0 ? CF_OK : CF_EXCEPTION;
}

static const struct cf_backend *const with_threads[] = {CF_THREAD, CF_GIL,
                                                        CF_OPENMP};

static struct cf_executor *one_worker(const struct cf_backend *backend)
{
    struct cf_options options = {.max_workers = 1,
                                 .initializer = fork_in_an_initializer};
    struct cf_executor *executor;

    ran = mmap(NULL, sizeof *ran, PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(ran, MAP_FAILED);
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    return executor;
}

/* Those that are queued would run twice; and it would stay for ever. */
static void a_child_that_comes_back_from_a_task_runs_no_other(void **state)
{
    enum { BEHIND = 5 };

    (void)state;
    for (int i = 0; i < 3; i++) {
        if (cf_backend_missing(with_threads[i]) != NULL)
            continue;
        struct cf_executor *executor = one_worker(with_threads[i]);
        struct gate gate;
        gate_make(&gate);
        int status = -1, after_callback = -1;
        struct cf_future *first =
            submit(executor, wait_at_gate, &gate, sizeof gate);
        struct cf_future *forks = submit(executor, fork_and_come_back, NULL, 0);
        assert_status(cf_add_done_callback(forks, count_callback, NULL), CF_OK);
        assert_status(
            cf_add_done_callback(first, fork_in_a_callback, &after_callback),
            CF_OK);
        for (int k = 0; k < BEHIND; k++)
            cf_future_release(submit(executor, count_task, NULL, 0));
        gate_open(&gate, 1);
        assert_status(cf_result(forks, CF_FOREVER, &status, sizeof status),
                      CF_OK);
        assert_int_equal(status, 0);
        cf_future_release(first);
        cf_future_release(forks);
        cf_executor_destroy(executor);
        assert_int_equal(after_callback, 0);
        assert_int_equal(atomic_load(&ran->tasks), BEHIND);
        assert_int_equal(atomic_load(&ran->callbacks), 1);
        gate_close(&gate);
        munmap(ran, sizeof *ran);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_hangs_on_no_lock_that_was_held_at_the_fork),
        cmocka_unit_test(a_child_of_a_task_is_no_worker),
        cmocka_unit_test(a_child_that_comes_back_from_a_task_runs_no_other),
    };
    return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
