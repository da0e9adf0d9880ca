/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_ECHO_SERVER_H
#define CFBENCH_ECHO_SERVER_H

/*
 * A server on loopback that sends back what it gets, any number of connections
 * side by side, in a process and on one thread of its own.
 */
#include <stdint.h>

#include "attendant.h"

enum {
    /* So much may be under way on a connection before its sender must read. */
    WL_ECHO_BYTES_MAX = 64 << 10,
};

struct wl_echo_server {
    struct wl_attendant attendant;
    uint16_t port;
};

/* Starts it. The caller has one thread. CF_OK: it is listening. CF_SYSTEM, with
 * one line in `why`. */
CF_MUST_CHECK
enum cf_status wl_echo_server_start(struct wl_echo_server *server, char *why,
                                    size_t why_bytes);

/* Ends it and waits until it is gone. Does nothing in a fork of the owner. */
void wl_echo_server_stop(struct wl_echo_server *server);

#endif
