/* SPDX-License-Identifier: MIT */
/*
 * The handler does the two things a handler may: it stores atomics and writes
 * an eventfd. Everything else is decided by whoever reads them. The count is in
 * memory, not in the eventfd, which forked children share with us.
 */
#include "interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

/* Signals belong to the process, so what they leave behind does too. */
static atomic_int count;
static atomic_int first_signal;
static int wake_fd = -1;

static void on_signal(int number)
{
    int saved_errno = errno;
    int none = 0;
    uint64_t one = 1;

    atomic_compare_exchange_strong(&first_signal, &none, number);
    atomic_fetch_add(&count, 1);
    if (write(wake_fd, &one, sizeof one) < 0) {
        /* full: whoever reads it is awake anyway */
    }
    errno = saved_errno;
}

bool interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    if (wake_fd >= 0)
        return true;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        return false;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction before;

        sigaction(signals[i], NULL, &before);
        if (before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    return true;
}

int interrupt_count(void)
{
    return atomic_load(&count);
}

int interrupt_fd(void)
{
    return wake_fd;
}

void interrupt_ignore(void)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        signal(signals[i], SIG_IGN);
    if (wake_fd >= 0)
        close(wake_fd); /* or what the parent is woken by is read here */
    wake_fd = -1;
}

bool interrupt_restart(void)
{
    interrupt_ignore();
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        signal(signals[i], SIG_DFL);
    atomic_store(&count, 0);
    atomic_store(&first_signal, 0);
    return interrupt_catch();
}

void interrupt_end(void)
{
    int number = atomic_load(&first_signal);

    if (number == 0)
        return;
    signal(number, SIG_DFL);
    raise(number);
}
