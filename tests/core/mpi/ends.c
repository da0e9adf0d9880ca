/* SPDX-License-Identifier: MIT */
/* How a job of several ranks ends, in good order or not. */
#include "ranks.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static enum cf_status pause_and_end(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    usleep(20000);
    return CF_OK;
}

static enum cf_status stay(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
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
static atomic_bool is_destroyed; /* the one that a thread waits for then */

static void *destroy(void *executor)
{
    cf_executor_destroy(executor);
    atomic_store(&is_destroyed, true);
    return NULL;
}

/* Comes after the library's own handler, since it was there first. */
void destroy_at_exit(void)
{
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
    for (int i = 0; i < 5000 && !atomic_load(&is_destroyed); i++)
        usleep(1000);
    if (!atomic_load(&is_destroyed))
        printf("who waited then still does\n");
    printf("at_exit: done\n");
    fflush(stdout);
}

/* As is one whose end a thread waits for by then. */
static void let_a_thread_destroy_another(void)
{
    struct cf_executor *executor =
        executor_of(&(struct cf_options){.max_workers = 1});
    struct cf_future *future = submit(executor, stay, NULL, 0);
    pthread_t thread;

    while (!cf_running(future))
        usleep(1000);
    cf_future_release(future);
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
    for (int i = 0; i < 3; i++)
        then_open[i] = submit(executor, stay, NULL, 0);
    while (!cf_running(then_open[0]))
        usleep(1000);
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
