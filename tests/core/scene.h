/* SPDX-License-Identifier: MIT */
#ifndef SCENE_H
#define SCENE_H

/* A worker that sleeps until a running task ends, which relief threads work in
 * place of. */
#include <semaphore.h>
#include <unistd.h>

#include "shared.h"

enum { MOST_INNER = 6 };

/* A task waits for another one, which has queued further ones and goes on. */
struct scene {
    cf_function *function; /* of the further ones */
    int inner;             /* so many of them     */
    cf_function *awaited;  /* the second          */
    bool queues_late;      /* when the first most likely sleeps already */
    sem_t has_begun;       /* the second has, ... */
    sem_t is_on;           /* (as who made the scene is told) */
    sem_t may_end;         /* ... and may end     */
    sem_t ran;             /* a post for each further one */
    struct cf_future *futures[MOST_INNER];
};

static inline void pass(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static inline void scene_close(struct scene *scene)
{
    for (int i = 0; i < scene->inner; i++) {
        size_t index;
        assert_status(
            cf_result(scene->futures[i], CF_FOREVER, &index, sizeof index),
            CF_OK);
        cf_future_release(scene->futures[i]);
    }
    sem_destroy(&scene->has_begun);
    sem_destroy(&scene->is_on);
    sem_destroy(&scene->may_end);
    sem_destroy(&scene->ran);
}

static inline enum cf_status queue_some(struct cf_task *task,
                                        struct scene *scene)
{
    for (int i = 0; i < scene->inner; i++)
        if (cf_submit(cf_task_executor(task), scene->function, &scene,
                      sizeof scene, &scene->futures[i]) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    return CF_OK;
}

static inline enum cf_status queue_and_stay(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    enum cf_status status = CF_OK;

    (void)arg_bytes;
    if (!scene->queues_late)
        status = queue_some(task, scene);
    sem_post(&scene->has_begun);
    sem_post(&scene->is_on);
    if (scene->queues_late) {
        usleep(20000);
        status = queue_some(task, scene);
    }
    pass(&scene->may_end);
    return status;
}

static inline void scene_make(struct scene *scene, cf_function *function,
                              int inner)
{
    *scene = (struct scene){
        .function = function, .inner = inner, .awaited = queue_and_stay};
    sem_init(&scene->has_begun, 0, 0);
    sem_init(&scene->is_on, 0, 0);
    sem_init(&scene->may_end, 0, 0);
    sem_init(&scene->ran, 0, 0);
}

static inline enum cf_status
wait_for_one_that_stays(struct cf_task *task, const void *arg, size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    struct cf_future *future;

    if (cf_submit(cf_task_executor(task), scene->awaited, arg, arg_bytes,
                  &future) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    pass(&scene->has_begun);
    enum cf_status status = cf_result(future, CF_FOREVER, NULL, 0);
    cf_future_release(future);
    return status;
}

static inline enum cf_status tell_scene(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    struct scene *scene = *(struct scene *const *)arg;
    size_t index = cf_worker_index(task);

    (void)arg_bytes;
    sem_post(&scene->ran);
    return cf_return(task, &index, sizeof index);
}

static inline struct cf_executor *executor_with(struct cf_options options)
{
    struct cf_executor *executor;

    options.max_workers = 2;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

static inline struct cf_future *begin(struct cf_executor *executor,
                                      struct scene *scene)
{
    return submit(executor, wait_for_one_that_stays, &scene, sizeof scene);
}

static inline void end(struct cf_executor *executor, struct scene *scene,
                       struct cf_future *future)
{
    sem_post(&scene->may_end);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    scene_close(scene);
    cf_executor_destroy(executor);
}

#endif
