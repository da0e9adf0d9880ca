/* SPDX-License-Identifier: MIT */
/*
 * Messages to a server and back, over many connections: each worker keeps a
 * set of them, and a task sends on all before it reads from any, as somebody
 * does who talks to many peers at once.
 *
 *     worker: [connection 0, 1 .. connections - 1] <---> server, one thread
 *
 * The server has room for a whole message of each connection, so sending to
 * all first cannot get stuck.
 */
#include "workload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "echo_server.h"
#include "items.h"
#include "kept.h"
#include "refuse.h"
#include "words.h"

enum { CONNECTIONS, BYTES, ROUNDS, SERVER }; /* the parameters' places */

enum { SILENCE_S = 30 };

struct item {
    uint64_t number;
    uint64_t connections;
    uint64_t bytes; /* of a message */
    uint64_t rounds;
    struct sockaddr_storage address;
    uint64_t address_bytes;
};

struct peers {
    uint64_t opened; /* how many of `fds` are open */
    struct sockaddr_storage address;
    int fds[];
};

static struct wl_kept kept_peers, kept_buffer;

static void peers_destroy(void *value)
{
    struct peers *peers = value;

    for (uint64_t i = 0; i < peers->opened; i++)
        close(peers->fds[i]);
    free(peers);
}

/* A descriptor, or -1 and errno. */
static int open_connection(const struct item *item)
{
    struct timeval silence = {.tv_sec = SILENCE_S};
    int fd = socket(item->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
    if (connect(fd, (const struct sockaddr *)&item->address,
                (socklen_t)item->address_bytes) == 0)
        return fd;
    close(fd);
    return -1;
}

/* This thread's connections. NULL, with errno. */
static struct peers *own_peers(const struct item *item)
{
    struct peers *peers = wl_kept_get(&kept_peers);

    if (peers != NULL && peers->opened == item->connections &&
        memcmp(&peers->address, &item->address, sizeof item->address) == 0)
        return peers;
    peers = malloc(sizeof *peers + item->connections * sizeof peers->fds[0]);
    if (peers == NULL)
        return NULL;
    peers->address = item->address;
    for (peers->opened = 0; peers->opened < item->connections;) {
        int fd = open_connection(item);
        int saved = errno;

        if (fd < 0) {
            peers_destroy(peers);
            errno = saved;
            return NULL;
        }
        peers->fds[peers->opened++] = fd;
    }
    errno = ENOMEM;
    return wl_kept_set(&kept_peers, peers, peers_destroy) ? peers : NULL;
}

static bool send_all(int fd, const unsigned char *from, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t put = send(fd, from + done, bytes - done, MSG_NOSIGNAL);

        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

static bool receive_all(int fd, unsigned char *to, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t got = recv(fd, to + done, bytes - done, 0);

        if (got == 0)
            errno = ECONNRESET;
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* To all, then from all; `buffer` holds a message. False, with errno. */
static bool go_round(const struct item *item, const struct peers *peers,
                     unsigned char *buffer, struct wl_words *words)
{
    for (uint64_t i = 0; i < item->connections; i++) {
        wl_words_fill(buffer, item->bytes, item->number, i);
        if (!send_all(peers->fds[i], buffer, item->bytes))
            return false;
    }
    for (uint64_t i = 0; i < item->connections; i++) {
        if (!receive_all(peers->fds[i], buffer, item->bytes))
            return false;
        wl_words_add(words, buffer, item->bytes);
    }
    return true;
}

static enum cf_status tcp_echo_task(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    const struct item *item = arg;
    struct wl_words words = {.number = item->number};
    unsigned char *buffer = wl_kept_room(&kept_buffer, item->bytes);
    struct peers *peers;
    bool good = true;
    int wrong;

    (void)arg_bytes; /* always one item */
    if (buffer == NULL)
        return cf_raise(task, ENOMEM, "no memory for a message");
    cf_blocking_begin(task);
    peers = own_peers(item);
    wrong = errno;
    for (uint64_t i = 0; i < item->rounds && peers != NULL && good; i++)
        good = go_round(item, peers, buffer, &words);
    if (!good) /* what is still under way must not meet the next task */
        wl_kept_set(&kept_peers, NULL, peers_destroy);
    cf_blocking_end(task);
    if (peers == NULL)
        return cf_raise(task, wrong, "cannot connect: %s", strerror(wrong));
    if (!good)
        return cf_raise(task, EIO, "the connection broke, or was silent");
    return cf_return(task, &words, sizeof words);
}

/* "host:port" of a server that echoes. */
static enum cf_status look_up(const struct wl_setup *setup, struct item *item)
{
    const char *text = setup->values[SERVER].text;
    const char *colon = strrchr(text, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    char host[256];
    int length, wrong;

    length = colon == NULL ? -1
                           : snprintf(host, sizeof host, "%.*s",
                                      (int)(colon - text), text);
    if (length <= 0 || (size_t)length >= sizeof host)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "server=%.100s: not of the form host:port", text);
    wrong = getaddrinfo(host, colon + 1, &hints, &found);
    if (wrong != 0)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "server=%.100s: %s", text, gai_strerror(wrong));
    memcpy(&item->address, found->ai_addr, found->ai_addrlen);
    item->address_bytes = found->ai_addrlen;
    freeaddrinfo(found);
    return CF_OK;
}

/* Our own server, or the one that is named. */
static enum cf_status find_server(const struct wl_setup *setup,
                                  struct wl_echo_server *server,
                                  struct item *item)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    enum cf_status status;

    if (*setup->values[SERVER].text != '\0')
        return look_up(setup, item);
    status = wl_echo_server_start(server, setup->why, setup->why_bytes);
    address.sin_port = htons(server->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&item->address, &address, sizeof address);
    item->address_bytes = sizeof address;
    return status;
}

static void tcp_echo_dispose(struct wl_work *work)
{
    struct wl_echo_server *server = work->data;

    if (server != NULL)
        wl_echo_server_stop(server);
    free(server);
    free((void *)work->items);
}

static enum cf_status tcp_echo_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    struct item *items = wl_items_create(setup, sizeof *items, work);
    struct wl_echo_server *server = calloc(1, sizeof *server);
    struct item item = {
        .connections = (uint64_t)setup->values[CONNECTIONS].number,
        .bytes = (uint64_t)setup->values[BYTES].number,
        .rounds = (uint64_t)setup->values[ROUNDS].number,
    };
    enum cf_status status;

    work->data = server;
    if (items == NULL || server == NULL)
        status =
            wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                      "no memory for the arguments of %zu tasks", setup->tasks);
    else
        status = find_server(setup, server, &item);
    if (status != CF_OK) {
        tcp_echo_dispose(work);
        return status;
    }
    for (size_t i = 0; i < setup->tasks; i++) {
        items[i] = item;
        items[i].number = i;
    }
    return CF_OK;
}

static bool tcp_echo_verify(const struct wl_work *work, size_t i,
                            const void *output, size_t output_bytes)
{
    const struct item *item = (const struct item *)work->items + i;
    struct wl_words right = {.number = item->number};
    uint64_t message[WL_ECHO_BYTES_MAX / sizeof(uint64_t)];

    for (uint64_t round = 0; round < item->rounds; round++)
        for (uint64_t k = 0; k < item->connections; k++) {
            wl_words_fill(message, item->bytes, item->number, k);
            wl_words_add(&right, message, item->bytes);
        }
    return output_bytes == sizeof right &&
           memcmp(output, &right, sizeof right) == 0;
}

static const struct wl_parameter parameters[] = {
    [CONNECTIONS] = {.name = "connections",
                     .about = "how many connections each worker keeps",
                     .standard = "10",
                     .kind = WL_INTEGER,
                     .minimum = 1,
                     .maximum = 10000},
    [BYTES] = {.name = "bytes",
               .about = "size of a message; one per connection and round",
               .standard = "1024",
               .kind = WL_INTEGER,
               .minimum = 1,
               .maximum = WL_ECHO_BYTES_MAX},
    [ROUNDS] = {.name = "rounds",
                .about =
                    "how many times a task sends to all and reads from all",
                .standard = "10",
                .kind = WL_INTEGER,
                .minimum = 1,
                .maximum = 1e6},
    [SERVER] = {.name = "server",
                .about = "host:port of your own server (RFC 862) instead",
                .standard = "",
                .kind = WL_TEXT},
    {0},
};

const struct wl_workload wl_tcp_echo = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "tcp_echo",
    .about = "sends messages to a server over many connections, and back",
    .limit = "the kernel's network code, and the server's single thread",
    .klass = WL_IO,
    .parameters = parameters,
    .task = tcp_echo_task,
    .prepare = tcp_echo_prepare,
    .verify = tcp_echo_verify,
    .dispose = tcp_echo_dispose,
};
