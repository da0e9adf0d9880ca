/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_HTTP_CLIENT_H
#define CFBENCH_HTTP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

/* What came back: enough to know it, whatever its size. Also a task's output,
 * so without padding. */
struct wl_http_answer {
    uint64_t code;  /* 200                                              */
    uint64_t bytes; /* of the body                                      */
    uint64_t hash;  /* of the body: wl_http_hash() of all, from BEGIN   */
};

#define WL_HTTP_HASH_BEGIN UINT64_C(1)

/* Adler-32, continued over further bytes: a single changed byte always shows,
 * and twins in other languages have it in their libraries. */
uint64_t wl_http_hash(uint64_t hash, const void *bytes, size_t count);

/*
 * Gets `url` over this thread's own connection, which is kept for the next
 * call and closed when the thread ends. Blocks until the answer is there; a
 * server that is silent for 30 s has failed. NULL, or a constant text that
 * says what went wrong.
 */
const char *wl_http_fetch(const char *url, struct wl_http_answer *answer);

/* Closes this thread's connection now. */
void wl_http_close(void);

#endif
