/* SPDX-License-Identifier: MIT */
#ifndef CF_STATUS_H
#define CF_STATUS_H

#ifdef __GNUC__
#define CF_MUST_CHECK            __attribute__((warn_unused_result))
#define CF_API                   __attribute__((visibility("default")))
#define CF_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CF_MUST_CHECK
#define CF_API
#define CF_PRINTF(string, first)
#endif

/* Around a function that has the name of what it returns: g++ calls that
 * -Wshadow. */
#if defined __cplusplus && defined __GNUC__
#define CF_NAMESAKE_BEGIN                                                      \
    _Pragma("GCC diagnostic push")                                             \
        _Pragma("GCC diagnostic ignored \"-Wshadow\"")
#define CF_NAMESAKE_END _Pragma("GCC diagnostic pop")
#else
#define CF_NAMESAKE_BEGIN
#define CF_NAMESAKE_END
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How a call, or a task, came out. A task's outcome is CF_OK, CF_CANCELLED,
 * CF_EXCEPTION, CF_CRASHED, CF_EXPIRED, CF_BROKEN or CF_STOPPED; of one that
 * was to run in another process also CF_NOMEM (no memory there for its
 * argument) or CF_UNSUPPORTED (its function is not there). The others are
 * refusals of a call. Numbers never change their meaning; later versions may
 * add some at the end.
 */
enum cf_status {
    CF_OK = 0,
    CF_TIMEOUT,     /* not yet: the wait ended, what was awaited goes on     */
    CF_CANCELLED,   /* the task was taken back before it started             */
    CF_EXCEPTION,   /* the task failed: code, message, file, line            */
    CF_CRASHED,     /* the task's worker process died: signal, exit code, pid*/
    CF_EXPIRED,     /* the task ran past a time limit of its own             */
    CF_BROKEN,      /* the executor can run nothing any more                 */
    CF_SHUTDOWN,    /* the executor takes no new tasks                       */
    CF_FULL,        /* a bounded queue is full                               */
    CF_DEADLOCK,    /* this wait could never end                             */
    CF_INVALID,     /* a wrong argument, a buffer too small, a second set    */
    CF_AGAIN,       /* not a single worker could be started; try later       */
    CF_NOMEM,       /* no memory; nothing was changed                        */
    CF_SYSTEM,      /* the system refused: errno is in cf_last_error()       */
    CF_UNSUPPORTED, /* this build, backend or function cannot do it          */
    CF_END,         /* an iterator has no further item                       */
    CF_STOPPED,     /* the task was ended by cf_stop()                       */
};

/* Frees what was handed over to the library. */
typedef void cf_destructor(void *object);

/* The name as in this header, "CF_TIMEOUT"; "CF_?" for a number that is no
 * status. The text is constant. */
CF_API const char *cf_status_name(enum cf_status status);

/* What stood behind the last call of this thread that failed. */
struct cf_last_error {
    enum cf_status status;
    int system_errno; /* 0 where the system had no part in it           */
    const char *text; /* one line; valid until this thread's next failure */
};

/*
 * Tells why the last failing libcf call of this thread failed. Calls that
 * succeed leave it alone. `text` is never NULL. Never blocks, cannot fail.
 */
CF_NAMESAKE_BEGIN
CF_API struct cf_last_error cf_last_error(void);
CF_NAMESAKE_END

#ifdef __cplusplus
}
#endif
#endif
