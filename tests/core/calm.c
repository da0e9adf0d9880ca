/* SPDX-License-Identifier: MIT */
/* What a task submits is served elsewhere, however long nobody has had to be
 * called for such: a worker sleeps, waits, is written off or leaves only then. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "shared.h"

enum { QUIET_SUBMITS = 20000 }; /* by then nobody is looked for */

struct scene {
    struct cf_executor *executor;
    struct cf_future *promise;
    sem_t is_quiet;    /* a task has submitted so many,      */
    sem_t may_submit;  /* and submits one for another worker, */
    sem_t ran;         /* which has run that                 */
    sem_t other_stays; /* the other worker is in its task,   */
    sem_t other_may_go;
    sem_t has_left;      /* a worker has      */
    sem_t other_is_gone; /* the thread of the other one, and touches nothing */
};

static pthread_key_t at_end;

static void say_that_it_is_gone(void *of)
{
    struct scene *scene = of;

    sem_post(&scene->other_is_gone);
}

static void pass(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static enum cf_status say_that_it_ran(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;

    (void)task, (void)arg_bytes;
    sem_post(&scene->ran);
    return CF_OK;
}

static enum cf_status submit_quietly(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *future;
    int number = 3, result;

    (void)arg_bytes;
    for (int i = 0; i < QUIET_SUBMITS; i++) {
        if (cf_submit(executor, square, &number, sizeof number, &future) !=
                CF_OK ||
            cf_result(future, CF_FOREVER, &result, sizeof result) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
        cf_future_release(future);
    }
    sem_post(&scene->is_quiet);
    pass(&scene->may_submit);
    if (cf_submit(executor, say_that_it_ran, arg, sizeof scene, &future) !=
        CF_OK)
        return cf_raise(task, 2, "%s", cf_last_error().text);
    pass(&scene->ran); /* without a wait that would run it here */
    cf_future_release(future);
    return CF_OK;
}

static enum cf_status stay(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;

    (void)task, (void)arg_bytes;
    pthread_setspecific(at_end, scene);
    sem_post(&scene->other_stays);
    pass(&scene->other_may_go);
    return CF_OK;
}

static enum cf_status stay_then_wait(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;

    stay(task, arg, arg_bytes);
    return cf_result(scene->promise, CF_FOREVER, NULL, 0);
}

static void note_end(const struct cf_event *event, void *context)
{
    struct scene *scene = context;

    if (event->kind == CF_EVENT_WORKER_ENDED)
        sem_post(&scene->has_left);
}

/* One worker submits in peace while the other stays in `other`. */
static struct cf_future *begin(struct scene *scene, struct cf_options options,
                               cf_function *other, struct cf_future **stays)
{
    *scene = (struct scene){0};
    sem_init(&scene->is_quiet, 0, 0);
    sem_init(&scene->may_submit, 0, 0);
    sem_init(&scene->ran, 0, 0);
    sem_init(&scene->other_stays, 0, 0);
    sem_init(&scene->other_may_go, 0, 0);
    sem_init(&scene->has_left, 0, 0);
    sem_init(&scene->other_is_gone, 0, 0);
    options.max_workers = 2;
    options.observer = note_end;
    options.observer_context = scene;
    assert_status(cf_executor_create(CF_THREAD, &options, &scene->executor),
                  CF_OK);
    assert_status(cf_future_create(&scene->promise), CF_OK);
    *stays = submit(scene->executor, other, &scene, sizeof scene);
    pass(&scene->other_stays);
    struct cf_future *submits =
        submit(scene->executor, submit_quietly, &scene, sizeof scene);
    pass(&scene->is_quiet);
    return submits;
}

static void end(struct scene *scene, struct cf_future *submits,
                struct cf_future *stays)
{
    sem_post(&scene->may_submit);
    assert_status(cf_result(submits, CF_FOREVER, NULL, 0), CF_OK);
    sem_post(&scene->other_may_go);
    assert_status(cf_future_set_result(scene->promise, NULL, 0), CF_OK);
    cf_future_release(submits);
    cf_future_release(stays);
    cf_executor_destroy(scene->executor);
    pass(&scene->other_is_gone); /* where it was written off, only now */
    cf_future_release(scene->promise);
    sem_destroy(&scene->is_quiet);
    sem_destroy(&scene->may_submit);
    sem_destroy(&scene->ran);
    sem_destroy(&scene->other_stays);
    sem_destroy(&scene->other_may_go);
    sem_destroy(&scene->has_left);
    sem_destroy(&scene->other_is_gone);
}

static void a_worker_that_fell_asleep_since_is_woken(void **state)
{
    struct scene scene;
    struct cf_future *stays;
    struct cf_future *submits =
        begin(&scene, (struct cf_options){0}, stay, &stays);

    (void)state;
    sem_post(&scene.other_may_go);
    usleep(20000); /* most likely it sleeps by then; else it looks */
    end(&scene, submits, stays);
}

static void for_one_that_waits_since_a_spare_thread_is_started(void **state)
{
    struct scene scene;
    struct cf_future *stays;
    struct cf_future *submits =
        begin(&scene, (struct cf_options){0}, stay_then_wait, &stays);

    (void)state;
    sem_post(&scene.other_may_go);
    usleep(20000); /* most likely it waits by then; else it looks */
    end(&scene, submits, stays);
}

static void for_one_that_was_written_off_since_another_is_started(void **state)
{
    struct scene scene;
    struct cf_future *stays;
    struct cf_future *submits =
        begin(&scene, (struct cf_options){0}, stay, &stays);

    (void)state;
    assert_status(cf_stop(stays, 1), CF_OK);
    assert_status(cf_result(stays, CF_FOREVER, NULL, 0), CF_STOPPED);
    end(&scene, submits, stays);
}

static void for_one_that_has_left_since_another_is_started(void **state)
{
    struct scene scene;
    struct cf_future *stays;
    struct cf_future *submits = begin(
        &scene, (struct cf_options){.max_tasks_per_worker = 1}, stay, &stays);

    (void)state;
    sem_post(&scene.other_may_go);
    pass(&scene.has_left);
    end(&scene, submits, stays);
}

static void where_there_may_be_more_workers_since_one_is_started(void **state)
{
    struct scene scene;
    struct cf_future *stays;
    struct cf_future *submits =
        begin(&scene, (struct cf_options){0}, stay, &stays);

    (void)state;
    assert_status(cf_set_workers(scene.executor, 3), CF_OK);
    end(&scene, submits, stays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_fell_asleep_since_is_woken),
        cmocka_unit_test(for_one_that_waits_since_a_spare_thread_is_started),
        cmocka_unit_test(for_one_that_was_written_off_since_another_is_started),
        cmocka_unit_test(for_one_that_has_left_since_another_is_started),
        cmocka_unit_test(where_there_may_be_more_workers_since_one_is_started),
    };
    pthread_key_create(&at_end, say_that_it_is_gone);
    return cmocka_run_group_tests_name("calm", tests, NULL, NULL);
}
