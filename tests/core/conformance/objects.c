/* SPDX-License-Identifier: MIT */
/* What an embedder is promised: its own objects as arguments, results, errors
 * and callback data, each destroyed once, at its time. */
#include "conformance.h"

#include <stdatomic.h>

static const char *const cannot_travel = "objects do not travel to a process";

struct object {
    int value;
    _Atomic int destroyed;
    struct cf_future *_Atomic future; /* must not be final when destroyed */
    _Atomic bool came_late;
};

static void destroy(void *pointer)
{
    struct object *object = pointer;
    struct cf_future *future = atomic_load(&object->future);
    if (future != NULL && cf_done(future))
        atomic_store(&object->came_late, true);
    atomic_fetch_add(&object->destroyed, 1);
}

static enum cf_status take_value(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    const struct object *object = arg;
    if (arg_bytes != sizeof *object || atomic_load(&object->destroyed) != 0)
        return cf_raise(task, 1, "not the object, or too late");
    return cf_return(task, &object->value, sizeof object->value);
}

static struct cf_future *hand_over(struct cf_executor *executor,
                                   cf_function *function, struct object *object)
{
    struct cf_call call = {.arg_destroy = destroy};
    struct cf_future *future;
    assert_status(cf_submit_call(executor, function, object, sizeof *object,
                                 &call, &future),
                  CF_OK);
    return future;
}

static void an_argument_is_destroyed_once_before_the_outcome(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), cannot_travel);
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *first =
        is_serial() ? NULL
                    : submit(executor, stand_at_gate, &gate, sizeof gate);
    struct object object = {.value = 42};
    struct cf_future *future = hand_over(executor, take_value, &object);
    if (first != NULL) {
        atomic_store(&object.future, future);
        gate_open(&gate, 1);
    }
    assert_int_equal(int_result(future), 42);
    assert_int_equal(object.destroyed, 1);
    assert_false(object.came_late);
    cf_future_release(first);
    cf_future_release(future);
    cf_executor_destroy(executor);
    assert_int_equal(object.destroyed, 1);
    gate_close(&gate);
}

static void an_argument_of_a_task_that_never_runs_is_destroyed(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), cannot_travel);
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *running =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    struct object objects[2] = {{.value = 1}, {.value = 2}};
    struct cf_future *futures[2];
    gate_await(&gate, 1);
    for (int i = 0; i < 2; i++) {
        futures[i] = hand_over(executor, take_value, &objects[i]);
        atomic_store(&objects[i].future, futures[i]);
    }
    assert_true(cf_cancel(futures[0]));
    assert_int_equal(objects[0].destroyed, 1);
    assert_true(cf_cancel(futures[0]));
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0), CF_TIMEOUT);
    assert_true(cf_cancelled(futures[1]));
    assert_int_equal(objects[1].destroyed, 1);

    /* refused: it stays the caller's */
    struct object kept = {.value = 3};
    struct cf_call call = {.arg_destroy = destroy};
    struct cf_future *refused;
    assert_status(cf_submit_call(executor, take_value, &kept, sizeof kept,
                                 &call, &refused),
                  CF_SHUTDOWN);
    assert_int_equal(kept.destroyed, 0);
    gate_open(&gate, 1);
    for (int i = 0; i < 2; i++) {
        assert_false(objects[i].came_late);
        cf_future_release(futures[i]);
    }
    cf_future_release(running);
    cf_executor_destroy(executor);
    assert_int_equal(objects[0].destroyed + objects[1].destroyed, 2);
    gate_close(&gate);
}

static enum cf_status break_it(size_t worker, const void *arg, size_t arg_bytes,
                               void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    (void)state;
    return (enum cf_status)9;
}

static void an_argument_is_destroyed_when_the_executor_breaks(void **state)
{
    (void)state;
    SKIP_IF(backend != CF_THREAD && backend != CF_GIL,
            "its workers begin at create, or are processes");
    struct cf_options options = {.max_workers = 1, .initializer = break_it};
    struct cf_executor *executor;
    struct object object = {.value = 1};
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *future = hand_over(executor, take_value, &object);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_BROKEN);
    assert_int_equal(object.destroyed, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Fails twice; the argument has to last. */
static enum cf_status fail_twice(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    if (cf_task_attempt(task) < 3)
        return cf_raise(task, 1, "not yet");
    return take_value(task, arg, arg_bytes);
}

static void an_argument_lasts_over_all_attempts(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), cannot_travel);
    struct cf_executor *executor = executor_of(1);
    struct object object = {.value = 11};
    struct cf_call call = {.arg_destroy = destroy, .retries = 2};
    struct cf_future *future;
    assert_status(cf_submit_call(executor, fail_twice, &object, sizeof object,
                                 &call, &future),
                  CF_OK);
    assert_int_equal(int_result(future), 11);
    assert_int_equal(object.destroyed, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- results and errors --- */

static struct object returned;

static enum cf_status return_it(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    static struct object replaced;
    (void)arg;
    (void)arg_bytes;
    atomic_store(&replaced.destroyed, 0);
    enum cf_status status = cf_return_object(task, &replaced, destroy);
    if (status == CF_OK)
        status = cf_return_object(task, &returned, destroy);
    if (status == CF_OK && atomic_load(&replaced.destroyed) != 1)
        return cf_raise(task, 3, "what was replaced was not destroyed");
    return status;
}

static enum cf_status raise_it(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_raise_object(task, 5, &returned, destroy, "with an object");
}

static void an_object_is_the_result_until_the_last_reference(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    const void *result;
    size_t result_bytes = 1;
    returned = (struct object){.value = 8};
    struct cf_future *future = submit(executor, return_it, NULL, 0);
    if (is_remote()) { /* the task gets the refusal, and returns it */
        struct cf_error error;
        assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
        assert_int_equal(error.code, CF_UNSUPPORTED);
    } else {
        assert_status(
            cf_result_view(future, CF_FOREVER, &result, &result_bytes), CF_OK);
        assert_ptr_equal(result, &returned);
        assert_int_equal(result_bytes, 0);
        cf_executor_destroy(executor); /* futures outlive it */
        executor = NULL;
        assert_int_equal(returned.destroyed, 0);
    }
    cf_future_release(future);
    assert_int_equal(returned.destroyed, is_remote() ? 0 : 1);
    cf_executor_destroy(executor);
}

static void an_error_carries_its_object(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), cannot_travel);
    struct cf_executor *executor = executor_of(1);
    struct cf_error error;
    returned = (struct object){.value = 8};
    struct cf_future *future = submit(executor, raise_it, NULL, 0);
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, 5);
    assert_string_equal(error.message, "with an object");
    assert_ptr_equal(error.object, &returned);
    cf_executor_destroy(executor);
    assert_int_equal(returned.destroyed, 0);
    cf_future_release(future);
    assert_int_equal(returned.destroyed, 1);
}

/* --- callback data --- */

static void count_call(struct cf_future *future, void *context)
{
    struct object *object = context;
    assert_true(cf_done(future));
    assert_int_equal(object->destroyed, 0);
    object->value++;
}

static void callback_data_is_destroyed_after_the_call(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct object early = {.value = 0}, late = {.value = 0};
    struct cf_future *future = submit_int(executor, square, 2);
    assert_status(
        cf_add_done_callback_owned(future, count_call, &early, destroy), CF_OK);
    int_result(future);
    assert_status(
        cf_add_done_callback_owned(future, count_call, &late, destroy), CF_OK);
    assert_int_equal(late.value, 1);
    assert_int_equal(late.destroyed, 1);
    cf_executor_destroy(executor); /* waits for callbacks */
    assert_int_equal(early.value, 1);
    assert_int_equal(early.destroyed, 1);
    cf_future_release(future);
    assert_status(cf_add_done_callback_owned(NULL, count_call, &late, destroy),
                  CF_INVALID);
    assert_int_equal(late.destroyed, 1);

    /* a future that never becomes final lets go of it too, uncalled */
    struct object unused = {.value = 0};
    struct cf_future *promise;
    assert_status(cf_future_create(&promise), CF_OK);
    assert_status(
        cf_add_done_callback_owned(promise, count_call, &unused, destroy),
        CF_OK);
    cf_future_release(promise);
    assert_int_equal(unused.value, 0);
    assert_int_equal(unused.destroyed, 1);
}

int run_object_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_argument_is_destroyed_once_before_the_outcome),
        cmocka_unit_test(an_argument_of_a_task_that_never_runs_is_destroyed),
        cmocka_unit_test(an_argument_is_destroyed_when_the_executor_breaks),
        cmocka_unit_test(an_argument_lasts_over_all_attempts),
        cmocka_unit_test(an_object_is_the_result_until_the_last_reference),
        cmocka_unit_test(an_error_carries_its_object),
        cmocka_unit_test(callback_data_is_destroyed_after_the_call),
    };
    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
