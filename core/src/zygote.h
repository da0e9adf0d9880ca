/* SPDX-License-Identifier: MIT */
#ifndef CFI_ZYGOTE_H
#define CFI_ZYGOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cf/status.h>

#include "descriptor.h"

struct cf_executor;
struct cfi_board;

/* The host's side of the process that starts workers and reaps them. */
struct cfi_zygote {
    int socket; /* orders out, news in */
    int pidfd;  /* of the zygote       */
    pid_t pid;  /* 0: it is no child of this process */

    /* Who listens is woken by its name, which stays while he sleeps, though the
     * descriptor was closed; -1: it could not be made. */
    int waker;
    unsigned char waker_name[32]; /* a socket's address of ... */
    uint32_t waker_bytes;         /* ... so many               */

    /* what they stood for: a program may close whatever it finds */
    struct cfi_file socket_file;
    struct cfi_file pidfd_file;
    struct cfi_file waker_file;
};

/* Everything about a new worker that is not in its region; or an order to send
 * one a signal. */
struct cfi_worker_order {
    int32_t signal;      /* 0: starts one                                    */
    uint32_t worker;     /* its index                                */
    uint32_t generation; /* how many workers with this index came before */
    uint64_t first_position; /* of the first request in its region       */
    uint64_t most_bytes;     /* it may grow by; 0: no bound              */
    uint32_t record_times;
    uint32_t leads_group; /* of processes, which ends with it            */
};

enum cfi_zygote_event {
    CFI_WORKER_STARTED = 1,
    CFI_WORKER_FAILED, /* to start: `error` is the errno */
    CFI_WORKER_DIED,   /* and was reaped                 */
};

struct cfi_zygote_news {
    uint32_t event;
    uint32_t worker;
    uint32_t generation;
    int32_t pid;
    int32_t error;
    int32_t signal;     /* CFI_WORKER_DIED: what killed it, or 0     */
    int32_t exit_code;  /* CFI_WORKER_DIED: what it left with, or 0  */
    int64_t peak_bytes; /* CFI_WORKER_DIED: of its resident memory  */
};

/*
 * Starts the zygote for the workers of `executor`, which share `board`, by the
 * method that the executor names; where that leaves the choice, it is told
 * what was chosen. What stdout and stderr hold is written first. CF_OK,
 * CF_AGAIN, CF_SYSTEM, CF_NOMEM, CF_UNSUPPORTED.
 */
CF_MUST_CHECK enum cf_status cfi_zygote_create(struct cf_executor *executor,
                                               const struct cfi_board *board,
                                               struct cfi_zygote *zygote);

/* Notes what it is known by, and makes the waker. */
void cfi_zygote_note(struct cfi_zygote *zygote);

/* Is the socket still what it was? */
bool cfi_zygote_is_at_hand(const struct cfi_zygote *zygote);

/* Has a worker started, with its end of what it shares with the host; news
 * tells how that went. False: the zygote is gone, or has too much to read. */
bool cfi_zygote_order(struct cfi_zygote *zygote,
                      const struct cfi_worker_order *order, int region,
                      int post);

/* Sends a worker a signal by its pidfd; where there is none (-1), or that may
 * not be, has who reaps it send it. So it hits nobody else. False: not now, the
 * zygote has too much to read. This blocks as little as order() does: the host's
 * lock is held, so nobody reads news, and a zygote with news that are not read
 * reads no orders. */
CF_MUST_CHECK bool cfi_zygote_signal(struct cfi_zygote *zygote, uint32_t worker,
                                     uint32_t generation, int pidfd,
                                     int signal);

/* Waits for news; `*pidfd` is that of a worker that started, else -1. False:
 * the zygote is gone and all it had to tell was told; or the program has closed
 * the socket. */
bool cfi_zygote_listen(struct cfi_zygote *zygote, struct cfi_zygote_news *news,
                       int *pidfd);

/* No more orders: the zygote ends with its last worker. It gives them a second
 * to leave by themselves. */
void cfi_zygote_dismiss(struct cfi_zygote *zygote);

/* Waits for its end, reaps it and closes what is open. */
void cfi_zygote_finish(struct cfi_zygote *zygote);

#endif
