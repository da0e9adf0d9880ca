/* SPDX-License-Identifier: MIT */
#ifndef MEETING_H
#define MEETING_H

/*
 * Branches that other workers take: they and their tasks meet by semaphores.
 * Where a promise is broken, they never do.
 */
#include <semaphore.h>

#include "shared.h"

static inline struct cf_executor *start(size_t workers, bool start_all)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = workers,
                                 .start_all = start_all};

    assert_int_equal(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    return executor;
}

static inline void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

/* Two that meet: each says that it is there, and waits for the other. */
struct meeting {
    sem_t task;
    sem_t branch;
    int result;
    size_t worker;
};

static inline void meeting_make(struct meeting *meeting)
{
    *meeting = (struct meeting){0};
    sem_init(&meeting->task, 0, 0);
    sem_init(&meeting->branch, 0, 0);
}

static inline enum cf_status meet_task(struct cf_task *task, void *arg)
{
    struct meeting *meeting = arg;

    sem_post(&meeting->branch);
    await(&meeting->task);
    meeting->result++;
    meeting->worker = cf_worker_index(task);
    return cf_raise(task, 1, "only the status is kept");
}

/* The branch ends while the task waits for it, before its join; then another
 * one. */
static inline enum cf_status meet_branch(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    struct meeting *meeting = *(struct meeting *const *)arg;
    struct cf_branch branch;
    int right = 1;
    (void)arg_bytes;

    for (int i = 0; i < 2; i++) {
        cf_branch_fork(task, &branch, meet_task, meeting);
        await(&meeting->branch);
        sem_post(&meeting->task);
        right = right && cf_branch_join(task, &branch) == CF_EXCEPTION &&
                meeting->worker != cf_worker_index(task);
    }
    return cf_return(task, &right, sizeof right);
}

static inline void meet_twice(struct cf_executor *executor)
{
    struct meeting meeting, *at = &meeting;
    int right;

    meeting_make(&meeting);
    struct cf_future *future = submit(executor, meet_branch, &at, sizeof at);
    assert_int_equal(cf_result(future, CF_FOREVER, &right, sizeof right),
                     CF_OK);
    assert_true(right);
    assert_int_equal(meeting.result, 2);
    cf_future_release(future);
}

#endif
