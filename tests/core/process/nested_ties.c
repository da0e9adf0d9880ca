/* SPDX-License-Identifier: MIT */
/* What ties hosts and workers together while their tasks wait for each other:
 * waits that are noted, circles, callbacks and limits of what workers have
 * caused. */
#include "nested_tasks.h"

#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- waits that are noted --- */

/* int depth -> how many tasks that was: each has two below it. */
static enum cf_status grow(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *branches[2];
    int depth = *(const int *)arg - 1, sum = 1, part = 0;

    (void)arg_bytes;
    if (depth < 0)
        return cf_return(task, &sum, sizeof sum);
    for (size_t i = 0; i < 2; i++)
        if (cf_submit(executor, grow, &depth, sizeof depth, &branches[i]) !=
            CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    for (size_t i = 0; i < 2; i++) {
        if (cf_result(branches[i], CF_FOREVER, &part, sizeof part) != CF_OK)
            return cf_raise(task, 2, "%s", cf_last_error().text);
        sum += part;
        cf_future_release(branches[i]);
    }
    return cf_return(task, &sum, sizeof sum);
}

/* Waiters wait for waiters while these end: none is lost, and no circle is seen
 * where none is. */
static void waits_in_three_workers_end_and_are_no_circle(void **state)
{
    struct cf_executor *executor = full_executor(3);

    (void)state;
    for (int round = 0; round < 20; round++)
        assert_int_equal(int_result(submit_int(executor, grow, 5)), 63);
    cf_executor_destroy(executor);
}

/* Grandparent, parent and child, each in a worker of its own and at a gate. */
struct family {
    struct gate gates[3];
    struct seen *seen;
    char room[65536]; /* so large that the child's memory goes when it ends */
};

static enum cf_status be_in_family(struct cf_task *task,
                                   const struct family *family, size_t place,
                                   cf_function *next)
{
    struct cf_future *future = NULL;
    enum cf_status status = CF_OK;

    if (next != NULL && cf_submit(cf_task_executor(task), next, family,
                                  sizeof *family, &future) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    if (!gate_pass(&family->gates[place]))
        return cf_raise(task, 2, "the gate is broken");
    if (future != NULL)
        status = cf_result(future, CF_FOREVER, NULL, 0);
    cf_future_release(future);
    return status;
}

static enum cf_status be_child(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg_bytes;
    return be_in_family(task, arg, 2, NULL);
}

static enum cf_status be_parent(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const struct family *family = arg;

    (void)arg_bytes;
    family->seen->pids[0] = getpid();
    return be_in_family(task, family, 1, be_child);
}

static enum cf_status be_grandparent(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    (void)arg_bytes;
    return be_in_family(task, arg, 0, be_parent);
}

/* The wait of the one let through is noted in the host: nothing tells when. A
 * slow machine has the test show less, and pass. */
static void let_through(struct gate *gate)
{
    static const struct timespec pause = {.tv_nsec = 50 * MS};

    gate_open(gate, 1);
    nanosleep(&pause, NULL);
}

/* A parent that is stopped does not hear that its child has ended, while the
 * host forgets it: whose turn it then is to wait for the parent does not come
 * upon the child. The address sanitizer would say so. */
static void a_wait_for_one_that_is_gone_is_not_followed(void **state)
{
    static struct family family;
    struct cf_executor *executor;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        gate_make(&family.gates[i]);
    family.seen = shared_memory(sizeof *family.seen);
    executor = full_executor(3);
    struct cf_future *future =
        submit(executor, be_grandparent, &family, sizeof family);
    for (size_t i = 0; i < 3; i++)
        gate_await(&family.gates[i], 1);
    let_through(&family.gates[1]);
    kill(family.seen->pids[0], SIGSTOP);
    let_through(&family.gates[2]);
    assert_serves(executor);
    let_through(&family.gates[0]);
    assert_serves(executor);
    kill(family.seen->pids[0], SIGCONT);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    for (size_t i = 0; i < 3; i++)
        gate_close(&family.gates[i]);
}

/* --- circles --- */

/* A worker keeps what its task has submitted for the tasks that come later. */
static struct cf_future *kept;

static enum cf_status wait_for_the_kept_one(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    const struct plan *plan = arg;
    struct seen *seen = plan->seen;
    (void)arg_bytes;

    seen->pids[plan->number] = getpid();
    if (!gate_pass(&plan->gate))
        return cf_raise(task, 1, "the gate is broken");
    seen->codes[plan->number] = (int)cf_result(kept, CF_FOREVER, NULL, 0);
    snprintf(seen->texts[plan->number], sizeof seen->texts[0], "%s",
             cf_last_error().text);
    return cf_raise(task, 2, "it could not wait");
}

/* Keeps one that waits for what its worker keeps; tells where this is. */
static enum cf_status keep_one(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    const struct plan *plan = arg;
    struct cf_call call = {.name = plan->number == 0 ? "hen" : "egg"};
    int pid = getpid();

    if (!gate_pass(&plan->own_gate))
        return cf_raise(task, 1, "the gate is broken");
    if (cf_submit_call(cf_task_executor(task), wait_for_the_kept_one, arg,
                       arg_bytes, &call, &kept) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    if (!gate_pass(&plan->own_gate))
        return cf_raise(task, 1, "the gate is broken");
    return cf_return(task, &pid, sizeof pid);
}

/*
 * The egg's keeper ends first, so that its worker runs the hen, who was there
 * before the egg; she then waits there for the egg, which runs where she is
 * kept. What is behind the keepers at first keeps both out of their rings.
 */
static void let_two_wait_for_each_other(void)
{
    struct plan hen = plan_of(0), egg = hen;
    struct cf_future *keepers[2], *behind[2];

    egg.number = 1;
    gate_make(&hen.own_gate);
    gate_make(&egg.own_gate);
    struct cf_executor *executor = full_executor(2);
    keepers[0] = submit(executor, keep_one, &hen, sizeof hen);
    keepers[1] = submit(executor, keep_one, &egg, sizeof egg);
    gate_await(&hen.own_gate, 1);
    gate_await(&egg.own_gate, 1);
    for (int i = 0; i < 2; i++)
        behind[i] = submit_int(executor, square, i);
    gate_open(&hen.own_gate, 1);
    gate_await(&hen.own_gate, 1);
    gate_open(&egg.own_gate, 1);
    gate_await(&egg.own_gate, 1);
    gate_open(&egg.own_gate, 1);
    int egg_keeper = int_result(keepers[1]);
    gate_await(&hen.gate, 1);
    gate_open(&hen.own_gate, 1);
    int hen_keeper = int_result(keepers[0]);
    gate_await(&hen.gate, 1);
    gate_open(&hen.gate, 2);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);

    const struct seen *seen = hen.seen;
    assert_int_equal(seen->pids[0], egg_keeper);
    assert_int_equal(seen->pids[1], hen_keeper);
    assert_int_equal(seen->codes[0] + seen->codes[1],
                     CF_DEADLOCK + CF_EXCEPTION);
    int refused = seen->codes[0] == CF_DEADLOCK ? 0 : 1;
    assert_string_equal(seen->texts[refused],
                        refused == 0 ? "a circle of waits: hen waits for egg "
                                       "waits for hen"
                                     : "a circle of waits: egg waits for hen "
                                       "waits for egg");
    for (int i = 0; i < 2; i++)
        assert_int_equal(int_result(behind[i]), i * i);
    cf_executor_destroy(executor);
    gate_close(&hen.gate);
    gate_close(&hen.own_gate);
    gate_close(&egg.own_gate);
}

/* Several times: either may be the first to sleep. */
static void two_children_that_wait_for_each_other_are_told(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        let_two_wait_for_each_other();
}

/* --- callbacks --- */

struct witness {
    struct cf_future *other;
    enum cf_status status;
    sem_t seen;
};

/* cf_wait() hears of an end by who looks at the rings, and by nobody else. */
static void wait_for_the_other(struct cf_future *future, void *context)
{
    struct witness *witness = context;

    (void)future;
    witness->status =
        cf_wait(&witness->other, 1, CF_ALL_COMPLETED, 5000 * MS, NULL);
    sem_post(&witness->seen);
}

static enum cf_status shut_down_at_the_gate(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    const struct plan *plan = arg;

    (void)arg_bytes;
    if (!gate_pass(&plan->gate))
        return cf_raise(task, 1, "the gate is broken");
    if (cf_shutdown(cf_task_executor(task), CF_SHUTDOWN_CANCEL, 0) !=
        CF_TIMEOUT)
        return cf_raise(task, 2, "it has ended");
    return CF_OK;
}

static void callbacks_of_what_a_worker_cancels_may_wait(void **state)
{
    struct plan plan = plan_of(0);
    struct cf_executor *executor = lazy_executor(1);
    struct witness witness = {
        .other = submit(executor, shut_down_at_the_gate, &plan, sizeof plan)};

    (void)state;
    gate_await(&plan.gate, 1);
    sem_init(&witness.seen, 0, 0);
    struct cf_future *pending = submit_int(executor, square, 3);
    assert_status(cf_add_done_callback(pending, wait_for_the_other, &witness),
                  CF_OK);
    gate_open(&plan.gate, 1);
    sem_wait(&witness.seen);
    assert_status(witness.status, CF_OK);
    assert_true(cf_cancelled(pending));
    assert_status(cf_result(witness.other, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(witness.other);
    cf_future_release(pending);
    sem_destroy(&witness.seen);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

/* What a task leaves to a callback. */
static struct {
    struct plan plan;
    struct cf_executor *executor;
} left;

/* One for the other worker, one for the queue, one that has to run here. */
static void submit_three(struct cf_future *future, void *context)
{
    struct cf_future *stands;

    (void)future, (void)context;
    for (int i = 0; i < 3; i++)
        if (cf_submit(left.executor, stand, &left.plan, sizeof left.plan,
                      &stands) == CF_OK)
            cf_future_release(stands);
}

static enum cf_status leave_a_callback(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    const int three = 3;
    struct cf_future *child;

    memcpy(&left.plan, arg, arg_bytes);
    left.executor = cf_task_executor(task);
    if (cf_submit(left.executor, square, &three, sizeof three, &child) !=
            CF_OK ||
        cf_add_done_callback(child, submit_three, NULL) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    cf_future_release(child);
    return gate_pass(&left.plan.own_gate) ? CF_OK
                                          : cf_raise(task, 2, "no gate");
}

static void what_a_callback_runs_itself_may_outlast_the_task(void **state)
{
    struct plan plan = plan_of(0);
    struct cf_options options = {
        .max_workers = 2, .max_pending = 1, .start_method = CF_START_FORK};
    struct cf_executor *executor;

    (void)state;
    gate_make(&plan.own_gate);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *parent =
        submit(executor, leave_a_callback, &plan, sizeof plan);
    gate_await(&plan.own_gate, 1);
    gate_await(&plan.gate, 2);
    gate_open(&plan.own_gate, 1);
    assert_string_equal(error_of(parent).message, "");
    cf_future_release(parent);
    gate_await(&plan.gate, 1); /* where the parent was */
    gate_open(&plan.gate, 3);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(cf_executor_stats(executor).crashed, 0);
    assert_int_equal(cf_executor_stats(executor).succeeded, 5);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
    gate_close(&plan.own_gate);
}

/* --- limits --- */

/* Fills the queue, then submits what has a limit and needs one. */
static enum cf_status submit_beyond_the_queue(struct cf_task *task,
                                              const void *arg, size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_call limited = {.timeout_ns = 30 * MS};
    struct cf_future *first, *second;

    if (cf_submit(executor, square, arg, arg_bytes, &first) != CF_OK ||
        cf_submit_call(executor, loop, arg, arg_bytes, &limited, &second) !=
            CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(second, CF_FOREVER, NULL, 0);
    cf_future_release(second);
    cf_future_release(first);
    return cf_raise(task, (int)status, "how it ended");
}

static void a_limit_is_kept_where_the_queue_is_full(void **state)
{
    struct cf_executor *executor;

    (void)state;
    assert_status(cf_executor_create(
                      CF_PROCESS,
                      &(struct cf_options){.max_workers = 1, .max_pending = 1},
                      &executor),
                  CF_OK);
    struct cf_future *future = submit_int(executor, submit_beyond_the_queue, 2);
    assert_int_equal(error_of(future).code, CF_EXPIRED);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_in_three_workers_end_and_are_no_circle),
        cmocka_unit_test(a_wait_for_one_that_is_gone_is_not_followed),
        cmocka_unit_test(two_children_that_wait_for_each_other_are_told),
        cmocka_unit_test(callbacks_of_what_a_worker_cancels_may_wait),
        cmocka_unit_test(what_a_callback_runs_itself_may_outlast_the_task),
        cmocka_unit_test(a_limit_is_kept_where_the_queue_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
