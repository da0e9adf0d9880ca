/* SPDX-License-Identifier: MIT */
/* Signals belong to the process, so what they leave behind does too. */
#include "stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

static volatile sig_atomic_t first;

static void on_signal(int number)
{
    if (first == 0)
        first = number;
}

void stop_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction before;

        sigaction(signals[i], NULL, &before);
        if (before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

bool stop_is_asked(void)
{
    return first != 0;
}

int stop_poll(struct pollfd *ready, int limit_ms)
{
    const struct timespec limit = {.tv_sec = limit_ms / 1000,
                                   .tv_nsec = limit_ms % 1000 * 1000000L};
    sigset_t ours, before;
    int got = -1, error = EINTR;

    /* Blocked between the question and the wait, or one there is missed. */
    sigemptyset(&ours);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&ours, signals[i]);
    sigprocmask(SIG_BLOCK, &ours, &before);
    if (!stop_is_asked()) {
        got = ppoll(ready, 1, &limit, &before);
        error = errno;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return got;
}

void stop_end(void)
{
    if (first == 0)
        return;
    fflush(stdout);
    signal(first, SIG_DFL);
    raise(first);
}
