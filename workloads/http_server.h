/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_HTTP_SERVER_H
#define CFBENCH_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include <cf/status.h>

#include "attendant.h"

/*
 * A web server on loopback in a process of its own, so that its CPU time is not
 * the client's. It ends with wl_http_server_stop(), and with the process that
 * started it, however that ends.
 */
struct wl_http_server {
    struct wl_attendant attendant;
    uint16_t port;
};

/*
 * Starts it: every GET is answered with the `bytes` bytes at `body` after
 * `delay_ms`, any number of them side by side. The caller has one thread.
 * CF_OK: it is listening. CF_SYSTEM, with one line in `why`.
 */
CF_MUST_CHECK
enum cf_status wl_http_server_start(struct wl_http_server *server,
                                    const void *body, size_t bytes,
                                    double delay_ms, char *why,
                                    size_t why_bytes);

/* Ends it and waits until it is gone. Does nothing in a fork of the owner. */
void wl_http_server_stop(struct wl_http_server *server);

#endif
