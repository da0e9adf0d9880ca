/* SPDX-License-Identifier: MIT */
/* Hosts in a world of their own: where no worker can be replaced, where ids
 * come again at once, where there is no room in the usual places, where workers
 * give up their rights. Each runs in a child, whose exit code says which step
 * went wrong; 77: it cannot be made here. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_HERE = 77 };

static void in_a_world(int (*body)(void))
{
    int status, pid = fork();
    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE)
        skip();
    assert_int_equal(status, 0);
}

static bool is_served(struct cf_executor *executor)
{
    int seven = 7, result = 0;
    struct cf_future *future;
    if (cf_submit(executor, square, &seven, sizeof seven, &future) != CF_OK)
        return false;
    enum cf_status status =
        cf_result(future, CF_FOREVER, &result, sizeof result);
    cf_future_release(future);
    return status == CF_OK && result == 49;
}

static void end_worker(int pid)
{
    int pidfd = watch_process(pid);
    kill(pid, SIGKILL);
    (void)!ends_within(pidfd, 5000);
    close(pidfd);
}

/* Ends the worker that runs a task, whose outcome shows that its end has been
 * seen to. */
static bool crashes_one(struct cf_executor *executor)
{
    int how = SIGKILL;
    struct cf_future *future;
    if (cf_submit(executor, die, &how, sizeof how, &future) != CF_OK)
        return false;
    enum cf_status status = cf_result(future, CF_FOREVER, NULL, 0);
    cf_future_release(future);
    return status == CF_CRASHED;
}

/* --- no process to be had, from some moment on --- */

static void let_fork(int zygote, rlim_t most)
{
    struct rlimit limit = {.rlim_cur = most, .rlim_max = 100};
    prlimit(zygote, RLIMIT_NPROC, &limit, NULL);
}

static int without_replacements(void)
{
    struct cf_options options = {
        .max_workers = 2, .start_all = true, .start_method = CF_START_FORK};
    struct cf_executor *executor;
    struct cf_future *future;

    /* nobody else is that user, and root has no limit */
    if (setresuid(65532, 65532, 65532) != 0)
        return NOT_HERE;
    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
        return 1;
    int zygote = int_result(submit_int(executor, tell_host, 0));
    let_fork(zygote, 0);
    if (!crashes_one(executor))
        return 2;
    /* the replacement is ordered before that outcome; this comes after it */
    for (int i = 0; i < 20; i++)
        if (!is_served(executor))
            return 3;
    if (cf_executor_workers(executor) != 1)
        return 4; /* it runs with fewer, and says so */
    let_fork(zygote, 100);
    if (cf_set_workers(executor, 2) != CF_OK || !is_served(executor) ||
        cf_executor_workers(executor) != 2)
        return 5; /* and with as many as before, when that is asked for */
    if (cf_set_workers(executor, 1) != CF_OK)
        return 6;
    let_fork(zygote, 0);
    (void)!crashes_one(executor);
    int one = 1;
    enum cf_status status =
        cf_submit(executor, square, &one, sizeof one, &future);
    if (status == CF_OK) {
        struct cf_error error = error_of(future);
        if (error.status != CF_BROKEN ||
            strstr(error.message, "could be started") == NULL)
            return 7;
        cf_future_release(future);
    } else if (status != CF_BROKEN) {
        return 8;
    }
    cf_executor_destroy(executor);
    return 0;
}

static void workers_that_cannot_be_replaced_are_fewer_then_none(void **state)
{
    (void)state;
    if (is_sanitized())
        skip(); /* their runtimes need threads of their own */
    in_a_world(without_replacements);
}

/* --- ids that come again --- */

/* The next process here gets this id. */
static bool choose_next_id(int pid)
{
    char text[16];
    int last = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    int bytes = snprintf(text, sizeof text, "%d", pid - 1);
    bool is_chosen = last >= 0 && write(last, text, (size_t)bytes) == bytes;
    if (last >= 0)
        close(last);
    return is_chosen;
}

static int where_ids_come_again(void)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    int bystanders[3], hits = 0;

    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
        return 1;
    for (int i = 0; i < 3; i++) {
        int worker = int_result(submit_int(executor, tell_pid, 0));
        end_worker(worker);
        if (!is_served(executor)) /* so the dead one has been reaped */
            return 2;
        if (!choose_next_id(worker))
            return NOT_HERE;
        bystanders[i] = fork();
        if (bystanders[i] == 0)
            for (;;)
                pause();
        hits += bystanders[i] == worker;
    }
    if (hits == 0)
        return NOT_HERE;           /* somebody else was always faster */
    for (int i = 0; i < 10; i++) { /* stops, deaths, an end */
        struct cf_future *future = submit_int(executor, loop, 0);
        (void)!cf_stop(future, 0);
        (void)error_of(future).status;
        cf_future_release(future);
        if (!crashes_one(executor) || !is_served(executor))
            return 4;
    }
    cf_executor_destroy(executor);
    for (int i = 0; i < 3; i++) {
        if (waitpid(bystanders[i], NULL, WNOHANG) != 0)
            return 3; /* it was killed in a worker's place */
        kill(bystanders[i], SIGKILL);
    }
    return 0;
}

/* As process 1 of a space of ids. */
static int in_a_space_of_ids(void)
{
    int status;
    if (unshare(CLONE_NEWPID) != 0)
        return NOT_HERE;
    int pid = fork();
    if (pid == 0)
        _exit(where_ids_come_again());
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void nobody_is_hit_who_has_a_dead_workers_id(void **state)
{
    (void)state;
    in_a_world(in_a_space_of_ids);
}

/* --- no room --- */

static int without_room(void)
{
    struct cf_options options = {.max_workers = 2, .start_all = true};
    struct cf_executor *executor;
    struct cf_future *future;
    static char bytes[1 << 20];

    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/dev/shm", "tmpfs", 0, "size=4k") != 0 ||
        mount("none", "/tmp", "tmpfs", MS_RDONLY, "size=4k") != 0)
        return NOT_HERE;
    for (int method = CF_START_FORK; method <= CF_START_FORKSERVER; method++) {
        options.start_method = (enum cf_start_method)method;
        if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
            return 1;
        if (cf_submit(executor, square, bytes, sizeof bytes, &future) !=
                CF_OK ||
            cf_result(future, CF_FOREVER, NULL, 0) != CF_INVALID)
            return 2;
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
    return 0;
}

static void no_folder_needs_room(void **state)
{
    (void)state;
    in_a_world(without_room);
}

/* --- other rights than the host's --- */

struct family {
    int worker;
    int zygote;
};

static bool become_nobody(void)
{
    return setgid(65534) == 0 && setuid(65534) == 0;
}

static enum cf_status begin_as_nobody(size_t worker, const void *arg,
                                      size_t arg_bytes, void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    (void)state;
    return become_nobody() ? CF_OK : CF_SYSTEM;
}

static enum cf_status tell_family(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct family family = {.worker = getpid(), .zygote = getppid()};

    (void)arg;
    (void)arg_bytes;
    return become_nobody() ? cf_return(task, &family, sizeof family)
                           : cf_raise(task, errno, "it has no right to");
}

/* An executor whose worker has given up its rights. */
static bool has_nobody(bool at_first, struct family *family)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    struct cf_future *future;

    if (at_first)
        options.initializer = begin_as_nobody;
    return cf_executor_create(CF_PROCESS, &options, &executor) == CF_OK &&
           cf_submit(executor, tell_family, NULL, 0, &future) == CF_OK &&
           cf_result(future, CF_FOREVER, family, sizeof *family) == CF_OK;
}

/* Where it was at the first, nobody is left who could kill the worker. */
static int ends_with_its_host(bool at_first)
{
    struct family *family = shared_memory(sizeof *family);

    if (geteuid() != 0)
        return NOT_HERE;
    int host = fork();
    if (host == 0) {
        raise(has_nobody(at_first, family) ? SIGSTOP : SIGKILL);
        _exit(0);
    }
    waitpid(host, NULL, WUNTRACED);
    int pidfd = watch_process(family->worker);
    if (pidfd < 0)
        return 1;
    if (at_first)
        kill(family->zygote, SIGKILL);
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    return ends_within(pidfd, 5000) ? 0 : 2;
}

static int nobody_at_first(void)
{
    return ends_with_its_host(true);
}

static int nobody_later(void)
{
    return ends_with_its_host(false);
}

static void nobody_outlives_a_host_by_giving_up_rights(void **state)
{
    (void)state;
    in_a_world(nobody_at_first);
    in_a_world(nobody_later);
}

/* --- no /proc --- */

static int without_proc(void)
{
    struct cf_options options = {.max_workers = 1,
                                 .max_worker_bytes = 1 << 30,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;

    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/proc", "tmpfs", 0, "size=4k") != 0)
        return NOT_HERE;
    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_UNSUPPORTED)
        return 1;
    options.max_worker_bytes = 0;
    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
        return 2;
    if (!is_served(executor))
        return 3;
    cf_executor_destroy(executor);
    return 0;
}

static void a_bound_on_memory_that_cannot_be_kept_is_unsupported(void **state)
{
    (void)state;
    in_a_world(without_proc);
}

static void *be_host(void *worked)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    volatile char own[2500] = {0}; /* it needs some of that itself */

    if (cf_executor_create(CF_PROCESS, &options, &executor) == CF_OK) {
        *(bool *)worked = own[0] == 0 && is_served(executor);
        cf_executor_destroy(executor);
    }
    return NULL;
}

static int on_the_smallest_stack(void)
{
    size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_t attributes;
    pthread_t thread;
    bool worked = false;

    pthread_attr_init(&attributes);
    if (is_sanitized() || pthread_attr_setstacksize(&attributes, least) != 0 ||
        pthread_create(&thread, &attributes, be_host, &worked) != 0)
        return NOT_HERE; /* sanitizers need more themselves */
    pthread_join(thread, NULL);
    return worked ? 0 : 1;
}

static void a_thread_with_the_smallest_stack_may_be_the_host(void **state)
{
    (void)state;
    in_a_world(on_the_smallest_stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_that_cannot_be_replaced_are_fewer_then_none),
        cmocka_unit_test(nobody_is_hit_who_has_a_dead_workers_id),
        cmocka_unit_test(no_folder_needs_room),
        cmocka_unit_test(nobody_outlives_a_host_by_giving_up_rights),
        cmocka_unit_test(a_bound_on_memory_that_cannot_be_kept_is_unsupported),
        cmocka_unit_test(a_thread_with_the_smallest_stack_may_be_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
