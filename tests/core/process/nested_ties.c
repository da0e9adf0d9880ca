/* SPDX-License-Identifier: MIT */
/* What ties hosts and workers together while their tasks wait for each other:
 * waits that are noted, circles. */
#include "nested_tasks.h"

#include <signal.h>
#include <stdio.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_in_three_workers_end_and_are_no_circle),
        cmocka_unit_test(a_wait_for_one_that_is_gone_is_not_followed),
        cmocka_unit_test(two_children_that_wait_for_each_other_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
