/* SPDX-License-Identifier: MIT */
/* What the host says to the zygote once it is there, and hears of it. */
#include "zygote.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor.h"

bool cfi_zygote_order(struct cfi_zygote *zygote,
                      const struct cfi_worker_order *order, int region,
                      int post)
{
    int sent[] = {region, post};

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
    return cfi_message_send(zygote->socket, &order, sizeof order, -1,
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

bool cfi_zygote_listen(struct cfi_zygote *zygote, struct cfi_zygote_news *news,
                       int *pidfd)
{
    struct pollfd sources[] = {
        {.fd = zygote->socket, .events = POLLIN},
        {.fd = zygote->pidfd, .events = POLLIN},
    };
    ssize_t received;

    /* the socket alone would not do: a process that the host forked meanwhile
     * may hold a copy of the zygote's end */
    while (poll(sources, 2, -1) < 0) {
        if (errno == EINTR)
            continue;
        /* no memory, or fewer descriptors allowed than these: for a while, or
         * for good */
        usleep(10000);
        sources[1].revents = 0;
        sources[0].revents = is_readable(zygote->socket) ? POLLIN : 0;
        if (sources[0].revents != 0)
            break;
    }
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
    shutdown(zygote->socket, SHUT_WR);
}

void cfi_zygote_finish(struct cfi_zygote *zygote)
{
    if (zygote->pidfd >= 0) {
        struct pollfd end = {.fd = zygote->pidfd, .events = POLLIN};
        siginfo_t how;

        while (poll(&end, 1, -1) < 0 && errno == EINTR)
            ;
        /* it is a child too where this process is the init or a subreaper;
         * where poll() was refused this waits for it, if it is one */
        while (waitid(P_PIDFD, (id_t)zygote->pidfd, &how, WEXITED | __WALL) <
                   0 &&
               errno == EINTR)
            ;
    }
    cfi_descriptor_close(&zygote->socket);
    cfi_descriptor_close(&zygote->pidfd);
}
