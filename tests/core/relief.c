/* SPDX-License-Identifier: MIT */
/* Who works while a worker sleeps until a running task ends. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "scene.h"

static _Atomic int inside, most_inside;

/* Long enough that who runs beside it is seen. */
static enum cf_status be_inside(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int now = atomic_fetch_add(&inside, 1) + 1, most = most_inside;

    while (now > most &&
           !atomic_compare_exchange_weak(&most_inside, &most, now))
        ;
    usleep(20000);
    atomic_fetch_sub(&inside, 1);
    return tell_scene(task, arg, arg_bytes);
}

/* --- */

static void
what_a_running_task_has_queued_is_run_while_another_waits_for_it(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct scene scene;
        struct cf_executor *executor = executor_with((struct cf_options){0});
        scene_make(&scene, tell_scene, MOST_INNER);
        scene.queues_late = late == 1;
        struct cf_future *future = begin(executor, &scene);
        for (int i = 0; i < MOST_INNER; i++)
            pass(&scene.ran); /* by neither of the two workers */
        end(executor, &scene, future);
    }
}

static void what_came_from_outside_waits_all_the_same(void **state)
{
    struct scene scene, aside;
    struct scene *arg = &aside;
    struct cf_executor *executor = executor_with((struct cf_options){0});

    (void)state;
    scene_make(&scene, tell_scene, MOST_INNER);
    scene_make(&aside, tell_scene, 0);
    scene.queues_late = true;
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.is_on);
    struct cf_future *outside = submit(executor, tell_scene, &arg, sizeof arg);
    for (int i = 0; i < MOST_INNER; i++)
        pass(&scene.ran);
    usleep(50000); /* in which it would have been taken */
    assert_int_not_equal(sem_trywait(&aside.ran), 0);
    sem_post(&scene.may_end);
    pass(&aside.ran);
    size_t index;
    assert_status(cf_result(outside, CF_FOREVER, &index, sizeof index), CF_OK);
    cf_future_release(outside);
    scene_close(&aside);
    end(executor, &scene, future);
}

/* One of two workers sleeps, so one may work in its place. */
static void as_many_work_as_sleep(void **state)
{
    struct scene scene;
    struct cf_executor *executor = executor_with((struct cf_options){0});

    (void)state;
    most_inside = 0;
    scene_make(&scene, be_inside, MOST_INNER);
    scene.queues_late = true; /* so that each is a reason to call somebody */
    struct cf_future *future = begin(executor, &scene);
    for (int i = 0; i < MOST_INNER; i++)
        pass(&scene.ran);
    assert_int_equal(most_inside, 1);
    end(executor, &scene, future);
}

static void
who_works_in_place_of_another_has_an_index_behind_the_workers(void **state)
{
    struct scene scene;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_spare_workers = 3});

    (void)state;
    scene_make(&scene, tell_scene, MOST_INNER);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.is_on); /* there are such futures */
    for (int i = 0; i < MOST_INNER; i++) {
        size_t index;
        assert_status(
            cf_result(scene.futures[i], CF_FOREVER, &index, sizeof index),
            CF_OK);
        assert_in_range(index, 2, 4);
    }
    end(executor, &scene, future);
}

/* --- who waits for all --- */

static enum cf_status stay_until_told(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    enum cf_status status = tell_scene(task, arg, arg_bytes);

    pass(&scene->has_begun); /* a second post */
    return status;
}

static enum cf_status stay_as_a_branch(struct cf_task *task, void *arg)
{
    struct scene *scene = arg;

    (void)task;
    sem_post(&scene->ran);
    pass(&scene->may_end);
    return CF_OK;
}

static enum cf_status fork_and_stay(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    struct cf_branch branch;

    (void)arg_bytes;
    cf_branch_fork(task, &branch, stay_as_a_branch, scene);
    sem_post(&scene->has_begun);
    pass(&scene->may_end);
    return cf_branch_join(task, &branch);
}

static enum cf_status begin_then_fork(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    struct cf_branch branch;

    (void)arg_bytes;
    sem_post(&scene->has_begun);
    usleep(20000); /* the first most likely sleeps by then */
    cf_branch_fork(task, &branch, stay_as_a_branch, scene);
    pass(&scene->may_end);
    return cf_branch_join(task, &branch);
}

static void a_branch_that_is_forked_later_is_run_meanwhile_too(void **state)
{
    struct scene scene;
    struct cf_executor *executor = executor_with((struct cf_options){0});

    (void)state;
    scene_make(&scene, NULL, 0);
    scene.awaited = begin_then_fork;
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    sem_post(&scene.may_end); /* of the two that stay, one */
    end(executor, &scene, future);
}

static sem_t joined;

static void *join_all(void *executor)
{
    if (cf_join(executor, CF_FOREVER) == CF_OK)
        sem_post(&joined);
    return NULL;
}

static bool pass_in_time(sem_t *semaphore)
{
    struct timespec deadline;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 5;
    return sem_timedwait(semaphore, &deadline) == 0;
}

/* The last that it waits for ends in a relief thread, which then takes a branch
 * of what came later. */
static void a_join_waits_for_nothing_that_came_later(void **state)
{
    struct scene before, later;
    struct cf_executor *executor = executor_with((struct cf_options){0});
    pthread_t thread;

    (void)state;
    sem_init(&joined, 0, 0);
    scene_make(&before, stay_until_told, 1);
    scene_make(&later, NULL, 0);
    later.awaited = fork_and_stay;
    struct cf_future *future = begin(executor, &before);
    pass(&before.ran);
    sem_post(&before.may_end);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    assert_int_equal(pthread_create(&thread, NULL, join_all, executor), 0);
    usleep(20000);
    future = begin(executor, &later);
    usleep(20000);
    sem_post(&before.has_begun);
    pass(&later.ran);
    bool is_in_time = pass_in_time(&joined);
    sem_post(&later.may_end);
    sem_post(&later.may_end);
    pthread_join(thread, NULL);
    scene_close(&before);
    end(executor, &later, future);
    sem_destroy(&joined);
    assert_true(is_in_time);
}

/* --- one that does not come back --- */

static sem_t is_back; /* and does not look at the scene any more */

static enum cf_status stay_beyond_the_limit(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    enum cf_status status = stay_until_told(task, arg, arg_bytes);

    sem_post(&is_back);
    return status;
}

static enum cf_status queue_a_limited_one(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    struct cf_call call = {.timeout_ns = 1000000, .grace_ns = 1};

    if (cf_submit_call(cf_task_executor(task), stay_beyond_the_limit, arg,
                       arg_bytes, &call, &scene->futures[0]) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    sem_post(&scene->has_begun);
    pass(&scene->may_end);
    return CF_OK;
}

static void who_worked_in_place_of_another_is_not_replaced(void **state)
{
    enum { MANY = 8 };
    struct scene scene, *arg = &scene;
    struct cf_executor *executor = executor_with((struct cf_options){0});
    struct cf_future *futures[MANY];

    (void)state;
    most_inside = 0;
    sem_init(&is_back, 0, 0);
    scene_make(&scene, NULL, 0);
    scene.awaited = queue_a_limited_one;
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    assert_status(cf_result(scene.futures[0], CF_FOREVER, NULL, 0), CF_EXPIRED);
    cf_future_release(scene.futures[0]);
    sem_post(&scene.may_end);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    for (int i = 0; i < MANY; i++)
        futures[i] = submit(executor, be_inside, &arg, sizeof arg);
    for (int i = 0; i < MANY; i++)
        pass(&scene.ran);
    assert_in_range(most_inside, 1, 2);
    for (int i = 0; i < MANY; i++)
        cf_future_release(futures[i]);
    sem_post(&scene.has_begun);
    pass(&is_back); /* the end does not wait for it */
    end(executor, &scene, future);
}

/* --- where there is none --- */

static enum cf_status begin_worker(size_t worker, const void *arg,
                                   size_t arg_bytes, void **state)
{
    (void)worker, (void)arg, (void)arg_bytes, (void)state;
    return CF_OK;
}

static void assert_nobody_helps(struct cf_options options)
{
    struct scene scene;
    struct cf_executor *executor = executor_with(options);

    scene_make(&scene, tell_scene, MOST_INNER);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.is_on);
    usleep(100000);
    assert_int_not_equal(sem_trywait(&scene.ran), 0);
    end(executor, &scene, future);
}

static void an_initializer_is_run_for_workers_alone(void **state)
{
    (void)state;
    assert_nobody_helps((struct cf_options){.initializer = begin_worker});
}

static void
who_has_one_worker_to_spare_has_it_for_waits_that_need_it(void **state)
{
    (void)state;
    assert_nobody_helps((struct cf_options){.max_spare_workers = 1});
}

/* --- its end --- */

static sem_t ended; /* a post for each worker that has */

static void note_end(const struct cf_event *event, void *context)
{
    (void)context;
    if (event->kind == CF_EVENT_WORKER_ENDED)
        sem_post(&ended);
}

static void who_is_not_called_again_leaves(void **state)
{
    struct scene scene;
    struct cf_executor *executor =
        executor_with((struct cf_options){.observer = note_end});

    (void)state;
    sem_init(&ended, 0, 0);
    scene_make(&scene, tell_scene, MOST_INNER);
    struct cf_future *future = begin(executor, &scene);
    pass(&ended); /* the others have tasks */
    end(executor, &scene, future);
    sem_destroy(&ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_a_running_task_has_queued_is_run_while_another_waits_for_it),
        cmocka_unit_test(what_came_from_outside_waits_all_the_same),
        cmocka_unit_test(as_many_work_as_sleep),
        cmocka_unit_test(
            who_works_in_place_of_another_has_an_index_behind_the_workers),
        cmocka_unit_test(a_branch_that_is_forked_later_is_run_meanwhile_too),
        cmocka_unit_test(a_join_waits_for_nothing_that_came_later),
        cmocka_unit_test(who_worked_in_place_of_another_is_not_replaced),
        cmocka_unit_test(an_initializer_is_run_for_workers_alone),
        cmocka_unit_test(
            who_has_one_worker_to_spare_has_it_for_waits_that_need_it),
        cmocka_unit_test(who_is_not_called_again_leaves),
    };
    return cmocka_run_group_tests_name("relief", tests, NULL, NULL);
}
