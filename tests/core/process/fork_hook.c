/* SPDX-License-Identifier: MIT */
/* Who has forks made by a hook of his own has all of them made by it: those of
 * processes that go on with the host's memory, and those that are followed by
 * an exec; and what it cannot fork is not forked. */
#include "process.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the hook writes down, in memory that all processes share. */
struct diary {
    _Atomic int calls;
    _Atomic int before_exec; /* of these */
    int failing;             /* the number of the call that fails; 0: none */
};

static pid_t born; /* this process, where the hook has made it */
static struct cf_executor *inherited;

static bool may_fork(struct diary *diary, bool exec_follows)
{
    if (exec_follows)
        diary->before_exec++;
    if (++diary->calls != diary->failing)
        return true;
    errno = ENOMEM;
    return false;
}

static pid_t note_and_fork(bool exec_follows, void *context)
{
    pid_t pid = may_fork(context, exec_follows) ? fork() : -1;
    if (pid == 0)
        born = getpid();
    return pid;
}

static pid_t fork_without_handlers(bool exec_follows, void *context)
{
    return may_fork(context, exec_follows) ? _Fork() : -1;
}

static enum cf_status create_with(cf_fork_hook *hook, struct diary *diary,
                                  enum cf_start_method method,
                                  struct cf_executor **executor)
{
    struct cf_options options = {.max_workers = 2,
                                 .start_all = true,
                                 .start_method = method,
                                 .fork = hook,
                                 .fork_context = diary};
    return cf_executor_create(CF_PROCESS, &options, executor);
}

static enum cf_status is_born(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    int is_so = born == getpid();
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &is_so, sizeof is_so);
}

static enum cf_status is_born_at_gate(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    if (!gate_pass(arg))
        return cf_raise(task, errno, "the gate is broken");
    return is_born(task, arg, arg_bytes);
}

static void assert_two_workers_are_born(struct cf_executor *executor,
                                        struct gate *gate)
{
    struct cf_future *futures[2];

    for (int i = 0; i < 2; i++)
        futures[i] = submit(executor, is_born_at_gate, gate, sizeof *gate);
    gate_await(gate, 2);
    gate_open(gate, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(int_result(futures[i]), 1);
}

/* The host forks twice, so that no wait of its own sees the zygote. */
static void assert_all_are_born(enum cf_start_method method)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_executor *executor;
    struct gate gate;

    gate_make(&gate);
    assert_status(create_with(note_and_fork, diary, method, &executor), CF_OK);
    assert_int_equal(diary->calls, 4);
    assert_int_equal(diary->before_exec, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_two_workers_are_born(executor, &gate);
    cf_future_release(submit_int(executor, die, SIGKILL));
    assert_two_workers_are_born(executor, &gate); /* one is a replacement */
    assert_int_equal(diary->calls, 5);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void all_that_is_forked_is_made_by_the_hook(void **state)
{
    (void)state;
    assert_all_are_born(CF_START_FORK);
    if (!is_sanitized()) /* whose runtimes have threads */
        assert_all_are_born(CF_START_AUTO);
}

static pid_t host; /* the process of the test below */

/* What is to become another program has no memory for that: it ends, and the
 * host goes on when it has. */
static pid_t fork_what_ends(bool exec_follows, void *context)
{
    struct rlimit none = {.rlim_cur = 1 << 16, .rlim_max = 1 << 16};
    pid_t pid = note_and_fork(exec_follows, context);

    if (pid == 0 && exec_follows)
        setrlimit(RLIMIT_AS, &none);
    if (pid > 0 && exec_follows && getpid() == host)
        while (wait(NULL) > 0)
            ;
    return pid;
}

static void *wait_at(void *gate)
{
    return gate_pass(gate) ? gate : NULL;
}

static void a_program_that_ends_at_once_is_told_from_no_process(void **state)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_executor *executor;
    struct gate gate;
    pthread_t thread;

    (void)state;
    if (is_sanitized())
        skip(); /* their children need memory before */
    host = getpid();
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_status(
        create_with(fork_what_ends, diary, CF_START_FORKSERVER, &executor),
        CF_UNSUPPORTED);
    /* a host with a thread forks where its program cannot be started anew */
    gate_make(&gate);
    pthread_create(&thread, NULL, wait_at, &gate);
    assert_status(create_with(fork_what_ends, diary, CF_START_AUTO, &executor),
                  CF_OK);
    gate_open(&gate, 1);
    pthread_join(thread, NULL);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&gate);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* In the program that is started anew nobody has prepared for the hook. */
static void assert_told_of_exec(enum cf_start_method method)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_executor *executor;

    assert_status(create_with(note_and_fork, diary, method, &executor), CF_OK);
    assert_int_equal(diary->calls, 2);
    assert_int_equal(diary->before_exec, 2);
    assert_int_equal(int_result(submit_int(executor, is_born, 0)), 0);
    assert_serves(executor);
    assert_int_equal(diary->calls, 2);
    cf_executor_destroy(executor);
}

static void the_hook_is_told_where_an_exec_follows(void **state)
{
    (void)state;
    assert_told_of_exec(CF_START_FORKSERVER);
    assert_told_of_exec(CF_START_SPAWN);
}

static void a_hook_that_fails_in_create_is_a_fork_that_fails(void **state)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_executor *executor;

    (void)state;
    for (int method = CF_START_FORK; method <= CF_START_SPAWN; method++)
        for (diary->failing = 1; diary->failing <= 2; diary->failing++) {
            diary->calls = 0;
            assert_status(create_with(note_and_fork, diary,
                                      (enum cf_start_method)method, &executor),
                          CF_AGAIN);
            assert_null(executor);
            assert_int_equal(diary->calls, diary->failing);
            if (diary->failing == 1)
                assert_int_equal(cf_last_error().system_errno, ENOMEM);
        }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void a_worker_that_the_hook_does_not_fork_is_one_fewer(void **state)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_executor *executor;

    (void)state;
    diary->failing = 4;
    assert_status(create_with(note_and_fork, diary, CF_START_FORK, &executor),
                  CF_OK);
    assert_int_equal(cf_executor_workers(executor), 1);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* int -> what square() makes of it. One with a limit is never run in the wait
 * for it. */
static enum cf_status square_elsewhere(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_call call = {.timeout_ns = INT64_C(3600000000000)};
    struct cf_future *future;
    int squared;

    if (cf_submit_call(cf_task_executor(task), square, arg, arg_bytes, &call,
                       &future) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status =
        cf_result(future, CF_FOREVER, &squared, sizeof squared);
    cf_future_release(future);
    return status == CF_OK ? cf_return(task, &squared, sizeof squared) : status;
}

static void a_spare_worker_that_is_not_forked_is_tried_for_again(void **state)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK,
                                 .fork = note_and_fork,
                                 .fork_context = diary};
    struct cf_executor *executor;

    (void)state;
    diary->failing = 4; /* after the zygote, its parent, and the worker */
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    assert_int_equal(int_result(submit_int(executor, square_elsewhere, 3)), 9);
    assert_int_equal(diary->calls, 5);
    cf_executor_destroy(executor);
}

static enum cf_status use_inherited(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct cf_future *future;
    enum cf_status status =
        cf_submit(inherited, square, arg, arg_bytes, &future);
    int is_broken = status == CF_BROKEN;

    if (status == CF_OK)
        cf_future_release(future);
    return cf_return(task, &is_broken, sizeof is_broken);
}

static void a_hook_may_fork_without_the_handlers_of_fork(void **state)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_executor *executor;

    (void)state;
    if (is_sanitized())
        skip(); /* their runtimes need the handlers */
    assert_status(cf_executor_create(CF_SERIAL, NULL, &inherited), CF_OK);
    assert_status(
        create_with(fork_without_handlers, diary, CF_START_FORK, &executor),
        CF_OK);
    assert_int_equal(int_result(submit_int(executor, use_inherited, 3)), 1);
    assert_serves(executor);
    cf_executor_destroy(executor);
    cf_executor_destroy(inherited);
}

/* --- another thread is in the loader --- */

struct stay {
    sem_t has_come, may_leave;
    bool is_over; /* the fork that it is for */
};

static int stay_there(struct dl_phdr_info *info, size_t bytes, void *context)
{
    struct stay *stay = context;

    (void)info;
    (void)bytes;
    sem_post(&stay->has_come);
    sem_wait(&stay->may_leave);
    return 1;
}

static void *enter_the_loader(void *stay)
{
    dl_iterate_phdr(stay_there, stay);
    return NULL;
}

static pid_t fork_amid_a_loading(bool exec_follows, void *context)
{
    struct stay *stay = context;
    pthread_t thread;

    (void)exec_follows;
    if (stay->is_over)
        return _Fork();
    stay->is_over = true;
    if (pthread_create(&thread, NULL, enter_the_loader, stay) != 0)
        return -1;
    sem_wait(&stay->has_come);
    pid_t pid = _Fork();
    if (pid != 0) {
        sem_post(&stay->may_leave);
        pthread_join(thread, NULL);
    }
    return pid;
}

static void a_worker_that_is_forked_amid_a_loading_finds_functions(void **state)
{
    struct stay stay = {.is_over = false};
    struct cf_options options = {.max_workers = 2,
                                 .start_method = CF_START_FORK,
                                 .fork = fork_amid_a_loading,
                                 .fork_context = &stay};
    struct cf_executor *executor;

    (void)state;
    if (is_sanitized())
        skip(); /* their runtimes need the handlers */
    sem_init(&stay.has_come, 0, 0);
    sem_init(&stay.may_leave, 0, 0);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    assert_serves(executor);
    assert_true(stay.is_over);
    cf_executor_destroy(executor);
}

static void without_processes_the_hook_means_nothing(void **state)
{
    struct diary *diary = shared_memory(sizeof *diary);
    struct cf_options options = {
        .max_workers = 1, .fork = note_and_fork, .fork_context = diary};
    struct cf_executor *executor;

    (void)state;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    assert_serves(executor);
    cf_executor_destroy(executor);
    assert_int_equal(diary->calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_forked_is_made_by_the_hook),
        cmocka_unit_test(a_program_that_ends_at_once_is_told_from_no_process),
        cmocka_unit_test(the_hook_is_told_where_an_exec_follows),
        cmocka_unit_test(a_hook_that_fails_in_create_is_a_fork_that_fails),
        cmocka_unit_test(a_worker_that_the_hook_does_not_fork_is_one_fewer),
        cmocka_unit_test(a_spare_worker_that_is_not_forked_is_tried_for_again),
        cmocka_unit_test(a_hook_may_fork_without_the_handlers_of_fork),
        cmocka_unit_test(
            a_worker_that_is_forked_amid_a_loading_finds_functions),
        cmocka_unit_test(without_processes_the_hook_means_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
