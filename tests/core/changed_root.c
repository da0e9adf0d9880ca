/* SPDX-License-Identifier: MIT */
/* changed_root BACKEND: a host that changes its root, as servers do, to a place
 * where no library can be loaded any more. Each in a process of its own, in
 * which none has been loaded yet. */
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared.h"

#define CANNOT 77

static const struct cf_backend *backend;

/* While there is one thread, whoever may not change it becomes who may. */
static void prepare(void)
{
    if (geteuid() != 0 && unshare(CLONE_NEWUSER) != 0)
        _exit(CANNOT);
}

/* There is such a place everywhere. */
static void change_root(void)
{
    if (chroot("/proc/self/fdinfo") != 0 || chdir("/") != 0)
        _exit(CANNOT);
}

static enum cf_status create(struct cf_executor **executor)
{
    struct cf_options options = {.max_workers = 2, .start_all = true};

    return cf_executor_create(backend, &options, executor);
}

static enum cf_status use_and_destroy(struct cf_executor *executor)
{
    struct cf_future *future;
    int number = 3;

    enum cf_status status =
        cf_submit(executor, square, &number, sizeof number, &future);
    if (status == CF_OK)
        status = cf_result(future, CF_FOREVER, &number, sizeof number);
    cf_future_release(future);
    cf_executor_destroy(executor);
    return status;
}

/* Several times, since a thread may end some time after its executor. */
static void create_then_change(void)
{
    struct cf_executor *executor;

    prepare();
    enum cf_status status = create(&executor);
    change_root();
    for (int i = 0; status == CF_OK && i < 20; i++) {
        status = use_and_destroy(executor);
        if (status == CF_OK)
            status = create(&executor);
    }
    _exit(status == CF_OK && use_and_destroy(executor) == CF_OK ? 0 : 1);
}

/* All that the backend itself needs has been loaded. */
static void change_then_create(void)
{
    struct cf_executor *executor;
    enum cf_status status;

    prepare();
    (void)cf_backend_missing(backend);
    change_root();
    for (int i = 0; i < 20; i++) {
        status = create(&executor);
        if (status == CF_UNSUPPORTED)
            break;
        if (status != CF_OK || use_and_destroy(executor) != CF_OK)
            _exit(1);
    }
    _exit(0);
}

static void run_apart(void (*host)(void))
{
    int state;
    pid_t pid = fork();

    if (pid == 0)
        host();
    assert_int_equal(waitpid(pid, &state, 0), pid);
    if (WIFEXITED(state) && WEXITSTATUS(state) == CANNOT)
        skip();
    assert_true(WIFEXITED(state));
    assert_int_equal(WEXITSTATUS(state), 0);
}

static void an_executor_made_before_ends_as_ever(void **state)
{
    (void)state;
    run_apart(create_then_change);
}

static void one_made_after_that_works_or_is_refused(void **state)
{
    (void)state;
    run_apart(change_then_create);
}

int main(int argc, char **argv)
{
    if (argc != 2 || cf_backend_find(argv[1], &backend) == CF_INVALID) {
        fprintf(stderr, "usage: changed_root BACKEND\n");
        return 2;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_executor_made_before_ends_as_ever),
        cmocka_unit_test(one_made_after_that_works_or_is_refused),
    };
    return cmocka_run_group_tests_name("changed root", tests, NULL, NULL);
}
