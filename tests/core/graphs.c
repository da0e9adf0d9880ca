/* SPDX-License-Identifier: MIT */
/*
 * graphs [SEED [ROUNDS]]: random graphs of waits without a circle, over several
 * executors with few workers and threads enough to spare. A task waits for the
 * futures of earlier tasks, for promises that any task keeps which comes before
 * it in a random order, and for tasks of its own. All end, whoever sleeps first.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared.h"

#define HOUR_NS 3600000000000LL

enum {
    MOST_TASKS = 40,
    MOST_EXECUTORS = 3,
    MOST_WAITS = 3,
    GIVE_UP_S = 20, /* a round takes a millisecond */
};

enum kind { FOR_EVER, FOR_AN_HOUR, BY_WAIT, FOR_BOTH, KINDS };

struct node {
    struct cf_executor *executor;
    struct cf_future *future;
    struct cf_future *promise; /* kept at its end */
    unsigned place;            /* in the order: waits lead to lower ones */
    unsigned sleep_us, inner, waits;
    struct {
        int on;
        enum kind kind;
        bool by_future;
    } wait[MOST_WAITS];
};

static struct node nodes[MOST_TASKS];
static uint32_t seed;

static unsigned draw(uint32_t *state, unsigned below)
{
    *state ^= *state << 13; /* Marsaglia 2003, "Xorshift RNGs" */
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

static enum cf_status wait_for(const struct node *on, enum kind kind,
                               bool by_future)
{
    struct cf_future *both[] = {by_future ? on->future : on->promise,
                                on->promise};

    switch (kind) {
    case FOR_EVER:
        return cf_result(both[0], CF_FOREVER, NULL, 0);
    case FOR_AN_HOUR:
        return cf_result(both[0], HOUR_NS, NULL, 0);
    case BY_WAIT:
        return cf_wait(both, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL);
    default:
        return cf_wait(both, 2, CF_ALL_COMPLETED, CF_FOREVER, NULL);
    }
}

static enum cf_status nothing(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    return CF_OK;
}

/* One with a limit never runs inside its waiter's wait, nor does any in a wait
 * with a time-out. */
static enum cf_status wait_for_own(struct cf_task *task, unsigned number)
{
    struct cf_call call = {.timeout_ns = number % 3 == 0 ? HOUR_NS : 0};
    struct cf_future *future;
    enum cf_status status = cf_submit_call(cf_task_executor(task), nothing,
                                           NULL, 0, &call, &future);

    if (status != CF_OK)
        return status;
    status = cf_result(future, number % 2 ? CF_FOREVER : HOUR_NS, NULL, 0);
    cf_future_release(future);
    return status;
}

static enum cf_status visit(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    const struct node *node = *(const struct node *const *)arg;
    enum cf_status status = CF_OK;

    (void)arg_bytes;
    if (node->sleep_us > 0)
        usleep(node->sleep_us);
    for (unsigned i = 0; i < node->waits && status == CF_OK; i++)
        status = wait_for(&nodes[node->wait[i].on], node->wait[i].kind,
                          node->wait[i].by_future);
    for (unsigned i = 0; i < node->inner && status == CF_OK; i++)
        status = wait_for_own(task, i);
    if (status == CF_OK)
        status = cf_future_set_result(node->promise, NULL, 0);
    return status == CF_OK ? CF_OK
                           : cf_raise(task, 1, "%s: %s", cf_status_name(status),
                                      cf_last_error().text);
}

static struct cf_executor *draw_executor(uint32_t *state)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 1 + draw(state, 3),
                                 .max_spare_workers = 2 * MOST_TASKS};

    if (draw(state, 4) == 0)
        options.idle_timeout_ns = 100000;
    if (draw(state, 5) == 0)
        options.max_tasks_per_worker = 1 + draw(state, 5);
    options.start_all = draw(state, 6) == 0;
    assert_status(cf_executor_create(draw(state, 5) == 0 ? CF_GIL : CF_THREAD,
                                     &options, &executor),
                  CF_OK);
    return executor;
}

static void draw_graph(uint32_t *state, int tasks,
                       struct cf_executor *const *executors, unsigned count)
{
    for (int i = 0; i < tasks; i++) {
        nodes[i] = (struct node){.executor = executors[draw(state, count)],
                                 .place = draw(state, 1u << 30)};
        assert_status(cf_future_create(&nodes[i].promise), CF_OK);
    }
    for (int i = 0; i < tasks; i++) {
        struct node *node = &nodes[i];
        node->sleep_us = draw(state, 10) == 0 ? draw(state, 300) : 0;
        node->inner = draw(state, 4) == 0 ? draw(state, 4) : 0;
        for (unsigned k = draw(state, MOST_WAITS + 1); k > 0; k--) {
            int on = (int)draw(state, (unsigned)tasks);
            if (nodes[on].place >= node->place)
                continue;
            node->wait[node->waits].on = on;
            node->wait[node->waits].kind = (enum kind)draw(state, KINDS);
            node->wait[node->waits++].by_future = on < i && draw(state, 2);
        }
    }
}

static void run_round(uint32_t *state)
{
    struct cf_executor *executors[MOST_EXECUTORS];
    unsigned count = 1 + draw(state, MOST_EXECUTORS);
    int tasks = 3 + (int)draw(state, MOST_TASKS - 3);

    for (unsigned i = 0; i < count; i++)
        executors[i] = draw_executor(state);
    draw_graph(state, tasks, executors, count);
    for (int i = 0; i < tasks; i++) {
        struct node *node = &nodes[i];
        node->future = submit(node->executor, visit, &node, sizeof node);
        if (draw(state, 15) == 0)
            usleep(draw(state, 200));
        if (draw(state, 20) == 0)
            assert_status(cf_set_workers(executors[draw(state, count)],
                                         1 + draw(state, 4)),
                          CF_OK);
    }
    for (int i = 0; i < tasks; i++)
        assert_status(cf_result(nodes[i].future, CF_FOREVER, NULL, 0), CF_OK);
    for (int i = 0; i < tasks; i++) { /* others waited for it as well */
        cf_future_release(nodes[i].future);
        cf_future_release(nodes[i].promise);
    }
    for (unsigned i = 0; i < count; i++)
        cf_executor_destroy(executors[i]);
}

static void tell_seed(int signal)
{
    char text[64];
    int length = snprintf(text, sizeof text,
                          "a graph of waits does not end: graphs %u 1\n", seed);

    if (write(STDERR_FILENO, text, (size_t)length) == length)
        raise(SIGKILL);
    _exit(signal);
}

static uint32_t first_seed = 1;
static unsigned rounds = 400;

static void all_tasks_of_a_graph_of_waits_end(void **state)
{
    (void)state;
    signal(SIGALRM, tell_seed);
    for (seed = first_seed; seed - first_seed < rounds; seed++) {
        uint32_t drawn = seed * 2654435761u | 1; /* Knuth's: spreads them */
        alarm(GIVE_UP_S);
        run_round(&drawn);
    }
    alarm(0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        first_seed = (uint32_t)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        rounds = (unsigned)strtoul(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_tasks_of_a_graph_of_waits_end),
    };
    return cmocka_run_group_tests_name("graphs", tests, NULL, NULL);
}
