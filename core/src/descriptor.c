/* SPDX-License-Identifier: MIT */
/*
 * What the library does with descriptors. A program that was started with 0, 1
 * or 2 closed must not find one of ours there: it would print into it.
 *
 * close(), sendmsg(), recvmsg() and write() are points at which a thread may be
 * cancelled. A caller of ours would end there with the host's lock held, or
 * with outcomes not yet told, so none is cancelled at any of them. (They are libc's
 * all the same: the thread sanitizer follows descriptors by them.)
 */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What each descriptor of ours stood for when it was noted, whatever executor
 * it belongs to; 0: it is none. Global, as descriptors are. A program may close
 * what is not its own, and be given that number for something else: nothing is
 * closed that is another file by now.
 */
#define MOST_NOTED 65536 /* higher ones stay open in a forked process */
#define LENT       ((uint64_t)1)

/* So many are left to the program, or an eighth where that is less. */
#define MOST_LEFT 64

/* See cfi_descriptor_raise(). */
enum { FIRST_HIGH = 128, HIGH_NUMBERS = 64 };

static _Atomic unsigned raised;

static _Atomic uint64_t noted[MOST_NOTED];
static _Atomic int noted_end; /* there are none from here on */

/* The thread is not cancelled until the state is restored. */
static int hold_off_cancellation(void)
{
    int before;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static void restore_cancellation(int before)
{
    pthread_setcancelstate(before, NULL);
}

static void close_uncancelled(int descriptor)
{
    int before = hold_off_cancellation();

    close(descriptor);
    restore_cancellation(before);
}

/* Which file it is, in one word that leaves LENT free; 0: none. */
static uint64_t sign_of(int descriptor)
{
    struct cfi_file file;

    if (!cfi_descriptor_identify(descriptor, &file))
        return 0;
    return (file.inode << 16 ^ file.device) << 1;
}

static void note(int descriptor)
{
    if (descriptor >= MOST_NOTED)
        return;
    int end = atomic_load(&noted_end);
    while (end <= descriptor &&
           !atomic_compare_exchange_weak(&noted_end, &end, descriptor + 1))
        ;
    atomic_store(&noted[descriptor], sign_of(descriptor));
}

static bool is_noted_still(int descriptor)
{
    if (descriptor >= MOST_NOTED)
        return true;
    uint64_t sign = atomic_load(&noted[descriptor]) & ~LENT;
    return sign != 0 && sign == sign_of(descriptor);
}

/* False: it is not, or not any more, what was noted. */
static bool forget(int descriptor)
{
    if (descriptor >= MOST_NOTED)
        return true;
    uint64_t sign = atomic_exchange(&noted[descriptor], 0) & ~LENT;
    return sign != 0 && sign == sign_of(descriptor);
}

int cfi_descriptor_adopt(int descriptor)
{
    int standard = descriptor;

    if (descriptor < 0)
        return -1;
    if (standard <= STDERR_FILENO) {
        descriptor = fcntl(standard, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close_uncancelled(standard);
    }
    if (descriptor >= 0)
        note(descriptor);
    return descriptor;
}

int cfi_descriptor_raise(int descriptor)
{
    unsigned serial = atomic_fetch_add(&raised, 1);
    int high = descriptor < 0
                   ? -1
                   : fcntl(descriptor, F_DUPFD_CLOEXEC,
                           FIRST_HIGH + (int)(serial % HIGH_NUMBERS));

    if (high < 0)
        return descriptor;
    cfi_descriptor_close(&descriptor);
    return cfi_descriptor_adopt(high);
}

ssize_t cfi_descriptor_write(int descriptor, const void *bytes, size_t count)
{
    int before = hold_off_cancellation();
    ssize_t written = write(descriptor, bytes, count);

    restore_cancellation(before);
    return written;
}

/* All but those with a bit of `spared`. */
static void close_noted(uint64_t spared)
{
    int end = atomic_load(&noted_end);

    for (int descriptor = 0; descriptor < end; descriptor++) {
        uint64_t sign = atomic_load(&noted[descriptor]);
        if (sign != 0 && (sign & spared) == 0 && forget(descriptor))
            close_uncancelled(descriptor);
    }
}

void cfi_descriptors_keep(const int *kept, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)forget(kept[i]);
    close_noted(0);
    for (size_t i = 0; i < count; i++)
        note(kept[i]);
}

void cfi_descriptors_leave(void)
{
    close_noted(LENT);
}

void cfi_descriptor_lend(int descriptor)
{
    if (descriptor < MOST_NOTED)
        atomic_fetch_or(&noted[descriptor], LENT);
}

void cfi_descriptor_close(int *descriptor)
{
    /* forgotten before the number can be used again */
    if (*descriptor >= 0 && forget(*descriptor))
        close_uncancelled(*descriptor);
    *descriptor = -1;
}

bool cfi_descriptor_is_among_last(int descriptor)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    rlim_t left = limit.rlim_cur / 8;
    if (left > MOST_LEFT)
        left = MOST_LEFT;
    return (rlim_t)descriptor >= limit.rlim_cur - left;
}

bool cfi_descriptor_identify(int descriptor, struct cfi_file *file)
{
    struct stat about;

    /* as fstat(), which the thread sanitizer takes for a use: it may be another's
     * by now, and this is to find that out */
    if (fstatat(descriptor, "", &about, AT_EMPTY_PATH) != 0)
        return false;
    *file = (struct cfi_file){about.st_dev, about.st_ino};
    return true;
}

bool cfi_descriptor_is(int descriptor, const struct cfi_file *file)
{
    struct cfi_file now;

    return cfi_descriptor_identify(descriptor, &now) &&
           now.device == file->device && now.inode == file->inode;
}

bool cfi_socket_pair(int sockets[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return false;
    sockets[0] = cfi_descriptor_adopt(sockets[0]);
    sockets[1] = cfi_descriptor_adopt(sockets[1]);
    if (sockets[0] >= 0 && sockets[1] >= 0)
        return true;
    cfi_descriptor_close(&sockets[0]);
    cfi_descriptor_close(&sockets[1]);
    return false;
}

int cfi_pidfd_open(pid_t pid)
{
    /* close-on-exec by itself */
    return cfi_descriptor_adopt((int)syscall(SYS_pidfd_open, pid, 0));
}

bool cfi_pidfd_signal(int pidfd, int signal)
{
    return pidfd >= 0 &&
           (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ||
            errno == ESRCH);
}

void cfi_pidfd_kill(int pidfd)
{
    struct pollfd death = {.fd = pidfd, .events = POLLIN};

    if (pidfd < 0 || !is_noted_still(pidfd))
        return;
    (void)cfi_pidfd_signal(pidfd, SIGKILL);
    while (poll(&death, 1, -1) < 0 && errno == EINTR)
        ;
}

/* Room for one control message with as many descriptors as there may be. */
union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(CFI_MOST_SENT * sizeof(int))];
};

bool cfi_message_send_many(int socket, const void *bytes, size_t count,
                           const int *descriptors, size_t descriptor_count,
                           int flags)
{
    union control control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes,
                         .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t control_bytes = descriptor_count * sizeof *descriptors;
    ssize_t sent;

    if (descriptor_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(control_bytes);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(control_bytes);
        memcpy(CMSG_DATA(head), descriptors, control_bytes);
    }
    int before = hold_off_cancellation();
    do
        sent = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    restore_cancellation(before);
    return sent == (ssize_t)count;
}

bool cfi_message_send(int socket, const void *bytes, size_t count,
                      int descriptor, int flags)
{
    return cfi_message_send_many(socket, bytes, count, &descriptor,
                                 descriptor >= 0, flags);
}

/* What came with a message; whatever there is no room for is closed. */
static void take_descriptors(struct msghdr *message, int *descriptors,
                             size_t *descriptor_count)
{
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    size_t room = *descriptor_count, came = 0;

    *descriptor_count = 0;
    if (head != NULL && head->cmsg_level == SOL_SOCKET &&
        head->cmsg_type == SCM_RIGHTS)
        came = (head->cmsg_len - CMSG_LEN(0)) / sizeof *descriptors;
    for (size_t i = 0; i < came; i++) {
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(head) + i * sizeof descriptor,
               sizeof descriptor);
        if (i < room)
            descriptors[(*descriptor_count)++] =
                cfi_descriptor_adopt(descriptor);
        else
            close_uncancelled(descriptor);
    }
}

ssize_t cfi_message_receive_many(int socket, void *bytes, size_t count,
                                 int *descriptors, size_t *descriptor_count,
                                 int flags)
{
    union control control;
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t received;

    int before = hold_off_cancellation();
    do
        received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    restore_cancellation(before);
    if (received < 0)
        *descriptor_count = 0;
    else
        take_descriptors(&message, descriptors, descriptor_count);
    return received;
}

ssize_t cfi_message_receive(int socket, void *bytes, size_t count,
                            int *descriptor)
{
    size_t descriptor_count = 1;

    *descriptor = -1;
    return cfi_message_receive_many(socket, bytes, count, descriptor,
                                    &descriptor_count, 0);
}
