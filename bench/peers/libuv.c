/* SPDX-License-Identifier: MIT */
/* libuv's pool: one per process; results come back through an event loop. In
 * "t4" each producer has a loop of its own. */
#include <uv.h>

#include "peer.h"

static void work(uv_work_t *request)
{
    request->data = request;
}

static void count_done(uv_work_t *request, int status)
{
    peer_check(status == 0 && request->data == request, "a task has not run");
}

static void run_batch(uv_loop_t *loop, uv_work_t *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        requests[i].data = NULL;
        peer_check(uv_queue_work(loop, &requests[i], work, count_done) == 0,
                   "uv_queue_work failed");
    }
    uv_run(loop, UV_RUN_DEFAULT);
}

static void start(const struct peer_run *run)
{
    char count[24];

    snprintf(count, sizeof count, "%zu", run->workers);
    setenv("UV_THREADPOOL_SIZE", count, 1);
}

static void t1(const struct peer_run *run)
{
    uv_work_t *requests = malloc(run->tasks * sizeof *requests);

    start(run);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        run_batch(uv_default_loop(), requests, run->tasks);
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
    }
    free(requests);
}

static void trip(void *context)
{
    uv_work_t request;
    run_batch(context, &request, 1);
}

static void t2(const struct peer_run *run)
{
    start(run);
    peer_trips(run, trip, uv_default_loop());
}

static void produce(void *context)
{
    size_t count = *(const size_t *)context;
    uv_work_t *requests = malloc(count * sizeof *requests);
    uv_loop_t loop;

    peer_check(uv_loop_init(&loop) == 0, "uv_loop_init failed");
    run_batch(&loop, requests, count);
    uv_loop_close(&loop);
    free(requests);
}

static void t4(const struct peer_run *run)
{
    size_t each = run->tasks / PEER_PRODUCERS;

    start(run);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        uv_thread_t threads[PEER_PRODUCERS];
        double begun_s = peer_now_s();
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            uv_thread_create(&threads[i], produce, &each);
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            uv_thread_join(&threads[i]);
        peer_say(pass, each * PEER_PRODUCERS, peer_now_s() - begun_s);
    }
}

static void t6(const struct peer_run *run)
{
    start(run);
    for (int i = 0; i < 1000; i++)
        trip(uv_default_loop());
    peer_idle(run);
}

static const struct peer_case cases[] = {
    {"t1", t1},
    {"t2", t2},
    {"t4", t4},
    {"t6", t6},
};

PEER_MAIN(cases)
