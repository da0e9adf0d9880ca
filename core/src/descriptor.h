/* SPDX-License-Identifier: MIT */
#ifndef CFI_DESCRIPTOR_H
#define CFI_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Descriptors of our own: close-on-exec from birth, never 0, 1 or 2, and noted,
 * so that a process forked for one executor can close those of the others, and
 * one that the user has forked all: else it would keep what they stand for.
 */

/* Makes a new descriptor (negative: an error, passed through) one of ours. */
int cfi_descriptor_adopt(int descriptor);

/* Gives one of ours a high number, another one each time: so that it, once closed,
 * is nothing for long. The same where that cannot be; a negative one is passed
 * through. */
int cfi_descriptor_raise(int descriptor);

/* In a process that we forked: closes all that are noted but these. */
void cfi_descriptors_keep(const int *kept, size_t count);

/* In a process that the user has forked: closes all but what was lent. */
void cfi_descriptors_leave(void);

/* The user has it as well, and may look at it in a process that he forks. */
void cfi_descriptor_lend(int descriptor);

/* A pair of connected SOCK_SEQPACKET sockets. */
bool cfi_socket_pair(int sockets[2]);

/* What refers to a process whatever becomes of its id; -1 on failure. */
int cfi_pidfd_open(pid_t pid);

/* Sends it a signal. False: it may not be, or there is no such descriptor
 * (negative ones are allowed). To one that is dead it is sent in vain. */
bool cfi_pidfd_signal(int pidfd, int signal);

/* Kills the process and waits for its death. A negative one is allowed, and one
 * that is another file by now: neither stands for a process. */
void cfi_pidfd_kill(int pidfd);

/* write(), at which no thread is cancelled; nor at any function here but
 * cfi_pidfd_kill(). */
ssize_t cfi_descriptor_write(int descriptor, const void *bytes, size_t count);

/* Closes `*descriptor`, unless it is negative or another file by now, and makes
 * it -1. */
void cfi_descriptor_close(int *descriptor);

/* Is it one of the last that this process may have, which are the program's? */
bool cfi_descriptor_is_among_last(int descriptor);

/* Which file it is. A task may close what is not its own, and be given that
 * number for something else: what a worker keeps it looks at first. */
struct cfi_file {
    uint64_t device;
    uint64_t inode;
};
bool cfi_descriptor_identify(int descriptor, struct cfi_file *file);
bool cfi_descriptor_is(int descriptor, const struct cfi_file *file);

/*
 * One message with at most one descriptor (-1: none). send() blocks unless
 * `flags` has MSG_DONTWAIT, and raises no SIGPIPE. receive() blocks; returns
 * the bytes, 0 when the other side is gone, -1 on an error; `*descriptor` is
 * -1 where none came.
 */
bool cfi_message_send(int socket, const void *bytes, size_t count,
                      int descriptor, int flags);
ssize_t cfi_message_receive(int socket, void *bytes, size_t count,
                            int *descriptor);

/* The same with up to CFI_MOST_SENT descriptors; `*descriptor_count` is how
 * many there is room for, then how many came. receive() may have MSG_DONTWAIT
 * in its `flags`: -1 then where there is no message. */
#define CFI_MOST_SENT 8
bool cfi_message_send_many(int socket, const void *bytes, size_t count,
                           const int *descriptors, size_t descriptor_count,
                           int flags);
ssize_t cfi_message_receive_many(int socket, void *bytes, size_t count,
                                 int *descriptors, size_t *descriptor_count,
                                 int flags);

#endif
