/* SPDX-License-Identifier: MIT */
/*
 * start_methods FOLDER LATE.so: programs built in several ways, whose workers
 * are forked or exec'ed: each works, or says why it cannot; main runs once.
 */
#include "../shared.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder, *late;

/* This build may lack some of them: a sanitizer must be first of all objects,
 * and not every system has a static C library. */
static void need(const char *program)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, program);
    if (access(path, X_OK) != 0)
        skip();
}

static bool is_sanitized(void)
{
    const char *sanitizer = getenv("CF_SANITIZE");
    return sanitizer != NULL && sanitizer[0] != '\0';
}

/* What `program` tells when it is started by a shell with `before` it. */
static const char *told_by(const char *before, const char *program,
                           const char *method)
{
    static char text[4096];
    char command[4096];

    snprintf(command, sizeof command, "%s %s/%s %s %s 2>&1", before, folder,
             program, method, late);
    FILE *stream = popen(command, "r");
    assert_non_null(stream);
    size_t count = fread(text, 1, sizeof text - 1, stream);
    text[count] = '\0';
    assert_int_equal(pclose(stream), 0);
    return text;
}

/* `late` where the program can load objects. */
static void assert_works(const char *program, int set, bool has_late)
{
    static const char *const methods[] = {"auto", "fork", "forkserver",
                                          "spawn"};
    char expected[200];

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        snprintf(expected, sizeof expected,
                 "main\nset: %d\nvariables: 0\nstate: 6\nlate: %s\n", set,
                 has_late ? "CF_EXCEPTION: the task returned 43"
                          : "cannot be loaded here");
        assert_string_equal(told_by("", program, methods[i]), expected);
    }
}

static void a_program_with_the_library_inside_works(void **state)
{
    (void)state;
    assert_works("start_inside", 42, true);
}

static void a_constructor_may_create_workers_that_run_it_too(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_string_equal(
            told_by("", "start_early", i == 0 ? "spawn" : "forkserver"),
            "main\nset: 42\nvariables: 0\nstate: 6\n"
            "late: CF_EXCEPTION: the task returned 43\n"
            "early: CF_OK\nrefused: 1\n");
}

static void a_program_that_is_not_position_independent_works(void **state)
{
    (void)state;
    assert_works("start_no_pie", 42, true);
}

/* Its tasks are known by a hash of its code. */
static void a_program_without_a_build_id_works(void **state)
{
    (void)state;
    assert_works("start_no_id", 42, true);
}

static void a_static_program_works(void **state)
{
    (void)state;
    need("start_static");
    assert_works("start_static", 42, false);
}

static void a_program_on_the_shared_library_works(void **state)
{
    (void)state;
    need("start_shared");
    assert_works("start_shared", 0, true);
}

static void constructors_after_the_shared_library_need_the_entry(void **state)
{
    (void)state;
    need("start_shared_entry");
    assert_works("start_shared_entry", 42, true);
    assert_non_null(
        strstr(told_by("", "start_shared_constructor", "fork"), "set: 42\n"));
    for (int i = 0; i < 2; i++)
        assert_string_equal(
            told_by("", "start_shared_constructor",
                    i == 0 ? "spawn" : "forkserver"),
            "main\ncreate: CF_UNSUPPORTED: the program has constructors of its "
            "own, which would not have run in a worker: have main call "
            "cf_worker_entry() first\n");
}

static void the_library_may_be_loaded_by_an_interpreter(void **state)
{
    char program[200];

    (void)state;
    need("start_interpreter");
    snprintf(program, sizeof program, "start_interpreter %s/start_module.so",
             folder);
    assert_works(program, 0, true);
}

static void a_marker_that_nobody_made_is_ignored(void **state)
{
    static const char *const markers[] = {"start:0",  "start:1", "main:2",
                                          "start:77", "start:",  "start:3x",
                                          "start",    "",        "9",
                                          "main:-1"};
    char before[100];

    (void)state;
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++) {
        snprintf(before, sizeof before, "env CF_WORKER_ENTRY=%s", markers[i]);
        assert_string_equal(told_by(before, "start_inside", "spawn"),
                            "main\nset: 42\nvariables: 0\nstate: 6\nlate: "
                            "CF_EXCEPTION: the task returned 43\n");
    }
}

static void what_was_preloaded_before_stays_so(void **state)
{
    char before[4200];

    (void)state;
    need("start_shared");
    snprintf(before, sizeof before, "env LD_PRELOAD=%s", late);
    assert_string_equal(told_by(before, "start_shared", "spawn"),
                        "main\nset: 0\nvariables: 1\nstate: 6\nlate: "
                        "CF_EXCEPTION: the task returned 43\n");
}

static void a_program_with_rights_of_its_own_is_forked_only(void **state)
{
#ifdef CF_COVERAGE
    skip(); /* another user may not write down what was reached */
#endif
    char from[4096], to[64] = "/tmp/cf-start-XXXXXX", command[8300];

    (void)state;
    if (getuid() != 0 || is_sanitized())
        skip(); /* only root can give a program to somebody else */
    int file = mkstemp(to);
    assert_true(file >= 0);
    close(file);
    snprintf(from, sizeof from, "%s/start_inside", folder);
    snprintf(command, sizeof command,
             "cp %s %s && chown 65534 %s && chmod 4755 %s", from, to, to, to);
    assert_int_equal(system(command), 0);
    const char *folder_before = folder;
    folder = "/tmp";
    char told[4096];
    snprintf(told, sizeof told, "%s", told_by("", to + 5, "spawn"));
    bool is_secure = strstr(told, "secure\n") != NULL;
    bool is_refused = strstr(told, "create: CF_UNSUPPORTED: the program's file "
                                   "gives more rights") != NULL;
    bool is_forked = strstr(told_by("", to + 5, "auto"), "state: 6\n") != NULL;
    folder = folder_before;
    unlink(to);
    if (!is_secure)
        skip(); /* no rights are given by files of this folder */
    assert_true(is_refused);
    assert_true(is_forked);
}

/* --- in this program --- */

static enum cf_status tell_parent(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    int *const *here = arg;
    int is_copy = **here; /* faults where the memory is not the host's */
    (void)arg_bytes;
    return cf_return(task, &is_copy, sizeof is_copy);
}

static void *stay(void *gate)
{
    char byte;
    return read(((struct gate *)gate)->in[0], &byte, 1) == 1 ? gate : NULL;
}

static enum cf_status outcome_of_pointer(enum cf_start_method method)
{
    int *number = malloc(sizeof *number);
    struct cf_options options = {.max_workers = 1, .start_method = method};
    struct cf_executor *executor;

    *number = 1;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *future =
        submit(executor, tell_parent, &number, sizeof number);
    int result;
    enum cf_status status =
        cf_result(future, CF_FOREVER, &result, sizeof result);
    cf_future_release(future);
    assert_int_equal(cf_executor_backend(executor) == CF_PROCESS, 1);
    cf_executor_destroy(executor);
    free(number);
    return status;
}

static void auto_forks_only_a_host_with_one_thread(void **state)
{
    struct gate gate;
    pthread_t thread;

    (void)state;
    if (is_sanitized())
        skip(); /* they have threads, and an opinion on wild pointers */
    assert_status(outcome_of_pointer(CF_START_AUTO), CF_OK);
    gate_make(&gate);
    pthread_create(&thread, NULL, stay, &gate);
    assert_status(outcome_of_pointer(CF_START_AUTO), CF_CRASHED);
    assert_status(outcome_of_pointer(CF_START_FORK), CF_OK);
    gate_open(&gate, 1);
    pthread_join(thread, NULL);
    assert_status(outcome_of_pointer(CF_START_SPAWN), CF_CRASHED);
    gate_close(&gate);
}

/* 0: as it should be. In a child, which ends as another user. */
static int act_for_another(void)
{
    struct cf_options options = {.max_workers = 1};
    struct cf_executor *executor;
    struct gate gate;
    pthread_t thread;

    gate_make(&gate);
    pthread_create(&thread, NULL, stay, &gate);
    if (seteuid(65534) != 0)
        return 1;
    for (int method = CF_START_FORKSERVER; method <= CF_START_SPAWN; method++) {
        options.start_method = (enum cf_start_method)method;
        if (cf_executor_create(CF_PROCESS, &options, &executor) !=
                CF_UNSUPPORTED ||
            strstr(cf_last_error().text, "acts for another user") == NULL)
            return 2;
    }
    options.start_method = CF_START_AUTO;
    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
        return 3;
    cf_executor_destroy(executor);
    return 0;
}

/* To the system, its file is one that gives rights. */
static void a_program_that_acts_for_another_user_is_forked_only(void **state)
{
    int status;

    (void)state;
    if (getuid() != 0 || is_sanitized())
        skip(); /* who is not root acts for nobody else */
    int pid = fork();
    if (pid == 0)
        _exit(act_for_another());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* --- an initializer that the program did not begin with --- */

static enum cf_status tell_state(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, cf_worker_state(task), sizeof(int));
}

/* By the initializer of the object at `path`, which is gone when `is_gone`. */
static enum cf_status start_with(const char *path, bool is_gone,
                                 enum cf_start_method method,
                                 struct cf_executor **executor)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(object);
    struct cf_options options = {
        .max_workers = 1,
        .start_method = method,
        .initializer =
            (cf_initializer *)(uintptr_t)dlsym(object, "late_initialize")};

    assert_non_null(options.initializer);
    if (is_gone)
        unlink(path);
    enum cf_status status = cf_executor_create(CF_PROCESS, &options, executor);
    dlclose(object);
    return status;
}

static void an_initializer_is_loaded_by_workers_that_lack_it(void **state)
{
    struct cf_executor *executor;
    int answer;

    (void)state;
    for (int method = CF_START_FORKSERVER; method <= CF_START_SPAWN; method++) {
        assert_status(
            start_with(late, false, (enum cf_start_method)method, &executor),
            CF_OK);
        struct cf_future *future = submit(executor, tell_state, NULL, 0);
        assert_status(cf_result(future, CF_FOREVER, &answer, sizeof answer),
                      CF_OK);
        assert_int_equal(answer, 43);
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
}

static void an_initializer_that_workers_cannot_load_is_refused(void **state)
{
    struct cf_executor *executor;
    char copy[] = "/tmp/cf-late-XXXXXX", command[8300];

    (void)state;
    int file = mkstemp(copy);
    assert_true(file >= 0);
    close(file);
    for (int method = CF_START_FORKSERVER; method <= CF_START_SPAWN; method++) {
        snprintf(command, sizeof command, "cp %s %s", late, copy);
        assert_int_equal(system(command), 0);
        assert_status(
            start_with(copy, true, (enum cf_start_method)method, &executor),
            CF_UNSUPPORTED);
        assert_null(executor);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_with_the_library_inside_works),
        cmocka_unit_test(a_constructor_may_create_workers_that_run_it_too),
        cmocka_unit_test(a_program_that_is_not_position_independent_works),
        cmocka_unit_test(a_program_without_a_build_id_works),
        cmocka_unit_test(a_static_program_works),
        cmocka_unit_test(a_program_on_the_shared_library_works),
        cmocka_unit_test(constructors_after_the_shared_library_need_the_entry),
        cmocka_unit_test(the_library_may_be_loaded_by_an_interpreter),
        cmocka_unit_test(a_marker_that_nobody_made_is_ignored),
        cmocka_unit_test(what_was_preloaded_before_stays_so),
        cmocka_unit_test(a_program_with_rights_of_its_own_is_forked_only),
        cmocka_unit_test(auto_forks_only_a_host_with_one_thread),
        cmocka_unit_test(a_program_that_acts_for_another_user_is_forked_only),
        cmocka_unit_test(an_initializer_is_loaded_by_workers_that_lack_it),
        cmocka_unit_test(an_initializer_that_workers_cannot_load_is_refused),
    };

    if (argc != 3)
        return 2;
    folder = argv[1];
    late = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
