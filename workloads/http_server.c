/* SPDX-License-Identifier: MIT */
/*
 * libmicrohttpd with a thread per connection: the delay of one request is a
 * sleep of its own thread, exact and in nobody's way, and an idle server costs
 * nothing.
 *
 *     owner ---- fork ----> server
 *       | <---- port ------- |         through a pipe, once it listens
 *       |  <---- HTTP ---->  |
 *      ends ---------------> killed    PR_SET_PDEATHSIG, and a pidfd for the
 *                                      moment before that was set
 *
 * The server keeps nothing of what it inherited: no descriptor but the pipe, no
 * handler, no mask. It sits in the owner's process group, where a Ctrl-C is
 * meant for the owner, who may still have requests to finish: it is ignored.
 */
#include "http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "refuse.h"

enum {
    PIPE_FD = 3, /* the server's end, after everything else is closed */
    OWNER_FD = 4,
    CONNECTIONS_MAX = 65536,
    STACK_BYTES = 128 << 10,
    BACKLOG = 4096,
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

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL); /* refused for some, which have no handler */
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Leaves /dev/null as 0, 1, 2, the pipe as 3, the owner's pidfd as 4. */
static int keep_only(int pipe_fd, int owner_fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high_pipe = fcntl(pipe_fd, F_DUPFD_CLOEXEC, 16);
    int high_owner = fcntl(owner_fd, F_DUPFD_CLOEXEC, 16);

    if (null_fd < 0 || high_pipe < 0 || high_owner < 0)
        return -1;
    for (int fd = 0; fd < 3; fd++)
        if (dup2(null_fd, fd) < 0)
            return -1;
    if (dup2(high_pipe, PIPE_FD) < 0 || dup2(high_owner, OWNER_FD) < 0)
        return -1;
    return (int)syscall(SYS_close_range, OWNER_FD + 1, ~0u, 0);
}

/* From a copy of the owner to a process that only hangs on its life. */
static bool let_go(int pipe_fd, int owner_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    reset_signals();
    return keep_only(pipe_fd, owner_fd) == 0;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
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

/* The server's whole life; returns only where it could not begin, or when it
 * is over. */
static void serve(const void *body, size_t bytes, double delay_ms)
{
    struct site site = {
        .page = MHD_create_response_from_buffer(bytes, (void *)body,
                                                MHD_RESPMEM_PERSISTENT),
        .delay = delay_of(delay_ms),
    };
    struct pollfd owner = {.fd = OWNER_FD, .events = POLLIN};
    uint16_t port;

    raise_descriptor_limit();
    prctl(PR_SET_TIMERSLACK, 1UL); /* its threads inherit it */
    port = site.page == NULL ? 0 : listen_on_loopback(&site);
    if (port == 0 || write(PIPE_FD, &port, sizeof port) != sizeof port)
        return;
    close(PIPE_FD);
    while (poll(&owner, 1, -1) < 0 && errno == EINTR)
        continue;
}

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Waits for the port; 0 where the server ended without one. */
static uint16_t read_port(int fd)
{
    uint16_t port;
    ssize_t got;

    do
        got = read(fd, &port, sizeof port);
    while (got < 0 && errno == EINTR);
    return got == sizeof port ? port : 0;
}

enum cf_status wl_http_server_start(struct wl_http_server *server,
                                    const void *body, size_t bytes,
                                    double delay_ms, char *why,
                                    size_t why_bytes)
{
    int ends[2];
    int owner_fd = open_pidfd(getpid());

    *server = (struct wl_http_server){.owner = getpid()};
    if (owner_fd < 0)
        goto refuse;
    if (pipe2(ends, O_CLOEXEC) != 0)
        goto close_owner;
    server->pid = fork();
    if (server->pid < 0)
        goto close_pipe;
    if (server->pid == 0) {
        if (let_go(ends[1], owner_fd))
            serve(body, bytes, delay_ms);
        _exit(1);
    }
    close(owner_fd);
    close(ends[1]);
    server->port = read_port(ends[0]);
    close(ends[0]);
    if (server->port != 0)
        return CF_OK;
    wl_http_server_stop(server);
    return wl_refuse(why, why_bytes, CF_SYSTEM,
                     "http server: cannot listen on 127.0.0.1");

close_pipe:
    close(ends[0]);
    close(ends[1]);
close_owner:
    close(owner_fd);
refuse:
    return wl_refuse(why, why_bytes, CF_SYSTEM, "http server: cannot start: %s",
                     strerror(errno));
}

void wl_http_server_stop(struct wl_http_server *server)
{
    if (server->pid <= 0 || server->owner != getpid())
        return;
    kill(server->pid, SIGKILL);
    while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    server->pid = 0;
}
