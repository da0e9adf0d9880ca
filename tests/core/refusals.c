/* SPDX-License-Identifier: MIT */
/* Each call of the library without memory, and without threads: CF_NOMEM or
 * CF_AGAIN, nothing was begun, and later it works. What a call needs may be there
 * already (a block that was used before), so it is made until it needs more. */
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include "injection.h"
#include "shared.h"

enum { MOST = 40000 }; /* more than what is at hand lasts for */

/* What the calls are made with, and what they have made. */
struct scene {
    struct gate gate;
    struct cf_executor *executor; /* two threads at most, one stands */
    struct cf_future *standing;
    struct cf_future *promise;
    struct cf_future *kept[MOST + 8];
    size_t count;
    size_t calls; /* of this function so far */
};

static void double_it(const void *item, void *result)
{
    *(int *)result = 2 * *(const int *)item;
}

static bool pull_for_ever(void *context, const void **arg, size_t *arg_bytes)
{
    *arg = context;
    *arg_bytes = sizeof(int);
    return true;
}

static void ignore(struct cf_future *future, void *context)
{
    (void)future;
    (void)context;
}

static void destroy_nothing(void *object)
{
    (void)object;
}

/* --- one call each --- */

static const int items[2] = {1, 2};

static enum cf_status create(struct scene *scene)
{
    struct cf_options options = {.max_workers = 1, .start_all = true};
    struct cf_executor *executor;

    (void)scene;
    enum cf_status status = cf_executor_create(CF_THREAD, &options, &executor);
    cf_executor_destroy(executor);
    return status;
}

static enum cf_status set_workers(struct scene *scene)
{
    return cf_set_workers(scene->executor, 1000 + scene->calls);
}

static enum cf_status submit_one(struct scene *scene)
{
    return cf_submit(scene->executor, square, items, 4,
                     &scene->kept[scene->count++]);
}

static enum cf_status submit_named(struct scene *scene)
{
    struct cf_call call = {.name = "a name of some length, that is copied"};
    return cf_submit_call(scene->executor, square, items, 4, &call,
                          &scene->kept[scene->count++]);
}

static enum cf_status submit_limited(struct scene *scene)
{
    struct cf_call call = {.timeout_ns = INT64_MAX};
    return cf_submit_call(scene->executor, square, items, 4, &call,
                          &scene->kept[scene->count++]);
}

static enum cf_status submit_two(struct scene *scene)
{
    enum cf_status status = cf_submit_many(scene->executor, square, items, 4, 2,
                                           &scene->kept[scene->count]);
    scene->count += 2;
    return status;
}

static enum cf_status map(struct scene *scene)
{
    struct cf_iterator *iterator = NULL;
    enum cf_status status =
        cf_map(scene->executor, square, items, 4, 2, NULL, &iterator);
    cf_iterator_release(iterator);
    return status;
}

static enum cf_status map_from(struct scene *scene)
{
    static int number;
    struct cf_iterator *iterator = NULL;
    enum cf_status status = cf_map_from(scene->executor, square, pull_for_ever,
                                        &number, NULL, &iterator);
    cf_iterator_release(iterator);
    return status;
}

static enum cf_status map_into(struct scene *scene)
{
    int results[2];
    return cf_map_into(scene->executor, double_it, items, 4, results, 4, 2,
                       NULL);
}

static enum cf_status as_completed(struct scene *scene)
{
    struct cf_iterator *iterator = NULL;
    enum cf_status status = cf_as_completed(&scene->promise, 1, 0, &iterator);
    cf_iterator_release(iterator);
    return status;
}

static enum cf_status wait_for_two(struct scene *scene)
{
    struct cf_future *both[2] = {scene->promise, scene->standing};
    return cf_wait(both, 2, CF_ALL_COMPLETED, 1, NULL);
}

static enum cf_status stop(struct scene *scene)
{
    return cf_stop(scene->standing, INT64_MAX / 2);
}

static enum cf_status add_callback(struct scene *scene)
{
    return cf_add_done_callback(scene->promise, ignore, NULL);
}

static enum cf_status add_owned(struct scene *scene)
{
    return cf_add_done_callback_owned(scene->promise, ignore, NULL,
                                      destroy_nothing);
}

static enum cf_status create_promise(struct scene *scene)
{
    return cf_future_create(&scene->kept[scene->count++]);
}

static enum cf_status set_result(struct scene *scene)
{
    char bytes[1000] = {0};
    return cf_future_set_result(scene->promise, bytes, sizeof bytes);
}

static enum cf_status set_error(struct scene *scene)
{
    struct cf_error error = {.status = CF_EXCEPTION, .message = "a text"};
    return cf_future_set_error(scene->promise, &error);
}

static enum cf_status create_buffer(struct scene *scene)
{
    struct cf_buffer *buffer;
    (void)scene;
    enum cf_status status = cf_buffer_create(1, &buffer);
    cf_buffer_release(buffer);
    return status;
}

/* --- all of them --- */

static void make(struct scene *scene)
{
    struct cf_options options = {.max_workers = 2};

    memset(scene, 0, sizeof *scene);
    gate_make(&scene->gate);
    assert_status(cf_executor_create(CF_THREAD, &options, &scene->executor),
                  CF_OK);
    assert_status(cf_future_create(&scene->promise), CF_OK);
    scene->standing =
        submit(scene->executor, wait_at_gate, &scene->gate, sizeof scene->gate);
    gate_await(&scene->gate, 1);
}

static void dispose(struct scene *scene)
{
    gate_open(&scene->gate, 1);
    for (size_t i = 0; i < scene->count; i++)
        cf_future_release(scene->kept[i]);
    cf_future_release(scene->standing);
    cf_cancel(scene->promise);
    cf_future_release(scene->promise);
    cf_executor_destroy(scene->executor);
    gate_close(&scene->gate);
}

typedef enum cf_status one_call(struct scene *scene);
static enum cf_status call_until_refused(struct scene *scene, one_call *call)
{
    enum cf_status status = CF_OK;

    for (scene->calls = 0; scene->calls < MOST && scene->count < MOST;
         scene->calls++) {
        status = call(scene);
        if (status != CF_OK && status != CF_TIMEOUT)
            break;
    }
    return status;
}

static void each_call_without_memory_is_nomem(void **state)
{
    static one_call *const calls[] = {
        create,       set_workers,  submit_one, submit_named,
        submit_two,   map,          map_from,   map_into,
        as_completed, wait_for_two, stop,       add_callback,
        add_owned,    set_result,   set_error,  create_promise,
        create_buffer};
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        make(&scene);
        fail_allocation(1, true);
        enum cf_status status = call_until_refused(&scene, calls[i]);
        fail_no_allocation();
        assert_status(status, CF_NOMEM);
        assert_false(cf_done(scene.promise));
        status = calls[i](&scene); /* and now there is some */
        assert_true(status == CF_OK || status == CF_TIMEOUT);
        dispose(&scene);
    }
}

/* Each allocation in turn, of this process. */
static void workers_that_are_execed_without_memory_are_nomem(void **state)
{
    (void)state;
#ifdef CF_COVERAGE
    skip(); /* what writes down what was reached needs memory, too */
#endif
    for (int method = CF_START_FORKSERVER; method <= CF_START_SPAWN; method++) {
        struct cf_options options = {
            .max_workers = 1, .start_method = (enum cf_start_method)method};
        struct cf_executor *executor;
        long n = 0;
        do {
            fail_allocation(++n, false);
            enum cf_status status =
                cf_executor_create(CF_PROCESS, &options, &executor);
            fail_no_allocation();
            assert_true(status == CF_NOMEM || status == CF_OK);
            cf_executor_destroy(executor);
        } while (has_allocation_failed());
        assert_true(n > 5);
    }
}

/* --- in a task --- */

static enum cf_status told[5];

static enum cf_status ask_for_memory(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    static char large[4000];
    struct cf_buffer *const *buffer = arg;

    (void)arg_bytes;
    fail_allocation(1, true);
    told[0] = cf_return(task, large, sizeof large);
    told[1] = cf_return_space(task, sizeof large) == NULL ? CF_NOMEM : CF_OK;
    told[2] = cf_return_object(task, large, destroy_nothing);
    told[3] = cf_raise_object(task, 1, large, destroy_nothing, "a text");
    told[4] = cf_return_buffer(task, *buffer);
    fail_no_allocation();
    return CF_OK;
}

static void each_result_without_memory_is_nomem(void **state)
{
    struct cf_executor *executor;
    struct cf_buffer *buffer;

    (void)state;
    assert_status(cf_executor_create(CF_SERIAL, NULL, &executor), CF_OK);
    assert_status(cf_buffer_create(1, &buffer), CF_OK);
    cf_future_release(submit(executor, ask_for_memory, &buffer, sizeof buffer));
    for (int i = 0; i < 5; i++)
        assert_status(told[i], CF_NOMEM);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

/* --- without threads --- */

static void each_call_without_a_thread_is_again(void **state)
{
    static one_call *const calls[] = {create,     submit_one,    submit_named,
                                      submit_two, map,           map_from,
                                      map_into,   submit_limited};
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        memset(&scene, 0, sizeof scene);
        assert_status(cf_executor_create(CF_THREAD, NULL, &scene.executor),
                      CF_OK);
        allow_threads(0);
        assert_status(calls[i](&scene), CF_AGAIN);
        allow_threads(-1);
        assert_int_equal(cf_executor_stats(scene.executor).submitted, 0);
        assert_null(scene.kept[0]);
        assert_status(calls[i](&scene), CF_OK);
        for (size_t k = 0; k < scene.count; k++)
            cf_future_release(scene.kept[k]);
        cf_executor_destroy(scene.executor);
    }
}

static void a_stop_without_a_thread_to_see_to_it_is_again(void **state)
{
    static struct scene scene;

    (void)state;
    make(&scene);
    allow_threads(0);
    assert_status(stop(&scene), CF_AGAIN);
    allow_threads(-1);
    assert_true(cf_running(scene.standing));
    assert_status(stop(&scene), CF_OK);
    dispose(&scene);
}

static void note_ends(const struct cf_event *event, void *context)
{
    if (event->kind == CF_EVENT_WORKER_ENDED)
        sem_post(context);
}

/* All are to be there, and the only one has left after its only task. */
static void no_workers_where_all_are_to_be_there_is_again(void **state)
{
    sem_t ended;
    struct cf_options options = {.max_workers = 1,
                                 .start_all = true,
                                 .max_tasks_per_worker = 1,
                                 .observer = note_ends,
                                 .observer_context = &ended};
    struct cf_executor *executor;

    (void)state;
    assert_int_equal(sem_init(&ended, 0, 0), 0);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    cf_future_release(submit_int(executor, square, 1));
    while (sem_wait(&ended) != 0)
        ;
    allow_threads(0);
    assert_status(cf_set_workers(executor, 2), CF_AGAIN);
    allow_threads(-1);
    assert_status(cf_set_workers(executor, 2), CF_OK);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_without_memory_is_nomem),
        cmocka_unit_test(workers_that_are_execed_without_memory_are_nomem),
        cmocka_unit_test(each_result_without_memory_is_nomem),
        cmocka_unit_test(each_call_without_a_thread_is_again),
        cmocka_unit_test(a_stop_without_a_thread_to_see_to_it_is_again),
        cmocka_unit_test(no_workers_where_all_are_to_be_there_is_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
