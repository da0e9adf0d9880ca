/* SPDX-License-Identifier: MIT */
/* late_items LATE.so: an array is filled by a function that the workers lack, as
 * they were started before its object was loaded, or by exec. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

#define ITEMS 64

static const char *late;

static cf_item_function *find_item_function(void *object)
{
    cf_item_function *function =
        (cf_item_function *)(uintptr_t)dlsym(object, "late_item");
    assert_non_null(function);
    return function;
}

static struct cf_executor *executor_by(enum cf_start_method method)
{
    struct cf_options options = {
        .max_workers = 2, .start_all = true, .start_method = method};
    struct cf_executor *executor;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

static enum cf_status fill(struct cf_executor *executor,
                           cf_item_function *function, int *results)
{
    int items[ITEMS];

    for (int i = 0; i < ITEMS; i++)
        items[i] = i;
    return cf_map_into(executor, function, items, sizeof items[0], results,
                       sizeof results[0], ITEMS, NULL);
}

static void an_object_that_came_later_is_loaded_for_an_array(void **state)
{
    (void)state;
    for (int method = CF_START_FORK; method <= CF_START_SPAWN; method++) {
        struct cf_executor *executor =
            executor_by((enum cf_start_method)method);
        void *object = dlopen(late, RTLD_NOW | RTLD_LOCAL);
        int results[ITEMS];
        assert_non_null(object);
        assert_status(fill(executor, find_item_function(object), results),
                      CF_OK);
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(results[i], 43 + i);
        dlclose(object);
        cf_executor_destroy(executor);
    }
}

/* Has its executor's other workers fill an array, too. */
static enum cf_status fill_inside(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    void *object = dlopen(arg, RTLD_NOW | RTLD_LOCAL);
    int results[ITEMS];
    (void)arg_bytes;

    if (object == NULL)
        return cf_raise(task, 1, "%s", dlerror());
    enum cf_status status = fill(
        cf_task_executor(task),
        (cf_item_function *)(uintptr_t)dlsym(object, "late_item"), results);
    if (status != CF_OK)
        return cf_raise(task, 2, "%s", cf_last_error().text);
    return cf_return(task, &results[ITEMS - 1], sizeof results[0]);
}

static void a_task_may_fill_an_array_by_such_a_function(void **state)
{
    (void)state;
    for (int method = CF_START_FORK; method <= CF_START_SPAWN; method++) {
        struct cf_executor *executor =
            executor_by((enum cf_start_method)method);
        struct cf_future *future =
            submit(executor, fill_inside, late, strlen(late) + 1);
        assert_int_equal(int_result(future), 43 + ITEMS - 1);
        cf_executor_destroy(executor);
    }
}

static void an_object_that_is_gone_is_named_as_the_reason(void **state)
{
    char copy[] = "/tmp/cf-late-XXXXXX", command[8300];
    int results[ITEMS], file = mkstemp(copy);

    (void)state;
    assert_true(file >= 0);
    close(file);
    snprintf(command, sizeof command, "cp %s %s", late, copy);
    assert_int_equal(system(command), 0);
    struct cf_executor *executor = executor_by(CF_START_FORK);
    void *object = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(object);
    unlink(copy);
    assert_status(fill(executor, find_item_function(object), results),
                  CF_UNSUPPORTED);
    assert_non_null(strstr(cf_last_error().text, "lacks the object"));
    dlclose(object);
    cf_executor_destroy(executor);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_that_came_later_is_loaded_for_an_array),
        cmocka_unit_test(a_task_may_fill_an_array_by_such_a_function),
        cmocka_unit_test(an_object_that_is_gone_is_named_as_the_reason),
    };

    if (argc != 2)
        return 2;
    late = argv[1];
    return cmocka_run_group_tests_name("late items", tests, NULL, NULL);
}
