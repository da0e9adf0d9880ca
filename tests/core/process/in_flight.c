/* SPDX-License-Identifier: MIT */
/* A user who is not root may have only so many descriptors on their way through
 * sockets, in all processes together. Here they are, for a while; each host runs
 * in a child, whose exit code says which step went wrong. */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_HERE = 77 };

#define S ((int64_t)1000000000)

/* Sends descriptors that nobody receives, until no more may be sent: then there
 * are 40 more than may be, as the last ones begin at 180. */
static bool fill(int sockets[2])
{
    enum { COUNT = 60 };
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(COUNT * sizeof(int))];
    } control = {.head = {.cmsg_level = SOL_SOCKET,
                          .cmsg_type = SCM_RIGHTS,
                          .cmsg_len = CMSG_LEN(COUNT * sizeof(int))}};
    struct iovec byte = {.iov_base = "", .iov_len = 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return false;
    /* of standard input, so many times */
    memset(CMSG_DATA(&control.head), 0, COUNT * sizeof(int));
    while (sendmsg(sockets[0], &message, MSG_DONTWAIT) == 1)
        ;
    return errno == ETOOMANYREFS;
}

static void empty(int sockets[2])
{
    close(sockets[0]);
    close(sockets[1]);
}

static bool become_somebody(void)
{
    struct rlimit few = {.rlim_cur = 200, .rlim_max = 200};

    /* nobody else is that user */
    return (geteuid() != 0 || setresuid(65531, 65531, 65531) == 0) &&
           setrlimit(RLIMIT_NOFILE, &few) == 0;
}

static void as_somebody(int (*body)(void))
{
    int status, pid = fork();

    if (pid == 0)
        _exit(become_somebody() ? body() : NOT_HERE);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE)
        skip();
    assert_int_equal(status, 0);
}

static enum cf_status has_buffer(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    int is_there = cf_task_buffer(task, 0) != NULL;

    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &is_there, sizeof is_there);
}

static int give_a_buffer(void)
{
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer = buffer_of(100);
    int sockets[2], is_there = 0;

    if (!fill(sockets))
        return NOT_HERE;
    struct cf_future *future =
        submit_with(executor, has_buffer, NULL, 0, &buffer, 1);
    if (cf_result(future, 0, NULL, 0) != CF_TIMEOUT)
        return 1;
    empty(sockets);
    if (cf_result(future, 10 * S, &is_there, sizeof is_there) != CF_OK)
        return 2;
    cf_future_release(future);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
    return is_there ? 0 : 3;
}

static void a_buffer_waits_until_it_may_be_sent(void **state)
{
    (void)state;
    as_somebody(give_a_buffer);
}

/* The second worker is ordered before the descriptors are on their way, and
 * told of after that. */
static int start_a_worker(void)
{
    struct gate gate;
    int sockets[2];

    gate_make(&gate);
    struct cf_executor *executor = lazy_executor(2);
    int zygote = int_result(submit_int(executor, tell_host, 0));
    struct cf_future *busy = occupy(executor, &gate);
    kill(zygote, SIGSTOP);
    struct cf_future *future = submit_int(executor, die, SIGKILL);
    bool is_full = fill(sockets);
    kill(zygote, SIGCONT);
    if (!is_full)
        return NOT_HERE;
    if (cf_result(future, 10 * S, NULL, 0) != CF_CRASHED)
        return 1;
    empty(sockets);
    gate_open(&gate, 1);
    (void)int_result(busy);
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
    return 0;
}

static void the_zygote_tells_of_a_worker_all_the_same(void **state)
{
    (void)state;
    as_somebody(start_a_worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_waits_until_it_may_be_sent),
        cmocka_unit_test(the_zygote_tells_of_a_worker_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
