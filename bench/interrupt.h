/* SPDX-License-Identifier: MIT */
#ifndef BENCH_INTERRUPT_H
#define BENCH_INTERRUPT_H

/*
 * Ctrl-C, SIGTERM and SIGHUP as a decision of the run: the first means "start
 * nothing more", the second "end what runs". Only single-threaded programs;
 * one run per process.
 */
#include <stdbool.h>

/* From now on these signals only count. A signal that was ignored when the
 * program started (nohup) stays ignored. False: no descriptor left. */
bool interrupt_catch(void);

/* How many came so far. */
int interrupt_count(void);

/* Readable once one came: to wait for beside other things. */
int interrupt_fd(void);

/* In a forked child: ignore them there; the parent decides. */
void interrupt_ignore(void);

/* In a forked child that its parent interrupts by signals: count them, from 0,
 * whether ignored before or not. False: no descriptor left. */
bool interrupt_restart(void);

/* If one came: ends the program by that very signal, so that a shell sees
 * what happened. Else returns. */
void interrupt_end(void);

#endif
