/* SPDX-License-Identifier: MIT */
/*
 * One epoll loop. A connection has one buffer: what was read and not yet
 * written lies between `begin` and `end`, and it is read from only while there
 * is room and written to only while there is something.
 */
#include "echo_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 64 };

struct connection {
    int fd;
    uint32_t events; /* that epoll watches for us */
    size_t begin, end;
    unsigned char bytes[WL_ECHO_BYTES_MAX];
};

static int listen_on_loopback(uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t bytes = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &bytes) != 0)
        return -1; /* and the process ends */
    *port = ntohs(address.sin_port);
    return fd;
}

static void let_go(struct connection *connection)
{
    close(connection->fd); /* epoll forgets it */
    free(connection);
}

static void accept_one(int epoll_fd, int listen_fd)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct connection *connection = fd < 0 ? NULL : malloc(sizeof *connection);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int one = 1;

    if (connection == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    connection->fd = fd;
    connection->events = EPOLLIN;
    connection->begin = connection->end = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        let_go(connection);
}

static bool is_worth_another_try(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* One read into what room there is. False: the connection is over. */
static bool take(struct connection *connection)
{
    ssize_t got;

    if (connection->end == sizeof connection->bytes)
        return true;
    got = read(connection->fd, connection->bytes + connection->end,
               sizeof connection->bytes - connection->end);
    if (got > 0)
        connection->end += (size_t)got;
    return got > 0 || (got < 0 && is_worth_another_try());
}

/* One write of what there is. False: the connection is over. */
static bool give(struct connection *connection)
{
    size_t left = connection->end - connection->begin;
    ssize_t put;

    if (left == 0)
        return true;
    put = write(connection->fd, connection->bytes + connection->begin, left);
    if (put < 0)
        return is_worth_another_try();
    connection->begin += (size_t)put;
    if (connection->begin == connection->end)
        connection->begin = connection->end = 0;
    return true;
}

/* What there is moves to the front, so that room is at the end. */
static void close_up(struct connection *connection)
{
    size_t left = connection->end - connection->begin;

    if (connection->begin == 0 || connection->end < sizeof connection->bytes)
        return;
    memmove(connection->bytes, connection->bytes + connection->begin, left);
    connection->begin = 0;
    connection->end = left;
}

static bool watch(int epoll_fd, struct connection *connection)
{
    struct epoll_event event = {.data.ptr = connection};

    if (connection->end < sizeof connection->bytes)
        event.events |= EPOLLIN;
    if (connection->end > connection->begin)
        event.events |= EPOLLOUT;
    if (event.events == connection->events)
        return true;
    connection->events = event.events;
    return epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) == 0;
}

static void serve_one(int epoll_fd, struct connection *connection,
                      uint32_t events)
{
    bool good = true;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        good = take(connection);
    good = good && give(connection);
    if (good)
        close_up(connection);
    if (!good || !watch(epoll_fd, connection))
        let_go(connection);
}

/* What an event is about: the listener, the owner, else a connection. */
static char about_listener, about_owner;

/* Until the owner has ended. */
static void serve_all(int epoll_fd, int listen_fd)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            void *about = events[i].data.ptr;

            if (about == &about_owner)
                return;
            if (about == &about_listener)
                accept_one(epoll_fd, listen_fd);
            else
                serve_one(epoll_fd, about, events[i].events);
        }
    }
}

static bool watch_also(int epoll_fd, int fd, void *about)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = about};

    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void attend(void *context, int ready_fd, int owner_fd)
{
    uint16_t port = 0;
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listen_fd = listen_on_loopback(&port);
    uint32_t ready = port;

    (void)context;
    if (epoll_fd < 0 || listen_fd < 0 ||
        !watch_also(epoll_fd, listen_fd, &about_listener) ||
        !watch_also(epoll_fd, owner_fd, &about_owner) ||
        write(ready_fd, &ready, sizeof ready) != sizeof ready)
        return;
    close(ready_fd);
    serve_all(epoll_fd, listen_fd);
}

enum cf_status wl_echo_server_start(struct wl_echo_server *server, char *why,
                                    size_t why_bytes)
{
    uint32_t port = 0;
    enum cf_status status = wl_attendant_start(
        &server->attendant, "echo server", attend, NULL, &port, why, why_bytes);

    server->port = (uint16_t)port;
    return status;
}

void wl_echo_server_stop(struct wl_echo_server *server)
{
    wl_attendant_stop(&server->attendant);
}
