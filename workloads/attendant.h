/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_ATTENDANT_H
#define CFBENCH_ATTENDANT_H

/*
 * A process beside the one that measures: a server, or whoever clears up. Its
 * CPU time is not the owner's, and it learns of the owner's end, however that
 * comes.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cf/status.h>

struct wl_attendant {
    pid_t pid;
    pid_t owner;
};

/*
 * What the attendant does, from its first to its last moment. Once it is ready
 * it writes one uint32_t to `ready_fd`, anything but 0, and closes it;
 * `owner_fd` becomes readable when the owner has ended, which is when it should
 * return. It has no other descriptor but /dev/null as 0, 1 and 2, may have as
 * many as the system allows, has no signal handler, and does not mind SIGINT,
 * SIGTERM, SIGHUP and SIGPIPE.
 */
typedef void wl_attend(void *context, int ready_fd, int owner_fd);

/*
 * Starts one and waits until it is ready: `*ready` is what it wrote. The caller
 * has one thread. CF_OK; or CF_SYSTEM with one line in `why` that begins with
 * `what`.
 */
CF_MUST_CHECK
enum cf_status wl_attendant_start(struct wl_attendant *attendant,
                                  const char *what, wl_attend *attend,
                                  void *context, uint32_t *ready, char *why,
                                  size_t why_bytes);

/* Kills it and waits until it is gone. Does nothing in a fork of the owner,
 * and nothing when it is called again. */
void wl_attendant_stop(struct wl_attendant *attendant);

#endif
