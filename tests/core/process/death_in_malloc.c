/* SPDX-License-Identifier: MIT */
/*
 * death_in_malloc MODULE.so: a program that loads the library late, as
 * interpreters do, and a thread of a task's that has never called the library
 * and dies within malloc(). What the worker says of its death calls malloc()
 * no more: there it would wait for itself. Built as the program and as the
 * module.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

typedef void die_function(void);
typedef int run_function(die_function *die);

#ifdef AS_MODULE

#include <pthread.h>

#include <cf/cf.h>

static die_function *die;

static void *die_there(void *context)
{
    die();
    return context;
}

static enum cf_status die_in_a_thread(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    pthread_t thread;

    (void)task;
    (void)arg;
    (void)arg_bytes;
    if (pthread_create(&thread, NULL, die_there, NULL) != 0)
        return CF_AGAIN;
    pthread_join(thread, NULL);
    return CF_OK;
}

CF_API int run(die_function *how);

int run(die_function *how)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    struct cf_future *future;
    struct cf_error error;

    die = how;
    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK ||
        cf_submit(executor, die_in_a_thread, NULL, 0, &future) != CF_OK ||
        cf_future_error(future, CF_FOREVER, &error) != CF_OK)
        return 1;
    printf("%s: %s\n%s\n", cf_status_name(error.status), error.message,
           error.backtrace != NULL ? error.backtrace : "no backtrace");
    int is_right = error.status == CF_CRASHED && error.signal == SIGSEGV &&
                   error.backtrace != NULL;
    cf_future_release(future);
    cf_executor_destroy(executor);
    return !is_right;
}

#else

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);

static volatile sig_atomic_t is_to_die, is_dying;

/* The program's, so everybody's. */
__attribute__((visibility("default"))) void *malloc(size_t bytes)
{
    if (is_dying)
        _exit(3);
    if (is_to_die) {
        is_dying = true;
        raise(SIGSEGV);
    }
    return __libc_malloc(bytes);
}

static void die_in_malloc(void)
{
    void *volatile memory; /* or it is optimized away */

    is_to_die = true;
    memory = malloc(1);
    free(memory);
}

int main(int argc, char **argv)
{
    void *module = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    run_function *run =
        module != NULL ? (run_function *)(uintptr_t)dlsym(module, "run") : NULL;

    return run != NULL ? run(die_in_malloc) : 2;
}

#endif
