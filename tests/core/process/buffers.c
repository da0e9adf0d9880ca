/* SPDX-License-Identifier: MIT */
/* Buffers between processes: nobody keeps memory that nobody has, and closing
 * what is not one's own harms one task. */
#include "buffer_tasks.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIST "/proc/self/fd"

/* --- nobody keeps what nobody has --- */

/* Watches the only buffer's memory, without holding it: an event comes when
 * the last descriptor and the last mapping of it are gone, in any process. */
static int watch_buffer(void)
{
    int watch = inotify_init1(IN_CLOEXEC);
    DIR *list = opendir(LIST);
    struct dirent *entry;
    int found = 0;

    while ((entry = readdir(list)) != NULL) {
        char path[300], target[64] = "";
        snprintf(path, sizeof path, LIST "/%s", entry->d_name);
        if (readlink(path, target, sizeof target - 1) > 0 &&
            strstr(target, "memfd:cf-buffer") != NULL) {
            found++;
            assert_true(inotify_add_watch(watch, path, IN_CLOSE) >= 0);
        }
    }
    closedir(list);
    assert_int_equal(found, 1);
    return watch;
}

static bool is_gone_within(int watch, int timeout_ms)
{
    struct pollfd event = {.fd = watch, .events = POLLIN};
    bool is_gone = poll(&event, 1, timeout_ms) == 1;
    return is_gone;
}

static enum cf_status count_and_meet(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    enum cf_status status = count_up(task, NULL, 0);
    (void)arg_bytes;
    return gate_pass(arg) ? status : CF_SYSTEM;
}

/* Both workers have it. */
static void give_to_both(struct cf_executor *executor, struct gate *gate,
                         struct cf_buffer *buffer)
{
    struct cf_future *futures[2];
    int *number = cf_buffer_data(buffer), before = *number;

    for (int i = 0; i < 2; i++)
        futures[i] = submit_with(executor, count_and_meet, gate, sizeof *gate,
                                 &buffer, 1);
    gate_await(gate, 2);
    gate_open(gate, 2);
    for (int i = 0; i < 2; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
    assert_in_range(*number, before + 1, before + 2); /* they may race */
}

static void idle_workers_let_go_when_the_host_does(void **state)
{
    struct gate gate;
    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(2);
    struct cf_buffer *buffer = buffer_of(1 << 20);
    int watch = watch_buffer();
    give_to_both(executor, &gate, buffer);
    give_to_both(executor, &gate, buffer); /* it is kept in between */
    assert_false(is_gone_within(watch, 0));
    cf_buffer_release(buffer);
    assert_true(is_gone_within(watch, 5000));
    close(watch);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_busy_worker_lets_go_after_its_task(void **state)
{
    struct gate gate;
    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer = buffer_of(100);
    int watch = watch_buffer();
    assert_counts_up(executor, buffer);
    struct cf_future *busy =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    cf_buffer_release(buffer);
    assert_false(is_gone_within(watch, 0));
    gate_open(&gate, 1);
    assert_true(is_gone_within(watch, 5000));
    int_result(busy);
    close(watch);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static enum cf_status write_and_die(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    memset(cf_buffer_data(cf_task_buffer(task, 0)), 1, 100);
    return raise(SIGKILL);
}

static void a_worker_that_dies_with_a_buffer_leaks_nothing(void **state)
{
    (void)state;
    int at_first = count_descriptors();
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer = buffer_of(1 << 20);
    int watch = watch_buffer(), before = count_descriptors();
    for (int i = 0; i < 3; i++) {
        struct cf_future *future =
            submit_with(executor, write_and_die, NULL, 0, &buffer, 1);
        struct cf_error error = error_of(future);
        assert_status(error.status, CF_CRASHED);
        cf_future_release(future);
        assert_counts_up(executor, buffer); /* its successor is given it */
    }
    assert_int_equal(*(unsigned char *)cf_buffer_data(buffer), 2);
    /* one less while the last successor serves and is not yet announced: that
     * is how its pidfd comes */
    assert_in_range(count_descriptors(), before - 1, before);
    cf_buffer_release(buffer);
    assert_true(is_gone_within(watch, 5000));
    close(watch);
    cf_executor_destroy(executor); /* all announcements have been heard */
    assert_int_equal(count_descriptors(), at_first);
}

/* Makes one, returns it and dies, or dies first. */
static enum cf_status make_and_die(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    make_one(task, arg, arg_bytes);
    return raise(SIGKILL) == 0 ? CF_OK : CF_SYSTEM;
}

static void a_returned_buffer_outlives_its_worker(void **state)
{
    (void)state;
    struct cf_executor *executor = full_executor(1);
    struct cf_future *made = submit(executor, make_one, NULL, 0);
    struct cf_future *dead = submit(executor, make_and_die, NULL, 0);
    struct cf_buffer *buffer;
    assert_status(cf_result_buffer(dead, CF_FOREVER, &buffer), CF_CRASHED);
    assert_null(buffer);
    assert_status(cf_result_buffer(made, 0, &buffer), CF_OK);
    assert_int_equal(*(unsigned char *)cf_buffer_data(buffer), 5);
    cf_future_release(made);
    cf_future_release(dead);
    int watch = watch_buffer();
    cf_buffer_release(buffer);
    assert_true(is_gone_within(watch, 5000));
    close(watch);
    cf_executor_destroy(executor);
}

static void a_forked_child_of_the_host_has_no_buffer(void **state)
{
    (void)state;
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer = buffer_of(100);
    int status;
    assert_counts_up(executor, buffer);
    pid_t pid = fork();
    if (pid == 0) {
        bool is_there = cf_buffer_data(buffer) != NULL;
        cf_buffer_release(buffer);
        _exit(is_there);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_counts_up(executor, buffer);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

/* Nor its memory, however long the child lives. */
static void a_forked_child_of_the_host_keeps_no_buffer(void **state)
{
    struct cf_buffer *buffer = buffer_of(1 << 20);
    int watch = watch_buffer();
    struct gate gate;

    (void)state;
    gate_make(&gate);
    int child = fork();
    if (child == 0) {
        alarm(20);
        _exit(gate_pass(&gate) ? 0 : 1);
    }
    gate_await(&gate, 1);
    cf_buffer_release(buffer);
    assert_true(is_gone_within(watch, 5000));
    gate_open(&gate, 1);
    waitpid(child, NULL, 0);
    close(watch);
    gate_close(&gate);
}

/* --- what tasks do with what is not theirs --- */

static enum cf_status close_all(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    for (int fd = 3; fd < 1000; fd++)
        close(fd);
    /* ours may come again, for other files */
    while (open("/dev/null", O_RDWR | O_CLOEXEC) < 20)
        ;
    return CF_OK;
}

/* A death of one breaks it. */
static struct cf_executor *fragile_executor(void)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_all = true,
                                 .start_method = CF_START_FORK,
                                 .crash_limit = 1};
    struct cf_executor *executor;

    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

static void a_task_that_closes_all_descriptors_harms_no_other(void **state)
{
    (void)state;
    struct cf_executor *executor = fragile_executor();
    struct cf_buffer *known = buffer_of(100), *new = buffer_of(100);
    assert_counts_up(executor, known);
    run_int(executor, close_all, 0);
    int before = int_result(submit(executor, count_open, NULL, 0));
    int pid = int_result(submit_int(executor, tell_pid, 0));
    assert_serves(executor);
    assert_counts_up(executor, known); /* it is mapped */

    struct cf_future *future = submit(executor, make_one, NULL, 0);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, CF_SYSTEM);
    cf_future_release(future);
    cf_buffer_release(known); /* the worker unmaps it, and closes nothing */
    assert_serves(executor);
    assert_int_equal(int_result(submit(executor, count_open, NULL, 0)), before);
    assert_int_equal(int_result(submit_int(executor, tell_pid, 0)), pid);

    assert_counts_up(executor, new); /* in another worker */
    assert_true(int_result(submit_int(executor, tell_pid, 0)) != pid);
    cf_buffer_release(new);
    cf_executor_destroy(executor);
}

/* --- a worker is dead, and who is to tell of it has been stopped --- */

/* Waits for the end of that process; its files are closed then. */
static void await_death(int pid)
{
    int watch = watch_process(pid);

    assert_true(ends_within(watch, 10000));
    close(watch);
}

static void a_death_that_is_not_told_yet_costs_no_other_task(void **state)
{
    (void)state;
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer = buffer_of(sizeof(int));
    int zygote = int_result(submit_int(executor, tell_host, 0));
    int worker = int_result(submit_int(executor, tell_pid, 0));
    kill(zygote, SIGSTOP);
    kill(worker, SIGKILL);
    await_death(worker);
    struct cf_future *future =
        submit_with(executor, count_up, NULL, 0, &buffer, 1);
    kill(zygote, SIGCONT);
    assert_status(error_of(future).status, CF_OK);
    cf_future_release(future);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

static void a_death_that_a_buffer_shows_counts_as_one(void **state)
{
    (void)state;
    struct cf_executor *executor = fragile_executor();
    struct cf_buffer *buffer = buffer_of(sizeof(int));
    int zygote = int_result(submit_int(executor, tell_host, 0));
    int worker = int_result(submit_int(executor, tell_pid, 0));
    kill(zygote, SIGSTOP);
    struct cf_future *fatal = submit_int(executor, die, SIGKILL);
    await_death(worker);
    struct cf_future *future =
        submit_with(executor, count_up, NULL, 0, &buffer, 1);
    kill(zygote, SIGCONT);
    assert_status(error_of(fatal).status, CF_CRASHED);
    assert_status(error_of(future).status, CF_BROKEN);
    cf_future_release(fatal);
    cf_future_release(future);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

static void cycles_leave_descriptors_as_they_were(void **state)
{
    (void)state;
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *lasting = buffer_of(100), *buffer;
    int before = count_descriptors();
    int there = int_result(submit(executor, count_open, NULL, 0));
    for (int i = 0; i < 200; i++) {
        struct cf_future *future = submit(executor, make_one, NULL, 0);
        assert_status(cf_result_buffer(future, CF_FOREVER, &buffer), CF_OK);
        cf_future_release(future);
        assert_counts_up(executor, buffer);
        assert_counts_up(executor, lasting);
        cf_buffer_release(buffer);
    }
    assert_int_equal(count_descriptors(), before);
    /* but for the one that lives */
    assert_int_equal(int_result(submit(executor, count_open, NULL, 0)),
                     there + 1);
    cf_buffer_release(lasting);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_workers_let_go_when_the_host_does),
        cmocka_unit_test(a_busy_worker_lets_go_after_its_task),
        cmocka_unit_test(a_worker_that_dies_with_a_buffer_leaks_nothing),
        cmocka_unit_test(a_returned_buffer_outlives_its_worker),
        cmocka_unit_test(a_forked_child_of_the_host_has_no_buffer),
        cmocka_unit_test(a_forked_child_of_the_host_keeps_no_buffer),
        cmocka_unit_test(a_task_that_closes_all_descriptors_harms_no_other),
        cmocka_unit_test(a_death_that_is_not_told_yet_costs_no_other_task),
        cmocka_unit_test(a_death_that_a_buffer_shows_counts_as_one),
        cmocka_unit_test(cycles_leave_descriptors_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
