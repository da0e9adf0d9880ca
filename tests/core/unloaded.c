/* SPDX-License-Identifier: MIT */
/* unloaded LIBRARY: a program that loads libcf late, or a library that has it,
 * and lets go of it again, while threads live that have used it. */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <cf/cf.h>

static const char *library;
static sem_t has_used_it, may_end;

typedef enum cf_status make_function(struct cf_future **future);
typedef void release_function(struct cf_future *future);

struct calls {
    void *handle;
    make_function *make;
    release_function *release;
};

/* dlsym() gives an object pointer: the same on POSIX. */
static struct calls load(void)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(handle);
    struct calls calls = {
        .handle = handle,
        .make = (make_function *)(uintptr_t)dlsym(handle, "cf_future_create"),
        .release =
            (release_function *)(uintptr_t)dlsym(handle, "cf_future_release"),
    };
    assert_non_null(calls.make);
    assert_non_null(calls.release);
    return calls;
}

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

static void *use_it_and_stay(void *argument)
{
    const struct calls *calls = argument;
    struct cf_future *promise;

    if (calls->make(&promise) == CF_OK)
        calls->release(promise);
    sem_post(&has_used_it);
    await(&may_end);
    return NULL;
}

static void
threads_that_used_it_end_in_peace_after_it_was_unloaded(void **state)
{
    struct calls calls = load();
    pthread_t thread;

    (void)state;
    sem_init(&has_used_it, 0, 0);
    sem_init(&may_end, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, use_it_and_stay, &calls), 0);
    await(&has_used_it);
    assert_int_equal(dlclose(calls.handle), 0);
    sem_post(&may_end);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            threads_that_used_it_end_in_peace_after_it_was_unloaded),
    };
    if (argc != 2) {
        fputs("usage: unloaded LIBRARY\n", stderr);
        return 2;
    }
    library = argv[1];
    return cmocka_run_group_tests_name("unloaded", tests, NULL, NULL);
}
