/* SPDX-License-Identifier: MIT */
/* loading MODULE.so: tasks that crash while the host loads a library, whose
 * constructor waits for them. */
#include "process.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>

static const char *module;
static struct cf_executor *executor;
static enum cf_status result, submitted;
static struct cf_future *future;

CF_API enum cf_status crash_by_name(struct cf_task *task, const void *arg,
                                    size_t arg_bytes);
CF_API void run_in_constructor(void);

enum cf_status crash_by_name(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    raise(SIGSEGV);
    return CF_OK;
}

/* The module's constructor calls it, while dlopen() has the loader's lock. */
void run_in_constructor(void)
{
    submitted = cf_submit(executor, crash_by_name, NULL, 0, &future);
    if (submitted == CF_OK)
        result = cf_result(future, CF_FOREVER, NULL, 0);
}

static void a_crash_is_told_to_a_constructor_that_waits_for_it(void **state)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_error error;

    (void)state;
    if (is_sanitized())
        skip(); /* they have handlers of their own for that */
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    void *handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(handle);
    assert_status(submitted, CF_OK);
    assert_status(result, CF_CRASHED);
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.signal, SIGSEGV);
    /* its names are found all the same */
    assert_non_null(strstr(error.backtrace, "crash_by_name+0x"));
    cf_future_release(future);
    cf_executor_destroy(executor);
    dlclose(handle);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_is_told_to_a_constructor_that_waits_for_it),
    };

    if (argc < 2)
        return 2;
    module = argv[1];
    return cmocka_run_group_tests_name("loading", tests, NULL, NULL);
}
