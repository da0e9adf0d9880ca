/* SPDX-License-Identifier: MIT */
/*
 * libmicrohttpd with a thread per connection: the delay of one request is a
 * sleep of its own thread, exact and in nobody's way, and an idle server costs
 * nothing.
 */
#include "http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 65536,
    STACK_BYTES = 128 << 10,
    BACKLOG = 4096,
};

/* What it is started with. */
struct order {
    const void *body;
    size_t bytes;
    double delay_ms;
};

struct site {
    struct MHD_Response *page;
    struct timespec delay;
};

static void rest(struct timespec delay)
{
    while (nanosleep(&delay, &delay) != 0 && errno == EINTR)
        continue;
}

/* libmicrohttpd calls it twice: with the head of a request, then with its end,
 * which is when the answer is due. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_bytes, void **request)
{
    const struct site *site = context;

    (void)url;
    (void)version;
    (void)upload;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return MHD_NO;
    if (*request == NULL) {
        *request = context; /* seen: anything but NULL */
        return MHD_YES;
    }
    *upload_bytes = 0;
    rest(site->delay);
    return MHD_queue_response(connection, MHD_HTTP_OK, site->page);
}

/* Returns the port that it listens on; 0 where it cannot. */
static uint16_t listen_on_loopback(struct site *site)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_SOCK_ADDR, 0, &address},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_LISTEN_BACKLOG_SIZE, BACKLOG, NULL},
        {MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, answer, site, MHD_OPTION_ARRAY,
                         options, MHD_OPTION_END);
    const union MHD_DaemonInfo *info;

    if (daemon == NULL)
        return 0;
    info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

static struct timespec delay_of(double ms)
{
    struct timespec delay = {.tv_sec = (time_t)(ms / 1e3)};

    delay.tv_nsec = (long)((ms - (double)delay.tv_sec * 1e3) * 1e6);
    return delay;
}

/* The server's whole life. */
static void serve(void *context, int ready_fd, int owner_fd)
{
    const struct order *order = context;
    struct site site = {
        .page = MHD_create_response_from_buffer(
            order->bytes, (void *)order->body, MHD_RESPMEM_PERSISTENT),
        .delay = delay_of(order->delay_ms),
    };
    struct pollfd owner = {.fd = owner_fd, .events = POLLIN};
    uint32_t port;

    prctl(PR_SET_TIMERSLACK, 1UL); /* its threads inherit it */
    port = site.page == NULL ? 0 : listen_on_loopback(&site);
    if (port == 0 || write(ready_fd, &port, sizeof port) != sizeof port)
        return;
    close(ready_fd);
    while (poll(&owner, 1, -1) < 0 && errno == EINTR)
        continue;
}

enum cf_status wl_http_server_start(struct wl_http_server *server,
                                    const void *body, size_t bytes,
                                    double delay_ms, char *why,
                                    size_t why_bytes)
{
    struct order order = {body, bytes, delay_ms};
    uint32_t port = 0;
    enum cf_status status =
        wl_attendant_start(&server->attendant, "http server", serve, &order,
                           &port, why, why_bytes);

    server->port = (uint16_t)port;
    return status;
}

void wl_http_server_stop(struct wl_http_server *server)
{
    wl_attendant_stop(&server->attendant);
}
