/* SPDX-License-Identifier: MIT */
/* What relief threads take over from workers, and leave to them: queues, places,
 * threads. */
#include <stdatomic.h>
#include <time.h>

#include "injection.h"
#include "scene.h"

/* --- the queue of one that has left --- */

static sem_t may_queue;

static enum cf_status queue_when_told(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;

    (void)arg_bytes;
    sem_post(&scene->has_begun);
    pass(&may_queue);
    enum cf_status status = queue_some(task, scene);
    pass(&scene->may_end);
    return status;
}

static enum cf_status stay(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    enum cf_status status = tell_scene(task, arg, arg_bytes);

    pass(&scene->may_end);
    return status;
}

static _Atomic int counted;

static enum cf_status count_it(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    atomic_fetch_add(&counted, 1);
    return CF_OK;
}

static void submit_counted(struct cf_executor *executor, int count)
{
    for (int i = 0; i < count; i++)
        cf_future_release(submit_int(executor, count_it, i));
}

/* The third worker has taken some of many tasks along when one of them lasts. */
static void what_a_worker_left_that_came_from_outside_waits(void **state)
{
    enum { MANY = 1000 };
    struct scene scene, aside, *arg = &aside;
    struct cf_executor *executor = executor_with((struct cf_options){0});
    struct cf_future *staying[2];

    (void)state;
    counted = 0;
    sem_init(&may_queue, 0, 0);
    assert_status(cf_set_workers(executor, 3), CF_OK);
    scene_make(&scene, tell_scene, 1);
    scene.awaited = queue_when_told;
    scene_make(&aside, NULL, 0);
    struct cf_future *future = begin(executor, &scene);
    usleep(20000);
    staying[0] = submit(executor, stay, &arg, sizeof arg);
    pass(&aside.ran);
    submit_counted(executor, MANY);
    staying[1] = submit(executor, stay, &arg, sizeof arg);
    submit_counted(executor, MANY);
    sem_post(&aside.may_end);
    pass(&aside.ran);
    assert_status(cf_set_workers(executor, 2), CF_OK);
    sem_post(&aside.may_end);
    for (int i = 0; i < 2; i++) {
        size_t index;
        assert_status(cf_result(staying[i], CF_FOREVER, &index, sizeof index),
                      CF_OK);
        assert_int_equal(index, 2);
        cf_future_release(staying[i]);
    }
    usleep(20000); /* in which it leaves */
    sem_post(&may_queue);
    pass(&scene.ran);
    usleep(20000); /* in which others would have been taken */
    int before = counted;
    end(executor, &scene, future);
    assert_int_equal(before, MANY);
    assert_int_equal(counted, 2 * MANY);
    scene_close(&aside);
    sem_destroy(&may_queue);
}

/* --- those that a wait needs --- */

/* With a time-out: it does not run itself what it waits for. */
static enum cf_status wait_for_the_next(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    int depth = *(const int *)arg, less = depth - 1;
    struct cf_future *future;

    if (depth == 0)
        return CF_OK;
    if (cf_submit(cf_task_executor(task), wait_for_the_next, &less, arg_bytes,
                  &future) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(future, 10000000000, NULL, 0);
    cf_future_release(future);
    return status == CF_OK ? CF_OK : cf_raise(task, 2, "in vain, %d", depth);
}

static void who_rests_makes_room_for_who_is_needed(void **state)
{
    enum { WORKERS = 2, SPARE = 2 };
    struct scene scene;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_spare_workers = SPARE});

    (void)state;
    scene_make(&scene, tell_scene, 1);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    sem_post(&scene.may_end);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    future = submit_int(executor, wait_for_the_next, WORKERS + SPARE - 1);
    end(executor, &scene, future);
}

/* As many as one thread runs in a second or so. */
enum { SLOW = 40 };

static enum cf_status be_slow(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    usleep(30000);
    return count_it(task, arg, arg_bytes);
}

static enum cf_status queue_slow_ones(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    struct cf_future *future;

    for (int i = 0; i < SLOW; i++) {
        if (cf_submit(cf_task_executor(task), be_slow, arg, arg_bytes,
                      &future) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
        cf_future_release(future);
    }
    sem_post(&scene->has_begun);
    pass(&scene->may_end);
    return CF_OK;
}

static sem_t may_wait;

static enum cf_status wait_when_told(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    pass(&may_wait);
    return wait_for_the_next(task, arg, arg_bytes);
}

/* It has the only place that is left. */
static void who_works_makes_room_before_nothing_is_left_to_do(void **state)
{
    enum { SPARE = 2 };
    struct scene scene;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_spare_workers = SPARE});

    (void)state;
    counted = 0;
    sem_init(&may_wait, 0, 0);
    assert_status(cf_set_workers(executor, 3), CF_OK);
    struct cf_future *chain = submit_int(executor, wait_when_told, SPARE);
    scene_make(&scene, NULL, 0);
    scene.awaited = queue_slow_ones;
    struct cf_future *future = begin(executor, &scene);
    while (counted == 0)
        usleep(1000);
    sem_post(&may_wait);
    assert_status(cf_result(chain, CF_FOREVER, NULL, 0), CF_OK);
    int ran = counted;
    cf_future_release(chain);
    end(executor, &scene, future);
    assert_in_range(ran, 1, SLOW / 2);
    sem_destroy(&may_wait);
}

static sem_t may_rest;

static enum cf_status work_until_told(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    enum cf_status status = tell_scene(task, arg, arg_bytes);

    pass(&may_rest);
    return status;
}

/* Of two workers one stays in its task, and the other one waits. Nobody does whom
 * the relief thread worked for. */
static void who_rests_stands_in_where_no_thread_can_be_had(void **state)
{
    struct scene scene, aside, *arg = &aside;
    struct cf_executor *executor = executor_with((struct cf_options){0});

    (void)state;
    sem_init(&may_rest, 0, 0);
    scene_make(&scene, work_until_told, 1);
    scene_make(&aside, NULL, 0);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    sem_post(&scene.may_end);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    struct cf_future *stays = submit(executor, stay, &arg, sizeof arg);
    pass(&aside.ran);
    allow_threads(0);
    struct cf_future *waits = submit_int(executor, wait_for_the_next, 1);
    usleep(20000);
    sem_post(&may_rest);
    enum cf_status status = cf_result(waits, CF_FOREVER, NULL, 0);
    allow_threads(-1);
    sem_post(&aside.may_end);
    cf_future_release(waits);
    cf_future_release(stays);
    end(executor, &scene, future);
    scene_close(&aside);
    sem_destroy(&may_rest);
    assert_status(status, CF_OK);
}

static _Atomic int begun_workers;

static void note_begin(const struct cf_event *event, void *context)
{
    (void)context;
    if (event->kind == CF_EVENT_WORKER_STARTED)
        atomic_fetch_add(&begun_workers, 1);
}

/* All at a time, one of them by the relief thread, which does not leave first and
 * have another one started. */
static void a_place_that_a_relief_thread_rests_in_is_a_worker_s(void **state)
{
    enum { MORE = 16 };
    struct scene scene, all, *arg = &all;
    struct cf_future *futures[MORE];
    struct cf_executor *executor =
        executor_with((struct cf_options){.observer = note_begin});

    (void)state;
    begun_workers = 0;
    scene_make(&scene, tell_scene, 1);
    scene_make(&all, NULL, 0);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    sem_post(&scene.may_end);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    usleep(20000);
    assert_status(cf_set_workers(executor, MORE), CF_OK);
    for (int i = 0; i < MORE; i++)
        futures[i] = submit(executor, stay, &arg, sizeof arg);
    for (int i = 0; i < MORE; i++)
        pass(&all.ran);
    assert_int_equal(begun_workers, MORE);
    for (int i = 0; i < MORE; i++)
        sem_post(&all.may_end);
    for (int i = 0; i < MORE; i++)
        cf_future_release(futures[i]);
    end(executor, &scene, future);
    scene_close(&all);
}

static enum cf_status be_short(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    usleep(500);
    return CF_OK;
}

/* Its place is one of theirs by then. */
static void more_workers_are_started_once_beside_a_relief_thread(void **state)
{
    enum { MORE = 16, TASKS = 400 };
    struct scene scene;
    struct cf_future *futures[TASKS];
    struct cf_executor *executor =
        executor_with((struct cf_options){.observer = note_begin});

    (void)state;
    begun_workers = 0;
    scene_make(&scene, stay, 1);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    assert_status(cf_set_workers(executor, MORE), CF_OK);
    for (int i = 0; i < TASKS; i++)
        futures[i] = submit_int(executor, be_short, i);
    for (int i = 0; i < TASKS; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
    assert_in_range(begun_workers, 1, MORE + 1);
    sem_post(&scene.may_end);
    end(executor, &scene, future);
}

static enum cf_status do_nothing(struct cf_task *task, void *arg)
{
    (void)task, (void)arg;
    return CF_OK;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static enum cf_status fork_for_a_while(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    enum cf_status status = CF_OK;
    int64_t until_ns = now_ns() + 50000000;

    (void)arg, (void)arg_bytes;
    while (status == CF_OK && now_ns() < until_ns) {
        struct cf_branch branch;
        cf_branch_fork(task, &branch, do_nothing, NULL);
        status = cf_branch_join(task, &branch);
    }
    return status;
}

static void no_branch_starts_a_thread_behind_a_relief_thread(void **state)
{
    enum {
        MORE = 4
    }; /* of which the relief thread has the place of the last */
    struct scene scene;
    struct cf_executor *executor = executor_with(
        (struct cf_options){.max_spare_workers = 2, .observer = note_begin});

    (void)state;
    begun_workers = 0;
    scene_make(&scene, stay, 1);
    struct cf_future *future = begin(executor, &scene);
    pass(&scene.ran);
    assert_status(cf_set_workers(executor, MORE), CF_OK);
    struct cf_future *forking = submit(executor, fork_for_a_while, NULL, 0);
    assert_status(cf_result(forking, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(forking);
    sem_post(&scene.may_end);
    end(executor, &scene, future);
    assert_int_equal(begun_workers, MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_worker_left_that_came_from_outside_waits),
        cmocka_unit_test(who_rests_makes_room_for_who_is_needed),
        cmocka_unit_test(who_works_makes_room_before_nothing_is_left_to_do),
        cmocka_unit_test(who_rests_stands_in_where_no_thread_can_be_had),
        cmocka_unit_test(a_place_that_a_relief_thread_rests_in_is_a_worker_s),
        cmocka_unit_test(more_workers_are_started_once_beside_a_relief_thread),
        cmocka_unit_test(no_branch_starts_a_thread_behind_a_relief_thread),
    };
    return cmocka_run_group_tests_name("relief_places", tests, NULL, NULL);
}
