/* SPDX-License-Identifier: MIT */
/* Too many descriptors are on their way, for a while, when one is to be sent;
 * or the system has no memory for a message, or its sender is killed. */
#include "somebody.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* As the linker hands them to the library (--wrap). */
ssize_t __real_sendmsg(int socket, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags);
int __real_poll(struct pollfd *sources, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *sources, nfds_t count, int timeout_ms);

static pid_t host;   /* a child of which ...                     */
static int refusals; /* lacks memory for so many messages, ...   */
static int messages; /* or is killed after so many; 0: it is not */
/* When the host looks again the zygote has ended, whose end is all it sees, or
 * what is there. */
static _Atomic enum { AT_ONCE, AT_THE_END_ALONE, AT_ALL } looks;

ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags)
{
    /* a zygote's first word is one byte */
    if (getpid() == host || message->msg_iov[0].iov_len == 1)
        return __real_sendmsg(socket, message, flags);
    if (refusals > 0) {
        refusals--;
        errno = ENOMEM;
        return -1;
    }
    ssize_t sent = __real_sendmsg(socket, message, flags);
    if (messages == 0)
        return sent;
    siginfo_t death;
    char byte;
    if (--messages > 0) { /* the next one is of that */
        (void)waitid(P_ALL, 0, &death, WEXITED | WNOWAIT);
        return sent;
    }
    (void)!recv(socket, &byte, 1, MSG_PEEK); /* an order is not read */
    kill(getpid(), SIGKILL);
    return sent;
}

/* poll() looks at one after the other. */
int __wrap_poll(struct pollfd *sources, nfds_t count, int timeout_ms)
{
    if (count != 2 || getpid() != host || atomic_load(&looks) == AT_ONCE)
        return __real_poll(sources, count, timeout_ms);
    sources[0].revents = 0;
    int ready = __real_poll(&sources[1], 1, timeout_ms);
    return atomic_load(&looks) == AT_ALL ? __real_poll(sources, 2, 0) : ready;
}

static int give_a_buffer(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    struct cf_buffer *buffer = buffer_of(100);
    int sockets[2], is_there = 0;

    if (!fill(sockets))
        return NOT_HERE;
    struct cf_future *future =
        submit_with(executor, has_buffer, NULL, 0, &buffer, 1);
    if (cf_result(future, 0, NULL, 0) != CF_TIMEOUT)
        return 1;
    empty(sockets);
    if (cf_result(future, 10 * S, &is_there, sizeof is_there) != CF_OK)
        return 2;
    cf_future_release(future);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
    return is_there ? 0 : 3;
}

static void a_buffer_waits_until_it_may_be_sent(void **state)
{
    (void)state;
    as_somebody(give_a_buffer, 1);
}

/* The second worker is ordered before the descriptors are on their way, and
 * told of after that. */
static int start_a_worker(int workers)
{
    struct gate gate;
    int sockets[2];

    gate_make(&gate);
    struct cf_executor *executor = lazy_executor((size_t)workers);
    int zygote = int_result(submit_int(executor, tell_host, 0));
    struct cf_future *busy = occupy(executor, &gate);
    kill(zygote, SIGSTOP);
    struct cf_future *future = submit_int(executor, die, SIGKILL);
    bool is_full = fill(sockets);
    kill(zygote, SIGCONT);
    if (!is_full)
        return NOT_HERE;
    if (cf_result(future, 10 * S, NULL, 0) != CF_CRASHED)
        return 1;
    empty(sockets);
    gate_open(&gate, 1);
    (void)int_result(busy);
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
    return 0;
}

static void the_zygote_tells_of_a_worker_all_the_same(void **state)
{
    (void)state;
    as_somebody(start_a_worker, 2);
}

/* Once for a message with a descriptor, once for one without. */
static void a_lack_of_memory_costs_no_news(void **state)
{
    (void)state;
    host = getpid();
    refusals = 2;
    struct cf_executor *executor = full_executor(1);
    refusals = 0;
    struct cf_future *future = submit_int(executor, die, SIGSEGV);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_CRASHED);
    assert_int_equal(error.signal, SIGSEGV);
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* It is killed at the end of what it tells: a birth and a death. */
static void what_the_zygote_told_before_its_end_is_heard(void **state)
{
    (void)state;
    host = getpid();
    for (int look = AT_THE_END_ALONE; look <= AT_ALL; look++) {
        messages = 2;
        atomic_store(&looks, look);
        struct cf_executor *executor = lazy_executor(2);
        messages = 0;
        struct cf_future *future = submit_int(executor, die, 2005);
        struct cf_future *other = submit_int(executor, square, 1);
        struct cf_error error = error_of(future);
        assert_status(error.status, CF_CRASHED);
        assert_int_equal(error.signal, 0);
        assert_int_equal(error.exit_code, 5);
        cf_future_release(future);
        cf_future_release(other);
        cf_executor_destroy(executor);
    }
    atomic_store(&looks, AT_ONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_waits_until_it_may_be_sent),
        cmocka_unit_test(the_zygote_tells_of_a_worker_all_the_same),
        cmocka_unit_test(a_lack_of_memory_costs_no_news),
        cmocka_unit_test(what_the_zygote_told_before_its_end_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
