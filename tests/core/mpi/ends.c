/* SPDX-License-Identifier: MIT */
/* How a job of several ranks ends, in good order or not. */
#include "ranks.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fifo.h"

static enum cf_status pause_and_end(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    usleep(20000);
    return CF_OK;
}

/* Says that it runs, to who wants to know. */
static enum cf_status stay(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)arg_bytes;
    if (arg != NULL && !fifo_say_there(arg))
        return cf_raise(task, 1, "nobody came to the fifo");
    sleep(30);
    return CF_OK;
}

/* main ends although a task runs for longer: the ranks end with it. */
void left_behind(void)
{
    struct cf_executor *executor = executor_of(NULL);
    for (int i = 0; i < 9; i++)
        submit(executor, pause_and_end, NULL, 0);
}

static struct cf_executor *at_exit;
static struct cf_future *then_open[3];
static sem_t is_destroyed; /* the one that a thread waits for then */

static void *destroy(void *executor)
{
    cf_executor_destroy(executor);
    sem_post(&is_destroyed);
    return NULL;
}

/* Comes after the library's own handler, since it was there first. */
void destroy_at_exit(void)
{
    struct timespec until;

    if (at_exit == NULL) /* another rank's */
        return;
    cf_executor_destroy(at_exit);
    for (int i = 0; i < 3; i++) {
        struct cf_error error;
        if (cf_future_error(then_open[i], 0, &error) != CF_OK ||
            error.status != CF_BROKEN ||
            strcmp(error.message, "MPI has ended") != 0)
            printf("%d: %s\n", i, cf_last_error().text);
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    if (sem_timedwait(&is_destroyed, &until) != 0)
        printf("who waited then still does\n");
    printf("at_exit: done\n");
    fflush(stdout);
}

static struct cf_future *submit_one_that_runs(struct cf_executor *executor)
{
    struct fifo runs;

    fifo_make(&runs);
    struct cf_future *future =
        submit(executor, stay, runs.path, sizeof runs.path);
    fifo_wait_for(&runs, 1);
    fifo_remove(&runs);
    return future;
}

/* As is one whose end a thread waits for by then. */
static void let_a_thread_destroy_another(void)
{
    struct cf_executor *executor =
        executor_of(&(struct cf_options){.max_workers = 1});
    pthread_t thread;

    cf_future_release(submit_one_that_runs(executor));
    sem_init(&is_destroyed, 0, 0);
    CHECK(pthread_create(&thread, NULL, destroy, executor) == 0);
    pthread_detach(thread);
    usleep(100000);
}

/* One task has ended by then, one runs, others wait there and here. */
void an_executor_may_be_destroyed_after_mpi_has_ended(void)
{
    struct cf_executor *executor =
        executor_of(&(struct cf_options){.max_workers = 1});
    struct cf_future *first = submit(executor, pause_and_end, NULL, 0);

    CHECK(cf_result(first, CF_FOREVER, NULL, 0) == CF_OK);
    cf_future_release(first);
    then_open[0] = submit_one_that_runs(executor);
    for (int i = 1; i < 3; i++)
        then_open[i] = submit(executor, stay, NULL, 0);
    let_a_thread_destroy_another();
    at_exit = executor;
}

static enum cf_status die(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    if (*(const int *)arg != 0)
        raise(*(const int *)arg);
    exit(0);
}

void death(int signal)
{
    struct cf_executor *executor = executor_of(NULL);
    struct cf_future *future = submit(executor, die, &signal, sizeof signal);
    (void)!cf_result(future, CF_FOREVER, NULL, 0);
    printf("the job went on\n");
}
