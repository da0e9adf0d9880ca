/* SPDX-License-Identifier: MIT */
#include "somebody.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* There are 40 more than may be then, as the last ones begin at 180. */
bool fill(int sockets[2])
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

void empty(int sockets[2])
{
    close(sockets[0]);
    close(sockets[1]);
}

static bool become_somebody(void)
{
    struct rlimit few = {.rlim_cur = 200, .rlim_max = 200};
    /* nobody else is that user, nor a test like this one */
    uid_t user = 60000 + (uid_t)getpid() % 5000;

    return (geteuid() != 0 || setresuid(user, user, user) == 0) &&
           setrlimit(RLIMIT_NOFILE, &few) == 0;
}

void as_somebody(int (*body)(int workers), int workers)
{
    int status, pid = fork();

    if (pid == 0)
        _exit(become_somebody() ? body(workers) : NOT_HERE);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE)
        skip();
    assert_int_equal(status, 0);
}

enum cf_status has_buffer(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    int is_there = cf_task_buffer(task, 0) != NULL;

    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &is_there, sizeof is_there);
}
