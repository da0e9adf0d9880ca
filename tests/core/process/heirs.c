/* SPDX-License-Identifier: MIT */
/* Processes that hosts and tasks fork, and the library's descriptors: none is
 * theirs, and none of their own files is taken for one. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 32 };

/* Does a child of a process with threads survive that it starts one? */
#ifdef __SANITIZE_THREAD__
enum { CHILDREN_HAVE_THREADS = 0 };
#else
enum { CHILDREN_HAVE_THREADS = 1 };
#endif

/* Closes what the program left open above stderr, as daemons do, and opens
 * files of its own there. */
static void open_own_files(int files[FILES])
{
    close_range(STDERR_FILENO + 1, ~0u, 0);
    for (int i = 0; i < FILES; i++)
        files[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool are_open(const int files[FILES])
{
    for (int i = 0; i < FILES; i++)
        if (fcntl(files[i], F_GETFD) < 0)
            return false;
    return true;
}

static void assert_ends_well(int child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static bool squares(struct cf_executor *executor)
{
    int number = 5;
    struct cf_future *future;

    if (cf_submit(executor, square, &number, sizeof number, &future) != CF_OK)
        return false;
    enum cf_status status =
        cf_result(future, CF_FOREVER, &number, sizeof number);
    cf_future_release(future);
    return status == CF_OK && number == 25;
}

static void what_a_child_gives_back_closes_no_file_of_its_own(void **state)
{
    struct cf_executor *executor = full_executor(2);
    struct cf_buffer *buffer = buffer_of(100);
    int files[FILES];

    (void)state;
    int child = fork();
    if (child == 0) {
        open_own_files(files);
        cf_buffer_release(buffer);
        cf_executor_destroy(executor);
        _exit(are_open(files) ? 0 : 1);
    }
    assert_ends_well(child);
    assert_true(squares(executor));
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

static void a_childs_executor_outlives_the_inherited_one(void **state)
{
    (void)state;
    if (!CHILDREN_HAVE_THREADS)
        skip();
    struct cf_executor *executor = full_executor(2);
    int child = fork();
    if (child == 0) {
        struct cf_executor *own = full_executor(2);
        struct cf_buffer *buffer = buffer_of(100);
        cf_executor_destroy(executor);
        struct cf_future *future =
            submit_with(own, square, &(int){3}, sizeof(int), &buffer, 1);
        bool is_right = int_result(future) == 9 && squares(own);
        cf_buffer_release(buffer);
        cf_executor_destroy(own);
        _exit(is_right ? 0 : 1);
    }
    assert_ends_well(child);
    cf_executor_destroy(executor);
}

static void a_child_keeps_the_descriptor_for_event_loops(void **state)
{
    struct cf_executor *executor = lazy_executor(1);
    int events;

    (void)state;
    assert_status(cf_executor_fd(executor, &events), CF_OK);
    int child = fork();
    if (child == 0) {
        bool was_open = fcntl(events, F_GETFD) >= 0;
        cf_executor_destroy(executor);
        _exit(was_open && fcntl(events, F_GETFD) >= 0 ? 0 : 1);
    }
    assert_ends_well(child);
    cf_executor_destroy(executor);
}

/* The host has closed what was not its own: that is the executor's end, but not
 * that of what it has opened since. */
static void a_host_that_has_closed_all_keeps_its_own_files(void **state)
{
    int files[FILES];

    (void)state;
    int child = fork();
    if (child == 0) {
        struct cf_executor *executor = full_executor(2);
        struct cf_buffer *buffer = buffer_of(100);
        open_own_files(files);
        cf_buffer_release(buffer);
        cf_executor_destroy(executor);
        _exit(are_open(files) ? 0 : 1);
    }
    assert_ends_well(child);
}

/* Sockets on which nothing comes, where the executor's descriptors were. */
static void open_own_sockets(int sockets[FILES][2])
{
    close_range(STDERR_FILENO + 1, ~0u, 0);
    for (int i = 0; i < FILES; i++)
        (void)!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
                          sockets[i]);
}

/* Nobody has put anything in, taken anything out, or shut one down. */
static bool are_as_they_were(int sockets[FILES][2])
{
    char byte;

    for (int i = 0; i < FILES; i++)
        for (int end = 0; end < 2; end++)
            if (read(sockets[i][end], &byte, 1) != -1 || errno != EAGAIN ||
                write(sockets[i][end], "", 1) != 1 ||
                read(sockets[i][1 - end], &byte, 1) != 1)
                return false;
    return true;
}

/* Nobody but the process that starts workers is there, and who listens to it. */
static void
a_host_that_has_closed_all_ends_before_its_first_worker(void **state)
{
    static const enum cf_start_method methods[] = {CF_START_FORK,
                                                   CF_START_FORKSERVER};
    int sockets[FILES][2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        int child = fork();
        if (child == 0) {
            struct cf_options options = {.start_method = methods[i]};
            struct cf_executor *executor;
            struct cf_future *future;

            alarm(20); /* a hang is no success */
            assert_status(cf_executor_create(CF_PROCESS, &options, &executor),
                          CF_OK);
            usleep(50000); /* who listens sleeps, mostly */
            open_own_sockets(sockets);
            enum cf_status status =
                cf_submit(executor, square, "four", 4, &future);
            cf_executor_destroy(executor);
            _exit(status == CF_AGAIN && are_as_they_were(sockets) ? 0 : 1);
        }
        assert_ends_well(child);
    }
}

static void an_executor_that_lost_its_descriptors_takes_no_others(void **state)
{
    (void)state;
    int child = fork();
    if (child == 0) {
        struct cf_executor *before = lazy_executor(2);
        alarm(20);
        close_range(STDERR_FILENO + 1, ~0u, 0);
        struct cf_executor *after = full_executor(2);
        cf_executor_destroy(before);
        bool is_right = squares(after);
        cf_executor_destroy(after);
        _exit(is_right ? 0 : 1);
    }
    assert_ends_well(child);
}

/* What it forks then takes none of them for a buffer's. */
static enum cf_status close_all_and_fork(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    int files[FILES], status = -1;

    (void)arg;
    (void)arg_bytes;
    open_own_files(files);
    int child = fork();
    if (child == 0)
        _exit(are_open(files) ? 0 : 1);
    waitpid(child, &status, 0);
    return cf_return(task, &status, sizeof status);
}

static void
a_task_that_has_closed_all_leaves_its_files_to_its_child(void **state)
{
    struct cf_executor *executor = lazy_executor(1);
    struct cf_buffer *buffer = buffer_of(100);

    (void)state;
    struct cf_future *future =
        submit_with(executor, close_all_and_fork, NULL, 0, &buffer, 1);
    assert_int_equal(int_result(future), 0);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

/* --- a host that becomes another program, and leaves a child --- */

struct family {
    struct gate gate;
    int worker, child;
};

static enum cf_status work_for_ever(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct family *const *family = arg;
    volatile bool is_over = false;

    (void)arg_bytes;
    (*family)->worker = getpid();
    if (!tell((*family)->gate.out[1], 0))
        return CF_SYSTEM;
    while (!is_over)
        ;
    return cf_return(task, NULL, 0);
}

static _Noreturn void be_host(struct family *family)
{
    struct cf_executor *executor = full_executor(1);

    (void)submit(executor, work_for_ever, &family, sizeof family);
    int child = fork();
    if (child == 0) {
        alarm(20);
        pause();
        _exit(0);
    }
    family->child = child;
    execlp("sleep", "sleep", "20", NULL);
    _exit(1);
}

static void no_worker_outlives_a_host_that_becomes_another_program(void **state)
{
    struct family *family = shared_memory(sizeof *family);

    (void)state;
    gate_make(&family->gate);
    int host = fork();
    if (host == 0)
        be_host(family);
    gate_await(&family->gate, 1);
    int worker = watch_process(family->worker);
    bool has_ended = ends_within(worker, 10000);
    close(worker);
    kill(host, SIGKILL);
    if (family->child > 0)
        kill(family->child, SIGKILL);
    assert_true(has_ended);
    waitpid(host, NULL, 0);
    gate_close(&family->gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_child_gives_back_closes_no_file_of_its_own),
        cmocka_unit_test(a_childs_executor_outlives_the_inherited_one),
        cmocka_unit_test(a_child_keeps_the_descriptor_for_event_loops),
        cmocka_unit_test(a_host_that_has_closed_all_keeps_its_own_files),
        cmocka_unit_test(
            a_host_that_has_closed_all_ends_before_its_first_worker),
        cmocka_unit_test(an_executor_that_lost_its_descriptors_takes_no_others),
        cmocka_unit_test(
            a_task_that_has_closed_all_leaves_its_files_to_its_child),
        cmocka_unit_test(
            no_worker_outlives_a_host_that_becomes_another_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
