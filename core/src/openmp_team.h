/* SPDX-License-Identifier: MIT */
#ifndef CFI_OPENMP_TEAM_H
#define CFI_OPENMP_TEAM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "eventcount.h"
#include "lock.h"
#include "loop_list.h"
#include "queue.h"

struct cf_executor;
struct cfi_openmp_module;

/* The members and their work; backend_openmp.c has the drawing. */
struct cfi_team {
    struct cf_executor *executor;
    const struct cfi_openmp_module *openmp;
    struct cfi_loop *start; /* where members stand at first             */
    pthread_t entry;        /* the thread that entered the region        */
    _Atomic size_t size;    /* members; 0 until the first of them knows  */
    _Atomic size_t ready;   /* members that have come up                 */
    struct cfi_eventcount started;
    struct cfi_eventcount work; /* a task, a loop, or the end           */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_queue queue; /* tickets: loops that come before */
    struct cfi_loop_list loops;
    bool is_ending;
};

/* What the thread that is to enter the region runs, for a team (`argument`)
 * that is filled in; it returns after the end. */
void *cfi_team_enter(void *argument);

/* Waits until every member is up, since only then their number is known, which
 * is returned. */
size_t cfi_team_await(struct cfi_team *team);

/* Gives all members a loop to pass. */
void cfi_team_append(struct cfi_team *team, struct cfi_loop *loop);

#endif
