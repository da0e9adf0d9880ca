/* SPDX-License-Identifier: MIT */
/* What relief threads take over from workers, and leave to them: queues, places,
 * threads. */
#include <stdatomic.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_worker_left_that_came_from_outside_waits),
    };
    return cmocka_run_group_tests_name("relief_places", tests, NULL, NULL);
}
