/* SPDX-License-Identifier: MIT */
#ifndef INHERITED_H
#define INHERITED_H

#include "shared.h"

/* What a process has when it forks: one worker, which stands at a gate. */
struct inherited {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *done;
    int64_t done_pid;          /* where it ran                             */
    struct cf_future *failed;  /* unread                                   */
    struct cf_future *blocked; /* at the gate; on CF_SERIAL a promise, too */
    struct cf_future *promise;
    struct cf_future *unwatched;   /* a promise that nobody has looked at */
    struct cf_iterator *completed; /* of `blocked` and `promise` */
    struct cf_iterator *map;       /* of no item                 */
    struct cf_iterator *pulled;
    int on_errors; /* calls of the handler */
};

/* Makes all of it by means of `create`. */
typedef enum cf_status create_function(const struct cf_backend *backend,
                                       const struct cf_options *options,
                                       struct cf_executor **executor);
void inherited_make(struct inherited *inherited, create_function *create,
                    const struct cf_backend *backend);
void inherited_release(struct inherited *inherited);

/* Forks; the child makes every call of the library with it, and has to end.
 * Fails with the name of the call that did not answer as it should. */
void inherited_try(struct inherited *inherited);

#endif
