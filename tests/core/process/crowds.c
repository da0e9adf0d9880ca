/* SPDX-License-Identifier: MIT */
/* Many workers are to be ended at about the same time, more than the process
 * that forks them can be told of at once. It is stopped meanwhile, and its
 * socket has little room, so a few are many. And more than there are descriptors
 * for. */
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CROWD = 20, MOST_DESCRIPTORS = 1000 };

/* What a worker of the crowd is told: where to arrive, where to leave its pid. */
struct place {
    struct gate gate;
    int *pid;
};

static enum cf_status arrive_and_hang(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    const struct place *place = arg;

    (void)arg_bytes;
    *place->pid = getpid();
    if (!tell(place->gate.out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    for (;;)
        pause();
}

/* Whoever has to do with the zygote does so by one of these. */
static void narrow_sockets(void)
{
    for (int fd = 3; fd < MOST_DESCRIPTORS; fd++) {
        int type, few_bytes = 1;
        socklen_t type_bytes = sizeof type;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_bytes) == 0 &&
            type == SOCK_SEQPACKET)
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &few_bytes,
                                        sizeof few_bytes),
                             0);
    }
}

/* Which process the descriptor refers to; -1: none. */
static int process_of(int fd)
{
    char name[64], line[256];
    int pid = -1;

    snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
    FILE *about = fopen(name, "r");
    while (about != NULL && fgets(line, sizeof line, about) != NULL)
        if (sscanf(line, "Pid: %d", &pid) == 1)
            break;
    if (about != NULL)
        fclose(about);
    return pid;
}

/* The host's, of all processes but one; they are the test's from then on. */
static int spoilt_fds[CROWD + 1];

static void spoil_pidfds(int but_pid)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), spoilt = 0;

    for (int fd = 3; fd < MOST_DESCRIPTORS; fd++) {
        int pid = process_of(fd);
        if (pid <= 0 || pid == but_pid)
            continue;
        assert_int_equal(dup3(nothing, fd, O_CLOEXEC), fd);
        assert_in_range(spoilt, 0, CROWD);
        spoilt_fds[spoilt++] = fd;
    }
    close(nothing);
    assert_int_equal(spoilt, CROWD + 1);
}

/* Nobody has taken them for what they were. */
static void close_spoilt(void)
{
    for (int i = 0; i <= CROWD; i++)
        assert_int_equal(close(spoilt_fds[i]), 0);
}

/* A crowd that hangs, to be ended while the zygote reads nothing; and one
 * worker more. */
struct crowd {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *futures[CROWD];
    int *pids;
    int zygote;
};

static void gather(struct crowd *crowd)
{
    gate_make(&crowd->gate);
    crowd->pids = shared_memory(CROWD * sizeof *crowd->pids);
    crowd->executor = full_executor(CROWD + 1);
    crowd->zygote = int_result(submit_int(crowd->executor, tell_host, 0));
    narrow_sockets();
    for (int i = 0; i < CROWD; i++) {
        struct place place = {.gate = crowd->gate, .pid = &crowd->pids[i]};
        crowd->futures[i] =
            submit(crowd->executor, arrive_and_hang, &place, sizeof place);
    }
    gate_await(&crowd->gate, CROWD);
    kill(crowd->zygote, SIGSTOP);
}

static void disperse(struct crowd *crowd)
{
    for (int i = 0; i < CROWD; i++)
        assert_status(cf_stop(crowd->futures[i], 0), CF_OK);
    assert_serves(crowd->executor);
}

static void bury(struct crowd *crowd)
{
    kill(crowd->zygote, SIGCONT);
    for (int i = 0; i < CROWD; i++) {
        assert_status(error_of(crowd->futures[i]).status, CF_STOPPED);
        cf_future_release(crowd->futures[i]);
    }
    assert_serves(crowd->executor);
    cf_executor_destroy(crowd->executor);
    gate_close(&crowd->gate);
}

static void workers_are_ended_though_the_zygote_reads_nothing(void **state)
{
    struct crowd crowd;

    (void)state;
    gather(&crowd);
    disperse(&crowd);
    for (int i = 0; i < CROWD; i++) {
        int watch = watch_process(crowd.pids[i]);
        assert_true(ends_within(watch, 10000));
        close(watch);
    }
    bury(&crowd);
}

/* Most of the signals wait until it reads again. */
static void who_cannot_be_told_of_a_signal_holds_nobody_up(void **state)
{
    struct crowd crowd;

    (void)state;
    gather(&crowd);
    spoil_pidfds(crowd.zygote);
    disperse(&crowd);
    bury(&crowd);
    close_spoilt();
}

static void a_stop_may_come_again_when_all_is_done(void **state)
{
    struct crowd crowd;

    (void)state;
    gather(&crowd);
    disperse(&crowd);
    disperse(&crowd);
    bury(&crowd);
}

/* --- more workers than there are descriptors for --- */

static void a_crowd_leaves_descriptors_to_the_program(void **state)
{
    enum { MORE = 64, LEFT = 6 };
    struct cf_options options = {.max_workers = MORE, .start_all = true};
    struct cf_executor *executor;
    struct rlimit before, limit;
    int lowest = dup(STDOUT_FILENO), own[LEFT];

    (void)state;
    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = (struct rlimit){(rlim_t)lowest + MORE, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    enum cf_status status = cf_executor_create(CF_PROCESS, &options, &executor);
    for (int i = 0; i < LEFT; i++)
        own[i] = dup(STDOUT_FILENO);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_status(status, CF_OK);
    assert_in_range(cf_executor_workers(executor), 2, MORE / 2);
    for (int i = 0; i < LEFT; i++)
        assert_int_equal(close(own[i]), 0);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* Runs in another worker than the one that waits for it, as it has a limit. */
static enum cf_status wait_for_another(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_call call = {.timeout_ns = 60000000000};
    struct cf_future *other;

    (void)arg;
    (void)arg_bytes;
    enum cf_status status = cf_submit_call(cf_task_executor(task), tell_pid,
                                           NULL, 0, &call, &other);
    if (status == CF_OK)
        status = cf_result(other, CF_FOREVER, &(int){0}, sizeof(int));
    cf_future_release(other);
    return status;
}

/* Else the one that waits would do so for ever. */
static void a_spare_worker_may_have_the_last_descriptors(void **state)
{
    enum { OWN = 64 };
    struct cf_executor *executor = full_executor(1);
    struct rlimit before, limit;
    int own[OWN];

    (void)state;
    for (int i = 0; i < OWN; i++)
        own[i] = dup(STDOUT_FILENO);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = (struct rlimit){(rlim_t)own[OWN - 1] + 5, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    struct cf_future *future = submit_int(executor, wait_for_another, 0);
    enum cf_status status = cf_result(future, 10000000000, NULL, 0);
    setrlimit(RLIMIT_NOFILE, &before);
    for (int i = 0; i < OWN; i++)
        close(own[i]);
    assert_status(status, CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_are_ended_though_the_zygote_reads_nothing),
        cmocka_unit_test(who_cannot_be_told_of_a_signal_holds_nobody_up),
        cmocka_unit_test(a_stop_may_come_again_when_all_is_done),
        cmocka_unit_test(a_crowd_leaves_descriptors_to_the_program),
        cmocka_unit_test(a_spare_worker_may_have_the_last_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
