/* SPDX-License-Identifier: MIT */
#ifndef SOMEBODY_H
#define SOMEBODY_H

/* Hosts of a user who is not root, who may have only so many descriptors on
 * their way through sockets, in all processes together. */
#include "process.h"

enum { NOT_HERE = 77 };

#define S ((int64_t)1000000000)

/* Runs a host in a child that is that user and may have 200 descriptors: its
 * exit code must be 0, or NOT_HERE, which skips the test. */
void as_somebody(int (*body)(int workers), int workers);

/* Sends descriptors that nobody receives, until no more may be sent. False: more
 * may always be. empty() takes them away. */
bool fill(int sockets[2]);
void empty(int sockets[2]);

cf_function has_buffer; /* -> int: is its first one there? */

#endif
