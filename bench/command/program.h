/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

/*
 * The absolute path of the program called `name`: looked up once, so that what
 * runs is what the record says. With a '/' in it, it is a path; else it is
 * looked for along PATH. An element of PATH that is empty or relative, or a
 * folder that everybody may write to, is refused where the search comes to it.
 * NULL: one line has been said. free() it.
 */
char *program_find(const char *name);

#endif
