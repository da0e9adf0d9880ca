/* SPDX-License-Identifier: MIT */
#ifndef CFI_DESK_H
#define CFI_DESK_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "ring.h"

/*
 * The desk at which a worker's tasks ask their host for something: to take a
 * task in, to give one back, how one ended. It lies in the worker's region
 * behind the rings and has two windows, each for one question at a time:
 *
 *      worker                                host
 *      fills question and bytes, asked = n
 *      rings; sleeps while answered != n     copies, acts, fills the reply,
 *                                            answered = n, wakes
 *
 *      CFI_WINDOW_NOW     is answered at once
 *      CFI_WINDOW_LATER   "what has ended?" is answered when something has
 *
 * As with the rings each word has one writer, and either side may vanish
 * between any two instructions. Nothing of it is touched, or has memory, before
 * the worker's first question.
 */
#define CFI_WINDOW_BYTES ((size_t)1 << 15)

enum { CFI_WINDOW_NOW, CFI_WINDOW_LATER, CFI_WINDOWS };

enum cfi_question_kind {
    CFI_ASK_PARCEL = 1, /* keeps bytes for the submit that follows         */
    CFI_ASK_SUBMIT,     /* a task comes in: a child of the worker's        */
    CFI_ASK_CANCEL,     /* takes a child back for good                     */
    CFI_ASK_BORROW,     /* takes a child back, to be run by who asks       */
    CFI_ASK_RETURN,     /* one that was borrowed has ended                 */
    CFI_ASK_STARTED,    /* has a child started?                            */
    CFI_ASK_STOP,       /* ends a child that has                           */
    CFI_ASK_WAIT,       /* the task will wait for a child for ever         */
    CFI_ASK_SLEEP,      /* it sleeps for these, and those asked before     */
    CFI_ASK_WAKE,       /* it does not any more, nor wait                  */
    CFI_ASK_SHUTDOWN,   /* the executor takes no more tasks                */
    CFI_ASK_UNREAD,     /* keeps an error that no task has read            */
    CFI_ASK_NEWS,       /* which child has ended, and how? Later           */
    CFI_ASK_MORE,       /* the next bytes of that                          */
};

enum cfi_submit_detail {
    CFI_SUBMIT_BY_TASK = 1,   /* by the worker's task; else another thread   */
    CFI_SUBMIT_TO_QUEUE = 2,  /* a full one too: it has no room to run it    */
    CFI_SUBMIT_UNBOUNDED = 4, /* of an array, for which there is no bound   */
};

struct cfi_question {
    uint32_t kind;
    uint32_t detail;     /* RETURN: enum cf_status; SHUTDOWN: how; PARCEL:
                           1 for the first of several; SUBMIT: of enum
                           cfi_submit_detail                              */
    uint64_t id;         /* of the child                                   */
    uint64_t bytes;      /* so many in the window                          */
    uint64_t all_bytes;  /* SUBMIT, PARCEL: of the argument and the name   */
    uint64_t name_bytes; /* of these, its NUL included                   */
    uint64_t token;      /* SUBMIT: the worker's name for it             */
    struct cfi_code_address function;
    int64_t timeout_ns;
    int64_t grace_ns;
    uint32_t retries;
    uint32_t retry_on;
};

/* UNREAD, in the window; behind it name, message, file and backtrace, with a
 * NUL each. */
struct cfi_unread {
    uint32_t status; /* enum cf_status */
    int32_t code;
    int32_t line;
    int32_t signal;
    int32_t exit_code;
    uint32_t is_out_of_memory;
    uint32_t rung;
    int64_t pid;
    int64_t peak_bytes;
    uint64_t fault_address;
};

enum { CFI_UNREAD_TEXTS = 4 };

struct cfi_reply {
    uint32_t status; /* enum cf_status; `why` tells more                */
    uint32_t is_yes; /* BORROW, CANCEL: it came back; STARTED: it has;
                          SUBMIT: run it yourself; SLEEP: somebody may
                          stand in                                        */
    uint64_t id;     /* SUBMIT: of the new child                        */
    uint64_t token;  /* NEWS: of which child                            */
    uint64_t bytes;  /* NEWS, MORE: so many in the window               */
    struct cfi_report report; /* NEWS: `bytes` there are those of all pieces;
                                 behind message and file a backtrace       */
    struct cfi_stamps stamps; /* NEWS, where times are recorded */
    uint32_t worker;
    uint32_t attempt;
    int32_t signal;
    int32_t exit_code;
    int64_t peak_bytes;
    uint64_t fault_address;
    uint32_t is_out_of_memory;
    uint32_t rung;
    char why[200];
};

struct cfi_window {
    alignas(64) _Atomic uint32_t asked;    /* by the worker */
    alignas(64) _Atomic uint32_t answered; /* by the host; slept on */
    struct cfi_question question;
    struct cfi_reply reply;
    alignas(64) unsigned char bytes[CFI_WINDOW_BYTES];
};

struct cfi_desk {
    struct cfi_window windows[CFI_WINDOWS];
};

#endif
