/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_STOP_H
#define PLOTS_STOP_H

/*
 * Ctrl-C, SIGTERM and SIGHUP while files lie about that nobody wants: the first
 * one asks to stop, and drawing fails from then on, so that the way of every
 * trouble clears up; the next one of its kind ends the program as usual.
 */
#include <poll.h>
#include <stdbool.h>

/* From now on. A signal that was ignored (nohup) stays ignored. */
void stop_catch(void);

bool stop_is_asked(void);

/* poll() of one descriptor that also returns, as interrupted, when it is asked,
 * or has been. */
int stop_poll(struct pollfd *ready, int limit_ms);

/* If it is: ends the program by that very signal, so that a shell sees what
 * happened. Else returns. */
void stop_end(void);

#endif
