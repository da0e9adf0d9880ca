/* SPDX-License-Identifier: MIT */
/*
 * start_host METHOD LATE.so: a program that runs tasks by the start method of
 * that name, and tells on stdout how each came out. Built in several ways (see
 * CMakeLists.txt); start_methods.c runs them and reads what they tell.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cf/cf.h>

static int set_before_main;

#ifdef WITH_CONSTRUCTOR
__attribute__((constructor)) static void set(void)
{
    set_before_main = 42;
}
#endif

#ifdef WITH_EARLY
static struct cf_executor *early;
static enum cf_status early_status;
static int early_is_refused; /* before anything was started */

/* Runs in each worker, too: there it is refused, or there would be no end. */
__attribute__((constructor)) static void create_early(void)
{
    struct cf_options options = {
        .max_workers = 1, .start_all = true, .start_method = CF_START_SPAWN};
    const char *depth = getenv("START_HOST_DEPTH");

    if (depth != NULL && strlen(depth) > 3)
        _exit(3);
    setenv("START_HOST_DEPTH",
           depth == NULL ? "1"
           : depth[1]    ? "1111"
                         : "11",
           1);
    early_status = cf_executor_create(CF_PROCESS, &options, &early);
    early_is_refused = early_status == CF_UNSUPPORTED &&
                       strstr(cf_last_error().text, "is none yet") != NULL;
}

/* How that came out in a worker. */
static enum cf_status tell_early(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &early_is_refused, sizeof early_is_refused);
}
#endif

static enum cf_status tell_set(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &set_before_main, sizeof set_before_main);
}

/* How many of these are set: what told a worker who it is stays nowhere. */
static enum cf_status count_variables(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    int count =
        (getenv("CF_WORKER_ENTRY") != NULL) + (getenv("LD_PRELOAD") != NULL);
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &count, sizeof count);
}

static enum cf_status add_state(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int sum = *(const int *)arg + *(const int *)cf_worker_state(task);
    (void)arg_bytes;
    return cf_return(task, &sum, sizeof sum);
}

static enum cf_status initialize(size_t worker, const void *arg,
                                 size_t arg_bytes, void **state)
{
    static int kept;
    (void)worker;
    if (arg_bytes != sizeof kept)
        return CF_INVALID;
    kept = *(const int *)arg;
    *state = &kept;
    return CF_OK;
}

static void tell(struct cf_executor *executor, const char *what,
                 cf_function *function, int arg)
{
    struct cf_future *future;
    struct cf_error error;
    int result = 0;

    enum cf_status status =
        cf_submit(executor, function, &arg, sizeof arg, &future);
    if (status == CF_OK) {
        status = cf_result(future, CF_FOREVER, &result, sizeof result);
        if (status == CF_OK)
            printf("%s: %d\n", what, result);
        else if (cf_future_error(future, CF_FOREVER, &error) == CF_OK)
            printf("%s: %s: %s\n", what, cf_status_name(status), error.message);
        cf_future_release(future);
    } else {
        printf("%s: %s: %s\n", what, cf_status_name(status),
               cf_last_error().text);
    }
}

#ifdef IS_STATIC

static void tell_late(struct cf_executor *executor, const char *path)
{
    (void)executor;
    (void)path;
    printf("late: cannot be loaded here\n");
}

#else

static void tell_late(struct cf_executor *executor, const char *path)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (object == NULL) {
        printf("late: cannot be loaded here\n");
        return;
    }
    tell(executor, "late",
         (cf_function *)(uintptr_t)dlsym(object, "late_answer"), 0);
}

#endif

CF_API int run(int argc, char **argv);

int run(int argc, char **argv)
{
    static const char *const methods[] = {"auto", "fork", "forkserver",
                                          "spawn"};
    int one = 1;
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 2,
                                 .initializer = initialize,
                                 .initializer_arg = &one,
                                 .initializer_arg_bytes = sizeof one};

    if (argc != 3)
        return 2;
    printf("main\n");
    if (getauxval(AT_SECURE) != 0)
        printf("secure\n");
    for (size_t i = 0; i < 4; i++)
        if (strcmp(argv[1], methods[i]) == 0)
            options.start_method = (enum cf_start_method)i;
    enum cf_status status = cf_executor_create(CF_PROCESS, &options, &executor);
    if (status != CF_OK) {
        printf("create: %s: %s\n", cf_status_name(status),
               cf_last_error().text);
        return 0;
    }
    set_before_main++; /* forked workers were there before */
    tell(executor, "set", tell_set, 0);
    tell(executor, "variables", count_variables, 0);
    tell(executor, "state", add_state, 5);
    tell_late(executor, argv[2]);
    cf_executor_destroy(executor);
#ifdef WITH_EARLY
    printf("early: %s\n", cf_status_name(early_status));
    if (early_status == CF_OK)
        tell(early, "refused", tell_early, 0);
    cf_executor_destroy(early);
#endif
    return 0;
}

#ifndef AS_MODULE
int main(int argc, char **argv)
{
#ifdef WITH_ENTRY
    cf_worker_entry();
#endif
    return run(argc, argv);
}
#endif
