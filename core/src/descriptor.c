/* SPDX-License-Identifier: MIT */
/* What the process backend does with descriptors. A program that was started
 * with 0, 1 or 2 closed must not find one of ours there: it would print into
 * it. */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

void cfi_descriptor_close(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Moves it past the three standard ones; closes it where that fails. */
static int above_standard(int descriptor)
{
    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(descriptor);
    return moved;
}

bool cfi_socket_pair(int sockets[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return false;
    sockets[0] = above_standard(sockets[0]);
    sockets[1] = above_standard(sockets[1]);
    if (sockets[0] >= 0 && sockets[1] >= 0)
        return true;
    cfi_descriptor_close(&sockets[0]);
    cfi_descriptor_close(&sockets[1]);
    return false;
}

int cfi_pidfd_open(pid_t pid)
{
    /* close-on-exec by itself */
    return above_standard((int)syscall(SYS_pidfd_open, pid, 0));
}

void cfi_pidfd_kill(int pidfd)
{
    struct pollfd death = {.fd = pidfd, .events = POLLIN};

    if (pidfd < 0)
        return;
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    while (poll(&death, 1, -1) < 0 && errno == EINTR)
        ;
}

/* Room for one control message with one descriptor. */
union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
};

bool cfi_message_send(int socket, const void *bytes, size_t count,
                      int descriptor, int flags)
{
    union control control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes,
                         .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    do
        sent = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)count;
}

ssize_t cfi_message_receive(int socket, void *bytes, size_t count,
                            int *descriptor)
{
    union control control;
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t received;

    *descriptor = -1;
    do
        received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received < 0)
        return -1;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_level == SOL_SOCKET &&
        head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof *descriptor))
        memcpy(descriptor, CMSG_DATA(head), sizeof *descriptor);
    *descriptor = above_standard(*descriptor);
    return received;
}
