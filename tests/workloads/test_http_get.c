/* SPDX-License-Identifier: MIT */
/* The server of http_get: side by side, apart, and never left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "http_client.h"
#include "http_server.h"
#include "prepared.h"

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Does anybody listen there? */
static bool is_open(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool open;

    assert_true(fd >= 0);
    open = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return open;
}

static bool closes_within(uint16_t port, int64_t ms)
{
    int64_t end = now_ms() + ms;

    while (is_open(port))
        if (now_ms() > end)
            return false;
        else
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    return true;
}

static uint16_t port_of(const struct prepared *prepared)
{
    unsigned port;

    assert_int_equal(
        sscanf(prepared->work.items, "http://127.0.0.1:%u/", &port), 1);
    return (uint16_t)port;
}

static void requests_are_answered_side_by_side(void **state)
{
    enum { TASKS = 64, DELAY_MS = 500 };
    const char *const texts[] = {"delay_ms=500", NULL};
    struct prepared prepared;
    struct cf_executor *executor;
    int64_t start;

    (void)state;
    must_prepare(&prepared, "http_get", texts, TASKS, 0);
    executor = must_create(CF_THREAD, TASKS);
    start = now_ms();
    must_run(&prepared, executor);
    assert_true(now_ms() - start >= DELAY_MS);
    assert_true(now_ms() - start < TASKS * DELAY_MS / 4);
    cf_executor_destroy(executor);
    dispose(&prepared);
}

static void a_large_page_arrives_whole(void **state)
{
    const char *const large[] = {"delay_ms=0", "bytes=5000000", NULL};
    const char *const none[] = {"delay_ms=0", "bytes=0", NULL};
    struct cf_executor *executor = must_create(CF_SERIAL, 1);
    struct prepared prepared;

    (void)state;
    must_prepare(&prepared, "http_get", large, 3, 0);
    must_run(&prepared, executor);
    dispose(&prepared);
    must_prepare(&prepared, "http_get", none, 3, 0);
    must_run(&prepared, executor);
    dispose(&prepared);
    cf_executor_destroy(executor);
}

/* Two processes on one connection would read each other's answers. */
static void a_fork_makes_a_connection_of_its_own(void **state)
{
    struct cf_executor *executor = must_create(CF_SERIAL, 1);
    const char *const texts[] = {"delay_ms=1", "bytes=300000", NULL};
    struct prepared prepared;
    struct wl_http_answer answer;
    pid_t pid;
    int ended;

    (void)state;
    must_prepare(&prepared, "http_get", texts, 10, 0);
    must_run(&prepared, executor); /* this thread's connection is open now */
    pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 10; i++)
            if (wl_http_fetch(prepared.work.items, &answer) != NULL ||
                !prepared.workload->verify(&prepared.work, 0, &answer,
                                           sizeof answer))
                _exit(1);
        _exit(0);
    }
    must_run(&prepared, executor);
    assert_int_equal(waitpid(pid, &ended, 0), pid);
    assert_int_equal(ended, 0);
    must_run(&prepared, executor);
    dispose(&prepared);
    cf_executor_destroy(executor);
}

static void the_server_ends_with_dispose(void **state)
{
    struct prepared prepared;
    uint16_t port;

    (void)state;
    must_prepare(&prepared, "http_get", NULL, 1, 0);
    port = port_of(&prepared);
    assert_true(is_open(port));
    dispose(&prepared);
    assert_false(is_open(port));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and was reaped */
}

static void dispose_in_a_fork_leaves_the_server_alone(void **state)
{
    struct prepared prepared;
    pid_t pid;
    int ended;

    (void)state;
    must_prepare(&prepared, "http_get", NULL, 1, 0);
    pid = fork();
    if (pid == 0) {
        dispose(&prepared);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &ended, 0), pid);
    assert_int_equal(ended, 0);
    assert_true(is_open(port_of(&prepared)));
    dispose(&prepared);
}

/* Prepares in a process of its own, and says which port. */
static void be_the_owner(int port_fd)
{
    struct prepared prepared;
    uint16_t port = 0;

    if (prepare(&prepared, "http_get", NULL, 1, 0) == CF_OK)
        port = port_of(&prepared);
    if (write(port_fd, &port, sizeof port) != sizeof port)
        _exit(1);
    for (;;)
        pause();
}

static void the_server_ends_when_its_owner_is_killed(void **state)
{
    int ends[2];
    uint16_t port = 0;
    pid_t owner;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    owner = fork();
    if (owner == 0)
        be_the_owner(ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &port, sizeof port), sizeof port);
    assert_true(is_open(port));
    kill(owner, SIGKILL);
    assert_int_equal(waitpid(owner, NULL, 0), owner);
    assert_true(closes_within(port, 5000));
    /* Nobody holds a copy of the owner's pipe either. */
    assert_int_equal(read(ends[0], &port, sizeof port), 0);
    close(ends[0]);
}

static void ctrl_c_is_not_for_the_server(void **state)
{
    struct wl_http_server server;
    char why[100];

    (void)state;
    assert_int_equal(
        wl_http_server_start(&server, "page", 4, 0, why, sizeof why), CF_OK);
    kill(server.attendant.pid, SIGINT);
    assert_int_equal(waitpid(server.attendant.pid, NULL, WNOHANG), 0);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_int_equal(waitpid(server.attendant.pid, NULL, WNOHANG), 0);
    assert_true(is_open(server.port));
    wl_http_server_stop(&server);
    wl_http_server_stop(&server); /* nothing left to end */
}

static void a_server_that_is_gone_fails_the_task(void **state)
{
    struct cf_executor *executor = must_create(CF_SERIAL, 1);
    struct prepared prepared;
    struct cf_future *future;
    struct cf_error error;
    char url[64];

    (void)state;
    must_prepare(&prepared, "http_get", NULL, 1, 0);
    snprintf(url, sizeof url, "%s", (const char *)prepared.work.items);
    dispose(&prepared);
    assert_int_equal(cf_submit(executor, prepared.workload->task, url,
                               strlen(url) + 1, &future),
                     CF_OK);
    assert_int_equal(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.status, CF_EXCEPTION);
    assert_non_null(strstr(error.message, url));
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void a_server_of_ones_own_is_asked_beforehand(void **state)
{
    struct wl_http_server server;
    struct prepared prepared;
    struct cf_executor *executor;
    char why[100], text[64];

    (void)state;
    assert_int_equal(
        wl_http_server_start(&server, "my page", 7, 1, why, sizeof why), CF_OK);
    snprintf(text, sizeof text, "url=http://127.0.0.1:%u/a?b=c", server.port);
    must_prepare(&prepared, "http_get", (const char *[]){text, NULL}, 10, 0);
    executor = must_create(CF_THREAD, 4);
    must_run(&prepared, executor);
    dispose(&prepared);
    assert_true(is_open(server.port)); /* it is not ours to end */
    cf_executor_destroy(executor);
    wl_http_server_stop(&server);
}

static void a_useless_url_is_refused_with_a_reason(void **state)
{
    static char endless[10000] = "url=http://127.0.0.1:1/";
    static const char *const urls[] = {
        "url=http://127.0.0.1:1/", /* nobody is there */
        "url=file:///etc/passwd",
        "url=ftp://127.0.0.1/",
        "url=not a url",
        "url=-o /tmp/file",
        "url=http://",
        "url=http://127.0.0.1:99999/",
        "url=\n",
        endless,
    };
    struct prepared prepared;

    (void)state;
    memset(endless + strlen(endless), 'a',
           sizeof endless - strlen(endless) - 1);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        const char *const texts[] = {urls[i], NULL};
        assert_int_equal(prepare(&prepared, "http_get", texts, 1, 0),
                         CF_INVALID);
        assert_memory_equal(prepared.why, "url=", 4);
        assert_null(strchr(prepared.why, '\n'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_answered_side_by_side),
        cmocka_unit_test(a_large_page_arrives_whole),
        cmocka_unit_test(a_fork_makes_a_connection_of_its_own),
        cmocka_unit_test(the_server_ends_with_dispose),
        cmocka_unit_test(dispose_in_a_fork_leaves_the_server_alone),
        cmocka_unit_test(the_server_ends_when_its_owner_is_killed),
        cmocka_unit_test(ctrl_c_is_not_for_the_server),
        cmocka_unit_test(a_server_that_is_gone_fails_the_task),
        cmocka_unit_test(a_server_of_ones_own_is_asked_beforehand),
        cmocka_unit_test(a_useless_url_is_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
