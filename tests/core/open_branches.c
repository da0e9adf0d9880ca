/* SPDX-License-Identifier: MIT */
/* Branches whose task cannot join them any more, and other workers have. */
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include "meeting.h"

static struct cf_branch forgotten; /* outlives the task that leaves it */

static enum cf_status leave_open(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct meeting *meeting = *(struct meeting *const *)arg;
    (void)arg_bytes;

    cf_branch_fork(task, &forgotten, meet_task, meeting);
    await(&meeting->branch); /* it was taken */
    sem_post(&meeting->task);
    return cf_return(task, NULL, 0);
}

static void a_task_does_not_end_before_what_it_has_left_open(void **state)
{
    struct cf_executor *executor = start(2, true);
    struct meeting meeting, *at = &meeting;
    struct cf_error error;
    (void)state;

    meeting_make(&meeting);
    struct cf_future *future = submit(executor, leave_open, &at, sizeof at);
    assert_int_equal(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_INVALID);
    assert_int_equal(meeting.result, 1);
    cf_future_release(future);
    meet_twice(executor);
    cf_executor_destroy(executor);
}

/* Both say that they are there, wait, and say that they go. */
struct lost {
    sem_t here;
    sem_t may_go;
};

static enum cf_status be_lost(struct cf_task *task, void *arg)
{
    struct lost *lost = arg;
    (void)task;

    sem_post(&lost->here);
    await(&lost->may_go);
    sem_post(&lost->here);
    return CF_OK;
}

static enum cf_status be_lost_in_two(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    struct lost *lost = *(struct lost *const *)arg;
    struct cf_branch branch;
    (void)arg_bytes;

    cf_branch_fork(task, &branch, be_lost, lost);
    be_lost(task, lost);
    if (cf_branch_join(task, &branch) != CF_OK)
        return cf_raise(task, 1, "a branch was lost");
    return cf_return(task, NULL, 0);
}

static void an_executor_ends_without_a_lost_task_and_its_branch(void **state)
{
    struct cf_executor *executor = start(2, true);
    static struct lost lost; /* they may look at it after the test */
    struct lost *at = &lost;
    (void)state;

    sem_init(&lost.here, 0, 0);
    sem_init(&lost.may_go, 0, 0);
    struct cf_future *future = submit(executor, be_lost_in_two, &at, sizeof at);
    await(&lost.here);
    await(&lost.here);
    assert_int_equal(cf_stop(future, 0), CF_OK);
    assert_int_equal(cf_result(future, CF_FOREVER, NULL, 0), CF_STOPPED);
    cf_executor_destroy(executor); /* both are there still */
    sem_post(&lost.may_go);
    sem_post(&lost.may_go);
    await(&lost.here);
    await(&lost.here);
    cf_future_release(future);
}

static enum cf_status add_one(struct cf_task *task, void *arg)
{
    (void)task;
    ++*(int *)arg;
    return CF_OK;
}

/* A task that forks its process while another worker has its branch. */
static enum cf_status fork_the_process(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct meeting *meeting = *(struct meeting *const *)arg;
    struct cf_branch taken, own;
    int ran = 0, exit_status;
    (void)arg_bytes;

    cf_branch_fork(task, &taken, meet_task, meeting);
    await(&meeting->branch);
    pid_t child = fork();
    if (child == 0) {
        bool is_told = cf_branch_join(task, &taken) == CF_BROKEN;
        cf_branch_fork(task, &own, add_one, &ran);
        bool is_run = cf_branch_join(task, &own) == CF_OK && ran == 1;
        _exit(is_told && is_run ? 7 : 1);
    }
    waitpid(child, &exit_status, 0);
    sem_post(&meeting->task);
    int right = cf_branch_join(task, &taken) == CF_EXCEPTION &&
                WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == 7;
    return cf_return(task, &right, sizeof right);
}

static void a_forked_child_is_told_of_a_branch_that_it_has_not(void **state)
{
    struct cf_executor *executor = start(2, true);
    struct meeting meeting, *at = &meeting;
    int right;
    (void)state;

    meeting_make(&meeting);
    struct cf_future *future =
        submit(executor, fork_the_process, &at, sizeof at);
    assert_int_equal(cf_result(future, CF_FOREVER, &right, sizeof right),
                     CF_OK);
    assert_true(right);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_does_not_end_before_what_it_has_left_open),
        cmocka_unit_test(an_executor_ends_without_a_lost_task_and_its_branch),
        cmocka_unit_test(a_forked_child_is_told_of_a_branch_that_it_has_not),
    };
    return cmocka_run_group_tests_name("open branches", tests, NULL, NULL);
}
