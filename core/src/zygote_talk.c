/* SPDX-License-Identifier: MIT */
/*
 * What the host says to the zygote once it is there, and hears of it.
 *
 * A program that closes all descriptors it finds, as daemons do, closes ours too,
 * and may be given their numbers for files of its own: nothing is said to those.
 * The socket itself stays as long as who listens sleeps on it, and until then the
 * zygote does not see its end. So at the end he is woken, by a datagram to a name
 * (in no file system) under which he sleeps as well. poll() then looks at the
 * numbers again, and finds one that is no descriptor: that of the waker is high.
 */
#include "zygote.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor.h"

enum { SOURCES = 3 };

static int datagram_socket(void)
{
    return cfi_descriptor_adopt(
        socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/* The kernel finds a name, where only the family is given. */
static int new_waker(struct cfi_zygote *zygote)
{
    union {
        struct sockaddr any;
        struct sockaddr_un local;
    } name = {.local.sun_family = AF_UNIX};
    socklen_t bytes = sizeof name;
    int waker = datagram_socket();

    if (waker >= 0 && (bind(waker, &name.any, sizeof name.any.sa_family) != 0 ||
                       getsockname(waker, &name.any, &bytes) != 0 ||
                       bytes > sizeof zygote->waker_name))
        cfi_descriptor_close(&waker);
    waker = cfi_descriptor_raise(waker);
    memcpy(zygote->waker_name, &name, sizeof zygote->waker_name);
    zygote->waker_bytes = bytes;
    return waker;
}

void cfi_zygote_note(struct cfi_zygote *zygote)
{
    (void)cfi_descriptor_identify(zygote->socket, &zygote->socket_file);
    (void)cfi_descriptor_identify(zygote->pidfd, &zygote->pidfd_file);
    zygote->waker = new_waker(zygote);
    (void)cfi_descriptor_identify(zygote->waker, &zygote->waker_file);
}

bool cfi_zygote_is_at_hand(const struct cfi_zygote *zygote)
{
    return cfi_descriptor_is(zygote->socket, &zygote->socket_file);
}

/* In vain where he does not sleep: then he sees by himself what has become of the
 * descriptors. */
static void wake_listener(const struct cfi_zygote *zygote)
{
    struct sockaddr_un name;
    int from = datagram_socket();

    if (from < 0)
        return;
    memcpy(&name, zygote->waker_name, sizeof zygote->waker_name);
    (void)!sendto(from, "", 1, MSG_NOSIGNAL, (const struct sockaddr *)&name,
                  zygote->waker_bytes);
    cfi_descriptor_close(&from);
}

/* A message under a name, from anybody, says no more than that there is one. If
 * the descriptor is not ours any more it is not looked at again. */
static void heed_waker(const struct cfi_zygote *zygote, struct pollfd *source)
{
    char byte;

    if (!cfi_descriptor_is(zygote->waker, &zygote->waker_file)) {
        source->fd = -1;
        return;
    }
    while (recv(zygote->waker, &byte, 1, MSG_DONTWAIT) >= 0)
        ;
}

bool cfi_zygote_order(struct cfi_zygote *zygote,
                      const struct cfi_worker_order *order, int region,
                      int post)
{
    int sent[] = {region, post};

    if (!cfi_zygote_is_at_hand(zygote)) {
        errno = EBADF;
        return false;
    }
    return cfi_message_send_many(zygote->socket, order, sizeof *order, sent, 2,
                                 MSG_DONTWAIT);
}

bool cfi_zygote_signal(struct cfi_zygote *zygote, uint32_t worker,
                       uint32_t generation, int pidfd, int signal)
{
    struct cfi_worker_order order = {
        .signal = signal, .worker = worker, .generation = generation};

    if (cfi_pidfd_signal(pidfd, signal))
        return true;
    /* where that fails for good the zygote is gone, and its workers are */
    return !cfi_zygote_is_at_hand(zygote) ||
           cfi_message_send(zygote->socket, &order, sizeof order, -1,
                            MSG_DONTWAIT) ||
           (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM);
}

/* Without poll(): there is a message, or the end. */
static bool is_readable(int socket)
{
    char byte;

    return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EINTR);
}

/* The socket alone would not do: a process that the host forked meanwhile may
 * hold a copy of the zygote's end. False: the socket is not ours any more. */
static bool sleep_until_news(struct cfi_zygote *zygote,
                             struct pollfd sources[SOURCES])
{
    for (;;) {
        if (!cfi_zygote_is_at_hand(zygote))
            return false;
        int ready = poll(sources, SOURCES, -1);
        if (ready > 0 && (sources[0].revents | sources[1].revents) != 0)
            return true;
        if (ready > 0)
            heed_waker(zygote, &sources[2]);
        if (ready >= 0 || errno == EINTR)
            continue;
        /* no memory, or fewer descriptors allowed than these: for a while, or
         * for good */
        usleep(10000);
        sources[1].revents = 0;
        sources[0].revents = is_readable(zygote->socket) ? POLLIN : 0;
        if (sources[0].revents != 0)
            return true;
    }
}

bool cfi_zygote_listen(struct cfi_zygote *zygote, struct cfi_zygote_news *news,
                       int *pidfd)
{
    struct pollfd sources[SOURCES] = {
        {.fd = zygote->socket, .events = POLLIN},
        {.fd = zygote->pidfd, .events = POLLIN},
        {.fd = zygote->waker, .events = POLLIN},
    };
    ssize_t received;

    if (!sleep_until_news(zygote, sources) || !cfi_zygote_is_at_hand(zygote))
        return false;
    /* it may have told and ended since poll() looked at the socket */
    if ((sources[0].revents & POLLIN) == 0 && !is_readable(zygote->socket))
        return false;
    do /* first it is said, once, that the zygote has left orders unread */
        received =
            cfi_message_receive(zygote->socket, news, sizeof *news, pidfd);
    while (received < 0 && errno == ECONNRESET);
    return received == (ssize_t)sizeof *news;
}

void cfi_zygote_dismiss(struct cfi_zygote *zygote)
{
    if (cfi_zygote_is_at_hand(zygote))
        shutdown(zygote->socket, SHUT_WR);
    else
        wake_listener(zygote);
}

/* Where it is a child of this process. */
static void reap(idtype_t kind, id_t id)
{
    siginfo_t how;

    while (waitid(kind, id, &how, WEXITED | __WALL) < 0 && errno == EINTR)
        ;
}

static void await_end(const struct cfi_zygote *zygote)
{
    struct pollfd end = {.fd = zygote->pidfd, .events = POLLIN};

    if (!cfi_descriptor_is(zygote->pidfd, &zygote->pidfd_file)) {
        if (zygote->pid != 0)
            reap(P_PID, (id_t)zygote->pid);
        return;
    }
    while (poll(&end, 1, -1) < 0 && errno == EINTR)
        ;
    /* it is a child too where this process is the init or a subreaper;
     * where poll() was refused this waits for it, if it is one */
    reap(P_PIDFD, (id_t)zygote->pidfd);
}

/* Another executor may have the number now, so that it would be closed. */
static void forget_foreign(int *descriptor, const struct cfi_file *file)
{
    if (!cfi_descriptor_is(*descriptor, file))
        *descriptor = -1;
}

void cfi_zygote_finish(struct cfi_zygote *zygote)
{
    if (zygote->pidfd >= 0)
        await_end(zygote);
    forget_foreign(&zygote->socket, &zygote->socket_file);
    forget_foreign(&zygote->pidfd, &zygote->pidfd_file);
    forget_foreign(&zygote->waker, &zygote->waker_file);
    cfi_descriptor_close(&zygote->socket);
    cfi_descriptor_close(&zygote->pidfd);
    cfi_descriptor_close(&zygote->waker);
}
